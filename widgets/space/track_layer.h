#pragma once

#include <QImage>
#include <QRectF>
#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "widgets/space/line_raster.h"
#include "widgets/space/projection.h"

namespace driftscope {
class ThreadTeam;
}

namespace driftscope::space {

class PointCloud;

/// Trajectories as polylines, drawn into the image that lies under the points: old parts pale, recent parts strong.
/// Only what is in view and inside the time window is drawn.
class TrackLayer {
  public:
    using Deadline = std::chrono::steady_clock::time_point;

    struct Frame {
        QSize size;                                                   ///< device pixels
        ViewTransform view;                                           ///< device pixels
        std::optional<std::pair<std::int64_t, std::int64_t>> window;  ///< first and last step shown; none is all
        QRgb background = 0xFFFFFFFFU;
        QRgb line = 0xFF000000U;       ///< colour of the newest part
        float width = 1;               ///< device pixels, when antialiased
        const QImage* base = nullptr;  ///< drawn over this instead of the background; same size as image()
        unsigned sample = 256;         ///< tracks drawn of every 256, an unbiased choice
        unsigned stride = 1;           ///< every how manieth vertex is kept; tracks with gaps keep all
    };

    /// Threads to draw with; none draws on the caller's alone. The picture is the same.
    void setTeam(std::shared_ptr<ThreadTeam> team) { team_ = std::move(team); }

    /// `rows` are point ids in step order; `stepOfPoint` is indexed by id (empty: the position along the track counts).
    /// Lines break at points that cannot be drawn.
    void set(const PointCloud& cloud, const std::vector<std::vector<std::uint32_t>>& rows,
             std::span<const std::int64_t> stepOfPoint);
    bool empty() const { return begin_.size() < 2; }
    std::size_t segments() const { return x_.size() - (begin_.empty() ? 0 : begin_.size() - 1); }

    void begin(const Frame& frame);
    bool advance(Deadline deadline);  ///< true when done: image() is the new picture
    /// Laid out with the margin of PixelGrid.
    const QImage& image() const { return front_; }
    const Frame& frame() const { return frame_; }

  private:
    struct Box {
        float left, bottom, right, top;
        bool whole;  ///< no gaps
    };
    /// Rows of the picture that one thread draws at a time, with the tracks that reach into them in drawing order.
    struct Band {
        LineTarget target;
        std::vector<std::uint32_t> tracks;
        std::size_t next = 0;
    };
    /// Vertices [first, last) of a track that are drawn, and how steps become ages.
    struct Part {
        std::size_t first, last;
        std::int64_t from;
        float perStep;
    };
    void planBands();
    void drawBand(Band& band, Deadline deadline) const;
    void drawTrack(std::size_t track, const LineTarget& target) const;
    std::optional<Part> partOf(std::size_t track) const;
    QRgb colourAt(const Part& part, std::size_t vertex) const;
    QRectF onTarget(const Box& box) const;
    void drawInside(const Part& part, std::size_t stride, const LineTarget& target) const;
    void drawSegment(const LineTarget& target, float x0, float y0, float x1, float y1, QRgb colour) const;

    std::shared_ptr<ThreadTeam> team_;
    std::vector<std::size_t> begin_;  ///< track t owns vertices begin_[t] .. begin_[t + 1]
    std::vector<float> x_, y_;
    std::vector<std::int64_t> step_;
    std::vector<Box> boxes_;

    Frame frame_;
    PixelGrid grid_;
    std::vector<QRgb> ages_;  ///< colour by age, oldest first
    QImage front_, back_;
    LineTarget target_{};
    bool smooth_ = true;
    std::vector<Band> bands_;
};

}  // namespace driftscope::space
