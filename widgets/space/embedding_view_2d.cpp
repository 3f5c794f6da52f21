#include "widgets/space/embedding_view_2d.h"

#include <QAction>
#include <QEvent>
#include <QLocale>
#include <QPainter>
#include <QResizeEvent>
#include <algorithm>
#include <chrono>
#include <cmath>

#include "widgets/space/axis_painter.h"
#include "widgets/space/hover_card.h"
#include "widgets/space/legend.h"
#include "widgets/space/point_cloud.h"

namespace driftscope {

using namespace std::chrono_literals;
using space::ViewTransform;

namespace {

/// Below this, sorting takes less than a tenth of a second: no need for a thread.
constexpr std::size_t kArrangeInline = 300000;
constexpr int kRestMilliseconds = 120;
constexpr auto kSlice = 6ms;
constexpr int kPlotInset = 10;

}  // namespace

EmbeddingView2D::EmbeddingView2D(QWidget* parent)
    : QWidget(parent),
      emptyText_(tr("No points to show yet. Compute a projection (PCA or UMAP) to see the embedding.")),
      card_(new space::HoverCard(this)),
      legend_(new space::Legend(this)) {
    setMouseTracking(true);
    setFocusPolicy(Qt::StrongFocus);
    setAttribute(Qt::WA_OpaquePaintEvent);
    setMinimumSize(160, 120);
    setAccessibleName(tr("Embedding"));
    scene_.setPalette(palette());
    idleTimer_.setSingleShot(true);
    idleTimer_.setInterval(kRestMilliseconds);
    connect(&idleTimer_, &QTimer::timeout, this, [this] {
        if (!complete_) scene_.beginFull(rasterSize(), rasterView(), devicePixelRatioF());
        refineTimer_.start(0);
    });
    connect(&refineTimer_, &QTimer::timeout, this, &EmbeddingView2D::refineFrame);
    connect(legend_, &space::Legend::classHidden, this, [this](std::size_t index, bool hidden) {
        setClassHidden(index, hidden);
        Q_EMIT classHidden(index, hidden);
    });
    createActions();
    updateCursor();
}

EmbeddingView2D::~EmbeddingView2D() {
    arranger_.request_stop();
}

void EmbeddingView2D::setPoints(std::vector<float> x, std::vector<float> y) {
    arranger_.request_stop();
    if (arranger_.joinable()) arranger_.join();
    leaveHover();
    if (x.size() <= kArrangeInline) {
        arranging_ = false;
        adopt(space::PointCloud::arrange(std::move(x), std::move(y)));
        return;
    }
    arranging_ = true;
    arrangingCount_ = x.size();
    update();
    arranger_ = std::jthread([this, x = std::move(x), y = std::move(y)](std::stop_token stop) mutable {
        auto cloud = space::PointCloud::arrange(std::move(x), std::move(y), stop);
        if (!cloud) return;
        QMetaObject::invokeMethod(
            this,
            [this, stop, cloud = std::move(cloud)] {
                if (stop.stop_requested()) return;  // newer points are on their way
                arranging_ = false;
                adopt(cloud);
            },
            Qt::QueuedConnection);
    });
}

void EmbeddingView2D::adopt(std::shared_ptr<const space::PointCloud> cloud) {
    arrows_.clear();
    scene_.setCloud(std::move(cloud));
    legend_->setScheme(scene_.colours());
    placeLegend();
    userView_ = false;
    view_ = scene_.empty() ? ViewTransform{} : ViewTransform::fit(scene_.cloud()->bounds(), fitRect(), keepAspect_);
    invalidate();
    Q_EMIT viewChanged();
    Q_EMIT arranged();
}

void EmbeddingView2D::setAxisTitles(const QString& x, const QString& y) {
    titleX_ = x;
    titleY_ = y;
    update();
}

void EmbeddingView2D::setKeepAspect(bool keep) {
    keepAspect_ = keep;
    fit();
}

void EmbeddingView2D::setEmptyText(const QString& text) {
    emptyText_ = text;
    update();
}

void EmbeddingView2D::setPlainColour() {
    scene_.setColours(space::ColourScheme::plain(pointCount()));
    coloursChanged();
}

void EmbeddingView2D::setCategories(std::vector<int> codes, std::vector<QColor> colours, QStringList names,
                                    const QString& title) {
    scene_.setColours(space::ColourScheme::categories(codes, std::move(colours), std::move(names), title));
    coloursChanged();
}

void EmbeddingView2D::setContinuous(std::vector<float> values, const QString& name,
                                    std::optional<std::pair<double, double>> range) {
    scene_.setColours(space::ColourScheme::continuous(values, name, range, &scene_.team()));
    coloursChanged();
}

void EmbeddingView2D::coloursChanged() {
    legend_->setScheme(scene_.colours());
    placeLegend();
    // What lies where stays: the picture on screen needs other colours, not other points.
    if (pictureDirty_ || !hasPicture() || !scene_.recolour()) return invalidate();
    if (!complete_ || !scene_.settled()) idleTimer_.start();
    update();
}

void EmbeddingView2D::setClassHidden(std::size_t index, bool hidden) {
    scene_.setClassHidden(index, hidden);
    invalidate();
}

void EmbeddingView2D::setTrajectories(std::vector<std::vector<std::uint32_t>> rows, std::vector<std::int64_t> steps) {
    scene_.setTrajectories(std::move(rows), std::move(steps));
    invalidate();
}

void EmbeddingView2D::setTrackScope(TrackScope scope) {
    if (scope == scene_.trackScope()) return;
    scene_.setTrackScope(scope);
    invalidate();
    Q_EMIT trackScopeChanged();
}

void EmbeddingView2D::setCurrentStep(std::optional<std::int64_t> step,
                                     std::optional<std::pair<std::int64_t, std::int64_t>> window) {
    currentStep_ = step;
    std::optional<std::pair<std::int64_t, std::int64_t>> range;
    if (step && window) range = {*step - window->first, *step + window->second};
    const bool redraw = range != scene_.timeWindow();
    scene_.setTimeWindow(range);
    if (redraw)
        invalidate();
    else
        update();
}

void EmbeddingView2D::setArrows(std::vector<Arrow> arrows) {
    arrows_ = std::move(arrows);
    update();
}

void EmbeddingView2D::setSelection(const IdSet& ids, bool othersFade) {
    const bool faded = scene_.fades(), same = ids == scene_.selection();
    scene_.setSelection(ids, othersFade);
    if (same && faded == scene_.fades()) return;
    setAccessibleDescription(tr("%1 points, %2 selected")
                                 .arg(QLocale().toString(static_cast<qulonglong>(pointCount())),
                                      QLocale().toString(static_cast<qulonglong>(ids.size()))));
    invalidate();
}

void EmbeddingView2D::setFilter(const std::optional<IdSet>& ids) {
    if (ids == scene_.filter()) return;
    scene_.setFilter(ids);
    invalidate();
}

void EmbeddingView2D::setEmphasis(const IdSet& ids) {
    if (ids == scene_.emphasis()) return;
    scene_.setEmphasis(ids);
    invalidate();
}

std::size_t EmbeddingView2D::pointCount() const {
    return scene_.cloud() ? scene_.cloud()->size() : 0;
}

std::size_t EmbeddingView2D::skippedCount() const {
    return scene_.cloud() ? scene_.cloud()->skipped() : 0;
}

QRect EmbeddingView2D::plotRect() const {
    const QSizeF margins = space::axisMargins(QFontMetricsF(font()));
    return rect().adjusted(static_cast<int>(margins.width()), kPlotInset, -kPlotInset,
                           -static_cast<int>(margins.height()));
}

QRect EmbeddingView2D::fitRect() const {
    // Leave the legend's column free when that costs little; the rim keeps discs at the border whole.
    QRect area = plotRect().adjusted(14, 14, -14, -14);
    if (!legend_->isHidden() && legend_->width() < area.width() / 4) area.setRight(legend_->x() - 8);
    return area;
}

void EmbeddingView2D::fit() {
    userView_ = false;
    if (scene_.empty()) return;
    view_ = ViewTransform::fit(scene_.cloud()->bounds(), fitRect(), keepAspect_);
    invalidate();
    Q_EMIT viewChanged();
}

void EmbeddingView2D::zoomTo(const IdSet& ids) {
    QRectF bounds;
    bool first = true;
    for (std::uint32_t id : ids.ids()) {
        if (!scene_.cloud() || !scene_.cloud()->isDrawable(id)) continue;
        const QPointF at(scene_.cloud()->x(id), scene_.cloud()->y(id));
        bounds = first ? QRectF(at, QSizeF(0, 0))
                       : QRectF(QPointF(std::min(bounds.left(), at.x()), std::min(bounds.top(), at.y())),
                                QPointF(std::max(bounds.right(), at.x()), std::max(bounds.bottom(), at.y())));
        first = false;
    }
    if (first) return;
    // A single point is shown with a twentieth of the whole around it.
    const QRectF all = scene_.cloud()->bounds();
    const double padX = std::max(bounds.width() * 0.1, all.width() * 0.025),
                 padY = std::max(bounds.height() * 0.1, all.height() * 0.025);
    userView_ = true;
    changeView(ViewTransform::fit(bounds.adjusted(-padX, -padY, padX, padY), fitRect(), keepAspect_));
}

void EmbeddingView2D::setView(const ViewTransform& view) {
    userView_ = true;
    changeView(view);
}

void EmbeddingView2D::changeView(const ViewTransform& view) {
    if (view == view_) return;
    view_ = view;
    invalidate();
    Q_EMIT viewChanged();
}

void EmbeddingView2D::invalidate() {
    pictureDirty_ = true;
    refineTimer_.stop();
    idleTimer_.stop();
    update();
}

QSize EmbeddingView2D::rasterSize() const {
    return (QSizeF(plotRect().size()) * devicePixelRatioF()).toSize();
}

ViewTransform EmbeddingView2D::rasterView() const {
    const QPoint origin = plotRect().topLeft();
    return view_.panned(QPointF(-origin.x(), -origin.y())).scaled(devicePixelRatioF());
}

bool EmbeddingView2D::hasPicture() const {
    return !arranging_ && !scene_.empty() && plotRect().width() > 0 && plotRect().height() > 0;
}

void EmbeddingView2D::renderFrame() {
    complete_ = scene_.renderNow(rasterSize(), rasterView(), devicePixelRatioF(), frameBudget_);
    pictureDirty_ = false;
    if (!complete_ || !scene_.settled()) idleTimer_.start();
}

void EmbeddingView2D::refineFrame() {
    if (!scene_.refine(std::chrono::steady_clock::now() + kSlice)) return;
    refineTimer_.stop();
    complete_ = true;
    update();
}

void EmbeddingView2D::placeLegend() {
    const QRect plot = plotRect();
    legend_->place(plot.adjusted(plot.width() / 2, 4, -4, -plot.height() / 8));
}

void EmbeddingView2D::resizeEvent(QResizeEvent*) {
    placeLegend();
    if (!userView_ && !scene_.empty()) view_ = ViewTransform::fit(scene_.cloud()->bounds(), fitRect(), keepAspect_);
    invalidate();
}

void EmbeddingView2D::changeEvent(QEvent* event) {
    if (event->type() == QEvent::PaletteChange || event->type() == QEvent::FontChange) {
        scene_.setPalette(palette());
        legend_->setScheme(scene_.colours());
        placeLegend();
        invalidate();
    }
    QWidget::changeEvent(event);
}

}  // namespace driftscope
