#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

#include "core/io/time_lapse.h"
#include "widgets/image/compose.h"
#include "widgets/image/frame.h"

namespace driftscope {
class ThreadTeam;
}

namespace driftscope::image {

/// What frames are made from; copied by each worker for each job.
struct FrameSource {
    std::shared_ptr<const io::TimeLapse> images;
    std::shared_ptr<const io::TimeLapse> labels;  ///< may be null
    std::vector<ChannelDisplay> displays;
    std::uint64_t displayVersion = 0;

    int frames() const { return images ? static_cast<int>(images->info().frames()) : 0; }
};

/// Reads all channels and the mask of one frame and composes the picture. z = -1 takes the maximum over slices; of
/// masks the uppermost labelled slice. Failures end up in Frame::error. The team reads channels, masks, slices and
/// chunks side by side.
FramePtr decode(const FrameSource& source, int t, int z, ThreadTeam& team);
/// The same one after another on the calling thread. `goOn` is asked before every plane and may wait; when it says no,
/// the result is null.
FramePtr decodeAhead(const FrameSource& source, int t, int z, const std::function<bool()>& goOn);
/// The same pixels with the source's current channel settings.
FramePtr recompose(const FrameSource& source, const Frame& frame, ThreadTeam& team);

}  // namespace driftscope::image
