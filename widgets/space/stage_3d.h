#pragma once

#include <QColor>
#include <QPointF>
#include <QPolygonF>
#include <QSize>
#include <QString>
#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "core/table/selection.h"

class vtkRenderer;

namespace driftscope::space {

/// The VTK scene of a 3-D embedding: points in layers (all, selected, emphasised, hovered), tracks, a quiet box with
/// axis names, and the camera. Sizes are device pixels. Knows nothing of Qt widgets.
class Stage3D {
  public:
    explicit Stage3D(vtkRenderer* renderer);
    ~Stage3D();

    /// Points with a non-finite coordinate keep their id but are never shown.
    void setPoints(std::vector<float> x, std::vector<float> y, std::vector<float> z);
    std::size_t size() const { return x_.size(); }
    std::size_t skipped() const { return skipped_; }
    bool empty() const { return size() == skipped(); }

    /// One colour per point.
    void setColours(std::span<const QRgb> colours);
    /// Which points are shown in which layer; `visible` has one entry per point.
    void setLayers(const std::vector<bool>& visible, const IdSet& selected, const IdSet& emphasised);
    void setHover(std::optional<std::uint32_t> id, const QColor& ring);
    /// Polylines through point ids; colours of the vertices, faded by age, towards `ground`.
    void setTracks(const std::vector<std::vector<std::uint32_t>>& tracks, const QColor& ink, const QColor& ground);
    void setLook(const QColor& ground, const QColor& ink, const std::array<QString, 3>& axisNames, double pixelRatio);

    /// While the camera moves only an unbiased sample of at most about kMovingPoints points and of trajectories with
    /// kMovingVertices vertices is drawn.
    void setMoving(bool moving);
    static constexpr std::size_t kMovingPoints = 60000;
    static constexpr std::size_t kMovingVertices = 40000;
    /// More than that: a moving picture is a sample.
    bool isLarge() const { return size() > kMovingPoints || vertices_ > kMovingVertices; }
    /// Device pixels per logical pixel of the picture that is drawn: points, lines and letters keep their size.
    void setPixelRatio(double pixelRatio);

    void fit();
    void orbit(double degreesRight, double degreesUp);
    void zoom(double factor);
    void pan(const QPointF& pixels, const QSize& size);

    /// Pixel (y down) and depth (smaller is nearer) of a point; empty behind the camera.
    struct OnScreen {
        QPointF at;
        double depth;
    };
    std::optional<OnScreen> project(std::uint32_t id, const QSize& size) const;
    /// The nearest shown point within `reach` pixels; among close ones the one nearest to the viewer.
    std::optional<std::uint32_t> pick(const QPointF& pixel, double reach, const QSize& size) const;
    IdSet inside(const QPolygonF& polygon, const QSize& size) const;

  private:
    struct Parts;
    std::array<float, 16> clipMatrix(const QSize& size) const;
    bool isDrawable(std::uint32_t id) const;

    std::unique_ptr<Parts> parts_;
    std::vector<float> x_, y_, z_;
    std::vector<bool> visible_;
    std::size_t skipped_ = 0;
    std::size_t vertices_ = 0;  ///< of all trajectories
    bool moving_ = false;
};

}  // namespace driftscope::space
