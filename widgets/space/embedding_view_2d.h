#pragma once

#include <QColor>
#include <QPixmap>
#include <QPolygonF>
#include <QStringList>
#include <QTimer>
#include <QWidget>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <thread>
#include <vector>

#include "core/base/error.h"
#include "core/table/selection.h"
#include "widgets/space/arrow_overlay.h"
#include "widgets/space/embedding_scene.h"
#include "widgets/space/view_transform.h"

namespace driftscope {

namespace space {
class HoverCard;
class Legend;
}  // namespace space

/// A scatter plot of an embedding: up to tens of millions of points, their trajectories, and picking by hover, click,
/// lasso and box. Ids are the indices of the points given. The view asks for a selection and shows the one it is given;
/// whoever owns the selection decides.
///
/// Mouse: drag pans (middle, right or Space+drag in any tool), wheel zooms about the cursor, double-click on nothing
/// fits, Shift+drag draws a lasso, click picks. Keys: V pan, L lasso, B box, Home fit, + and - zoom, arrows pan, T
/// tracks, Esc clears, Return opens the point under the cursor. All of them are also actions() of the widget.
class EmbeddingView2D : public QWidget {
    Q_OBJECT
  public:
    enum class Tool { Pan, Lasso, Box };
    Q_ENUM(Tool)
    using TrackScope = space::EmbeddingScene::TrackScope;

    explicit EmbeddingView2D(QWidget* parent = nullptr);
    ~EmbeddingView2D() override;

    /// Replaces all points; colours, states and trajectories of other lengths are dropped. Above 300,000 points the
    /// arrangement runs in the background: arranged() tells when it is done. Non-finite points are skipped and counted.
    void setPoints(std::vector<float> x, std::vector<float> y);
    void setAxisTitles(const QString& x, const QString& y);
    void setKeepAspect(bool keep);  ///< one unit is as long in x as in y (default); off for unlike axes
    void setEmptyText(const QString& text);

    void setPlainColour();
    /// One class per point; negative is missing. Missing colours come from the shared palette.
    void setCategories(std::vector<int> codes, std::vector<QColor> colours, QStringList names,
                       const QString& title = {});
    /// One number per point, viridis; NaN is missing. Without a range, minimum to maximum.
    void setContinuous(std::vector<float> values, const QString& name,
                       std::optional<std::pair<double, double>> range = {});
    void setClassHidden(std::size_t index, bool hidden);

    /// Point ids of each trajectory in step order; steps by point id (empty: the position along the trajectory).
    void setTrajectories(std::vector<std::vector<std::uint32_t>> rows, std::vector<std::int64_t> steps = {});
    void setTrackScope(TrackScope scope);
    TrackScope trackScope() const { return scene_.trackScope(); }
    /// Marks this step on the shown trajectories. With a window (steps before, steps after) only that part is drawn.
    void setCurrentStep(std::optional<std::int64_t> step,
                        std::optional<std::pair<std::int64_t, std::int64_t>> window = {});

    /// Arrows from point to point, over the points and in the colour of the second. Pairs with a point that is hidden or has
    /// no coordinates are left out. setPoints() drops them.
    using Arrow = space::Arrow;
    void setArrows(std::vector<Arrow> arrows);
    const std::vector<Arrow>& arrows() const { return arrows_; }

    void setSelection(const IdSet& ids, bool othersFade = true);
    const IdSet& selection() const { return scene_.selection(); }
    void setFilter(const std::optional<IdSet>& ids);  ///< all others become pale context and cannot be picked
    void setEmphasis(const IdSet& ids);               ///< drawn larger and on top, for example the current frame
    void setHover(std::optional<std::uint32_t> id);   ///< from outside; emits nothing
    /// What the card beside the cursor shows; called at most once per hovered point.
    void setHoverContent(std::function<QPixmap(std::uint32_t)> picture,
                         std::function<QString(std::uint32_t)> text = {});

    void setTool(Tool tool);
    Tool tool() const { return tool_; }
    void fit();  ///< everything in view
    void zoomTo(const IdSet& ids);
    space::ViewTransform view() const { return view_; }  ///< data to widget pixels
    void setView(const space::ViewTransform& view);
    QRect plotRect() const;  ///< where points are drawn, widget pixels

    /// How long drawing may take while the view moves (default 11 ms); beyond it a sample is drawn until the view
    /// rests.
    void setFrameBudget(std::chrono::microseconds budget) { frameBudget_ = budget; }

