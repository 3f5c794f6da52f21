#pragma once

#include <QStringList>
#include <QTimer>
#include <QWidget>
#include <array>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "core/base/error.h"
#include "core/table/selection.h"
#include "widgets/space/colour_scheme.h"

namespace driftscope {

namespace space {
class HoverCard;
class Legend;
class Stage3D;
class VtkSurface;
}  // namespace space

/// The 3-D counterpart of EmbeddingView2D, drawn by VTK: same colours, states and signals. Drag orbits, middle or right
/// drag pans, wheel zooms, Shift+drag draws a lasso, click picks, Home or double-click on nothing fits, arrows orbit.
/// While the camera moves, large clouds are drawn as an unbiased sample; at rest everything is drawn.
class EmbeddingView3D : public QWidget {
    Q_OBJECT
  public:
    /// Only where canShow(); use makeEmbeddingView3D().
    explicit EmbeddingView3D(QWidget* parent = nullptr);
    ~EmbeddingView3D() override;
    /// False without an OpenGL 3.2 display (for example on Qt's offscreen platform).
    static bool canShow();

    void setPoints(std::vector<float> x, std::vector<float> y, std::vector<float> z);
    void setAxisTitles(const QString& x, const QString& y, const QString& z);
    void setPlainColour();
    void setCategories(std::vector<int> codes, std::vector<QColor> colours, QStringList names,
                       const QString& title = {});
    void setContinuous(std::vector<float> values, const QString& name,
                       std::optional<std::pair<double, double>> range = {});
    void setClassHidden(std::size_t index, bool hidden);
    void setTrajectories(std::vector<std::vector<std::uint32_t>> rows, std::vector<std::int64_t> steps = {});
    /// With a window (steps before, steps after) only that part of the trajectories is drawn.
    void setCurrentStep(std::optional<std::int64_t> step,
                        std::optional<std::pair<std::int64_t, std::int64_t>> window = {});
    void setTracksVisible(bool visible);
    void setSelection(const IdSet& ids, bool othersFade = true);
    void setFilter(const std::optional<IdSet>& ids);  ///< hides all others
    void setEmphasis(const IdSet& ids);
    void setHover(std::optional<std::uint32_t> id);
    void setHoverContent(std::function<QPixmap(std::uint32_t)> picture,
                         std::function<QString(std::uint32_t)> text = {});

    void fit();
    std::size_t pointCount() const;
    std::size_t skippedCount() const;
    QPointF positionOf(std::uint32_t id) const;  ///< widget pixels; null for points not in front of the camera
    QImage image();                              ///< what is shown, without widgets on top
    /// Writes a .png of the scene; `provenance` goes into its description.
    Result<void> exportImage(const QString& path, const QString& provenance = {});

  Q_SIGNALS:
    void hovered(std::optional<std::uint32_t> id);
    void selectionRequested(const driftscope::IdSet& ids, Qt::KeyboardModifiers modifiers);
    void pointActivated(std::uint32_t id);

  protected:
    bool eventFilter(QObject* object, QEvent* event) override;
    void resizeEvent(QResizeEvent* event) override;
    void changeEvent(QEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;

  private:
    enum class Drag { None, Pending, Orbit, Pan, Lasso };

    void setScheme(space::ColourScheme scheme);
    void applyColours();
    void applyLayers();
    void applyTracks();
    void applyLook();
    void moved();
    void setMoving(bool moving);
    QSize deviceSize() const;
    void press(QMouseEvent* event);
    void move(QMouseEvent* event);
    void release(QMouseEvent* event);
    void hoverAt(const QPointF& position, const QPoint& global);
    std::optional<std::uint32_t> pickAt(const QPointF& position) const;

    space::VtkSurface* surface_ = nullptr;
    std::unique_ptr<space::Stage3D> stage_;
    space::Legend* legend_ = nullptr;
    space::HoverCard* card_ = nullptr;
    QWidget* lassoLine_ = nullptr;
    QTimer restTimer_;

    space::ColourScheme scheme_;
    IdSet selection_, emphasis_;
    bool fades_ = false;
    std::optional<IdSet> filter_;
    std::vector<std::vector<std::uint32_t>> tracks_;
    std::vector<std::int64_t> steps_;
    std::optional<std::pair<std::int64_t, std::int64_t>> window_;
    bool tracksVisible_ = true;
    std::array<QString, 3> titles_;
    std::optional<std::uint32_t> hover_;
    std::function<QPixmap(std::uint32_t)> hoverPicture_;
    std::function<QString(std::uint32_t)> hoverText_;

    Drag drag_ = Drag::None;
    QPointF pressAt_, dragAt_;
    Qt::MouseButton pressButton_ = Qt::NoButton;
    QPolygonF lasso_;
};

/// A 3-D view, or a label saying why there is none here (then `view` is null). The caller owns the widget.
struct View3DOrLabel {
    QWidget* widget = nullptr;
    EmbeddingView3D* view = nullptr;
};
View3DOrLabel makeEmbeddingView3D(QWidget* parent = nullptr);

}  // namespace driftscope
