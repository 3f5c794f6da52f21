#pragma once

#include <QObject>
#include <cstdint>
#include <memory>
#include <stop_token>
#include <vector>

#include "core/io/time_lapse.h"
#include "widgets/image/compose.h"
#include "widgets/image/frame.h"

namespace driftscope::image {

/// Decodes and composes frames away from the GUI thread. The newest request goes first and gets all cores; while nobody
/// waits, one thread decodes ahead in the direction of scrubbing. Finished frames stay in a cache bounded in bytes, least recently used out first. All
/// functions are for the GUI thread.
class FrameLoader : public QObject {
    Q_OBJECT
  public:
    explicit FrameLoader(QObject* parent = nullptr);
    ~FrameLoader() override;

    /// Both may be null. Forgets everything decoded and every request.
    void setSource(std::shared_ptr<const io::TimeLapse> images, std::shared_ptr<const io::TimeLapse> labels);
    /// Frames already decoded are only composed again.
    void setDisplays(std::vector<ChannelDisplay> displays);
    void setBudget(std::size_t bytes);

    /// Asks for frame t, slice z (-1: maximum over slices). `direction` (+1, -1, 0) is where scrubbing goes. Returns
    /// the frame when it is ready; else loaded() follows. `sequence` receives the request's number, counting from 1.
    FramePtr request(int t, int z, int direction, std::uint64_t* sequence);
    /// Frames decoded and composed with the current settings, for tests and read-outs.
    int readyFrames() const;
    std::size_t usedBytes() const;

  Q_SIGNALS:
    /// On the GUI thread. A frame may arrive after a newer one: show it only when `sequence` is above the last one
    /// shown.
    void loaded(quint64 sequence, driftscope::image::FramePtr frame);

  private:
    struct State;
    void serve(const std::stop_token& stop);
    void prepare(const std::stop_token& stop);
    void deliver(std::uint64_t generation, std::uint64_t sequence, FramePtr frame);

    std::unique_ptr<State> state_;
};

}  // namespace driftscope::image