    std::size_t pointCount() const;
    std::size_t skippedCount() const;  ///< points without finite coordinates
    bool isArranging() const { return arranging_; }
    /// True when the picture shows every point (not a sample drawn while moving).
    bool isComplete() const { return complete_; }
    const space::EmbeddingScene& scene() const { return scene_; }

    /// The selection that a pick with these modifiers asks for: Ctrl adds (or removes when all were selected), Alt
    /// removes.
    static IdSet combined(const IdSet& current, const IdSet& picked, Qt::KeyboardModifiers modifiers);

    /// Writes .png (twice the screen's resolution) or .svg (vector points up to 50,000 in view, else an embedded
    /// picture) with axes and legend; `provenance` goes into the file's description. Errors name the path.
    Result<void> exportImage(const QString& path, const QString& provenance = {}) const;

  Q_SIGNALS:
    void hovered(std::optional<std::uint32_t> id);
    /// What the person picked, not yet combined with the current selection: see combined().
    void selectionRequested(const driftscope::IdSet& ids, Qt::KeyboardModifiers modifiers);
    void pointActivated(std::uint32_t id);  ///< double-click or Return
    void toolChanged(driftscope::EmbeddingView2D::Tool tool);
    void trackScopeChanged();
    void viewChanged();
    void classHidden(std::size_t index, bool hidden);
    void arranged();

  protected:
    void paintEvent(QPaintEvent* event) override;
    void resizeEvent(QResizeEvent* event) override;
    void changeEvent(QEvent* event) override;
    void mousePressEvent(QMouseEvent* event) override;
    void mouseMoveEvent(QMouseEvent* event) override;
    void mouseReleaseEvent(QMouseEvent* event) override;
    void mouseDoubleClickEvent(QMouseEvent* event) override;
    void wheelEvent(QWheelEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;
    void keyReleaseEvent(QKeyEvent* event) override;
    void leaveEvent(QEvent* event) override;
    void focusInEvent(QFocusEvent* event) override;
    void focusOutEvent(QFocusEvent* event) override;

  private:
    enum class Drag { None, Pending, Pan, Lasso, Box };

    void createActions();
    QAction* addTool(const QString& text, const QKeySequence& shortcut, const QString& tip);
    void adopt(std::shared_ptr<const space::PointCloud> cloud);
    void coloursChanged();
    void invalidate();  ///< the picture must be drawn again
    void changeView(const space::ViewTransform& view);
    void renderFrame();
    void refineFrame();
    void placeLegend();
    QRect fitRect() const;
    space::ViewTransform rasterView() const;  ///< data to the raster's device pixels
    QSize rasterSize() const;
    bool hasPicture() const;

    void paintPicture(QPainter& painter, const QRect& dirty);
    void paintOverlays(QPainter& painter);
    void paintMessage(QPainter& painter, const QString& text);
    void paintNotes(QPainter& painter);
    void paintHover(QPainter& painter);

    std::optional<std::uint32_t> pickAt(const QPointF& position) const;
    void hoverAt(const QPointF& position, const QPoint& global);
    void leaveHover();
    QRect hoverRect(std::optional<std::uint32_t> id) const;
    void startDrag(QMouseEvent* event);
    void finishSelection(Qt::KeyboardModifiers modifiers);
    void updateCursor();

    void exportScene(QPainter& painter, double pixelRatio, bool vector) const;
    void paintVectorPoints(QPainter& painter) const;

    space::EmbeddingScene scene_;
    space::ViewTransform view_;
    QString titleX_, titleY_, emptyText_;
    bool keepAspect_ = true;
    bool userView_ = false;  ///< the person moved the view: resizing keeps it instead of fitting again
    Tool tool_ = Tool::Pan;

    std::chrono::microseconds frameBudget_{11000};  // of 16.7 ms per frame
    bool pictureDirty_ = true;
    bool complete_ = false;
    QTimer idleTimer_;    ///< fires when the view has rested
    QTimer refineTimer_;  ///< draws the full picture in slices

    Drag drag_ = Drag::None;
    QPointF pressAt_, dragAt_;
    Qt::MouseButton pressButton_ = Qt::NoButton;
    bool spaceDown_ = false;
    QPolygonF lasso_;

    std::optional<std::uint32_t> hover_;
    std::optional<std::int64_t> currentStep_;
    std::vector<Arrow> arrows_;
    std::function<QPixmap(std::uint32_t)> hoverPicture_;
    std::function<QString(std::uint32_t)> hoverText_;
    space::HoverCard* card_ = nullptr;
    space::Legend* legend_ = nullptr;

    bool arranging_ = false;
    std::size_t arrangingCount_ = 0;
    std::jthread arranger_;  // last: joined before anything it touches goes
};

}  // namespace driftscope
