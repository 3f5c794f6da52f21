#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/base/error.h"
#include "core/base/params.h"
#include "core/io/image.h"
#include "core/io/time_lapse.h"

namespace driftscope::cells {

/// One field of view and the place it gets in a plate.
struct Movie {
    std::shared_ptr<const io::TimeLapse> lapse;
    std::string position;  ///< "A/1/0"; also for plain files, which have no position of their own
};

/// Opens the fields of view at `path`, or only those in `positions`. `warnings` receives what the listing skipped.
/// Errors: nothing there, an unknown position (the known ones are listed), two that would share a position.
Result<std::vector<Movie>> openMovies(const std::filesystem::path& path, const std::vector<std::string>& positions,
                                      std::vector<std::string>& warnings);

/// The channel meant by a name or an index. Errors: neither (the channels are listed).
Result<std::int64_t> findChannel(const io::TimeLapseInfo& info, const std::string& text);

/// Which slice of a stack: an index, or nothing for the maximum over all slices.
using SliceChoice = std::optional<std::int64_t>;
/// "max" or an index. Errors: neither, or beyond the stack.
Result<SliceChoice> findSlice(const io::TimeLapseInfo& info, const std::string& text);

/// One frame of one channel, slices reduced as chosen. Non-finite pixels lose against finite ones.
Result<io::FloatImage> readFrame(const io::TimeLapse& lapse, std::int64_t t, std::int64_t channel, SliceChoice slice);
/// The same for labels; where several slices have objects, the largest label shows.
Result<io::LabelImage> readLabels(const io::TimeLapse& lapse, std::int64_t t, std::int64_t channel, SliceChoice slice);

/// Shape, scale and units of a one-channel mask plate for this movie.
io::TimeLapseInfo maskInfo(const Movie& movie, const std::string& channelName);

/// channel, z and positions: the parameters of every job that reads a movie.
std::vector<ParamSpec> movieParams();

}  // namespace driftscope::cells
