#include "widgets/space/embedding_view_3d.h"

#include <QBuffer>
#include <QFileInfo>
#include <QImageWriter>
#include <QLabel>
#include <QPainter>
#include <QResizeEvent>
#include <QSaveFile>
#include <QVBoxLayout>

#include "widgets/space/hover_card.h"
#include "widgets/space/legend.h"
#include "widgets/space/point_style.h"
#include "widgets/space/stage_3d.h"
#include "widgets/space/vtk_surface.h"
#include "widgets/style/palette.h"

namespace driftscope {

using space::ColourScheme;

namespace {

constexpr int kRestMilliseconds = 200;

/// The line being drawn around points. A widget of its own, so that the scene below need not be drawn again.
class LassoLine : public QWidget {
  public:
    LassoLine(QWidget* parent, const QPolygonF& line) : QWidget(parent), line_(line) {
        setAttribute(Qt::WA_TransparentForMouseEvents);
        hide();
    }

  protected:
    void paintEvent(QPaintEvent*) override {
        QPainter painter(this);
        painter.setRenderHint(QPainter::Antialiasing);
        QColor wash = palette().color(QPalette::Highlight);
        painter.setPen(QPen(wash, 1.5));
        wash.setAlpha(38);
        painter.setBrush(wash);
        painter.drawPolygon(line_, Qt::WindingFill);
    }

  private:
    const QPolygonF& line_;
};

}  // namespace

bool EmbeddingView3D::canShow() {
    return space::VtkSurface::openGlAvailable();
}

View3DOrLabel makeEmbeddingView3D(QWidget* parent) {
    if (EmbeddingView3D::canShow()) {
        auto* view = new EmbeddingView3D(parent);
        return {view, view};
    }
    auto* label = new QLabel(QObject::tr("The 3-D view needs a display with OpenGL 3.2, which this session does not "
                                         "have. The 2-D view shows the same points."),
                             parent);
    label->setWordWrap(true);
    label->setAlignment(Qt::AlignCenter);
    label->setMargin(24);
    label->setTextInteractionFlags(Qt::TextSelectableByMouse);
    label->setAccessibleName(QObject::tr("3-D view not available"));
    return {label, nullptr};
}

EmbeddingView3D::EmbeddingView3D(QWidget* parent)
    : QWidget(parent), surface_(new space::VtkSurface(this)), legend_(new space::Legend(this)) {
    stage_ = std::make_unique<space::Stage3D>(surface_->renderer());
    card_ = new space::HoverCard(this);
    lassoLine_ = new LassoLine(this, lasso_);
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->addWidget(surface_);
    surface_->setMouseTracking(true);
    surface_->installEventFilter(this);
    legend_->raise();
    setFocusPolicy(Qt::StrongFocus);
    setMinimumSize(160, 120);
    setAccessibleName(tr("Embedding in three dimensions"));
    restTimer_.setSingleShot(true);
    restTimer_.setInterval(kRestMilliseconds);
    connect(&restTimer_, &QTimer::timeout, this, [this] { setMoving(false); });
    connect(legend_, &space::Legend::classHidden, this, &EmbeddingView3D::setClassHidden);
    applyLook();
}

EmbeddingView3D::~EmbeddingView3D() {
    surface_->removeEventFilter(this);
}

void EmbeddingView3D::setPoints(std::vector<float> x, std::vector<float> y, std::vector<float> z) {
    stage_->setPoints(std::move(x), std::move(y), std::move(z));
    if (scheme_.points() != stage_->size()) scheme_ = ColourScheme::plain(stage_->size());
    hover_.reset();
    setScheme(std::move(scheme_));
    applyTracks();
    applyLook();
    stage_->fit();
}

void EmbeddingView3D::setAxisTitles(const QString& x, const QString& y, const QString& z) {
    titles_ = {x, y, z};
    applyLook();
}

void EmbeddingView3D::setPlainColour() {
    setScheme(ColourScheme::plain(pointCount()));
}

void EmbeddingView3D::setCategories(std::vector<int> codes, std::vector<QColor> colours, QStringList names,
                                    const QString& title) {
    setScheme(ColourScheme::categories(codes, std::move(colours), std::move(names), title));
}

void EmbeddingView3D::setContinuous(std::vector<float> values, const QString& name,
                                    std::optional<std::pair<double, double>> range) {
    setScheme(ColourScheme::continuous(values, name, range));
}

void EmbeddingView3D::setScheme(ColourScheme scheme) {
    scheme_ = std::move(scheme);
    legend_->setScheme(scheme_);
    legend_->place(rect().adjusted(width() / 2, 8, -8, -8));
    applyColours();
    applyLayers();
}

void EmbeddingView3D::setClassHidden(std::size_t index, bool hidden) {
    if (index >= scheme_.hidden.size()) return;
    scheme_.hidden[index] = hidden;
    applyLayers();
}

void EmbeddingView3D::setSelection(const IdSet& ids, bool othersFade) {
    const bool fades = othersFade && ids.size() > 1;
    if (ids == selection_ && fades == fades_) return;
    const bool recolour = fades || fades_;
    selection_ = ids;
    fades_ = fades;
    if (recolour) applyColours();
    applyLayers();
}

void EmbeddingView3D::setFilter(const std::optional<IdSet>& ids) {
    filter_ = ids;
    applyLayers();
}

void EmbeddingView3D::setEmphasis(const IdSet& ids) {
    if (ids == emphasis_) return;
    emphasis_ = ids;
    if (!selection_.empty()) applyColours();
    applyLayers();
}

void EmbeddingView3D::applyColours() {
    if (scheme_.points() != stage_->size()) return;
    const space::ColourTable table = scheme_.table(palette());
    std::vector<QRgb> colours(stage_->size());
    const auto& base = fades_ ? table.faded : table.normal;
    for (std::size_t id = 0; id < colours.size(); ++id) colours[id] = base[scheme_.code(static_cast<std::uint32_t>(id))];
    for (const IdSet* strong : {&selection_, &emphasis_})
        for (std::uint32_t id : strong->ids())
            if (id < colours.size()) colours[id] = table.normal[scheme_.code(id)];
    stage_->setColours(colours);
    surface_->redraw();
}

void EmbeddingView3D::applyLayers() {
    std::vector<bool> visible(stage_->size(), true);
    if (scheme_.kind == ColourScheme::Kind::Categories && scheme_.points() == visible.size())
        for (std::size_t id = 0; id < visible.size(); ++id) {
            const std::size_t code = scheme_.code(static_cast<std::uint32_t>(id));
            visible[id] = code >= scheme_.hidden.size() || !scheme_.hidden[code];
        }
    if (filter_) {
        const auto bits = space::toBits(*filter_, visible.size());
        for (std::size_t id = 0; id < visible.size(); ++id)
            visible[id] = visible[id] && ((bits[id >> 6] >> (id & 63)) & 1) != 0;
    }
    stage_->setLayers(visible, selection_, emphasis_);
    surface_->redraw();
}

void EmbeddingView3D::setTrajectories(std::vector<std::vector<std::uint32_t>> rows, std::vector<std::int64_t> steps) {
    tracks_ = std::move(rows);
    steps_ = std::move(steps);
    applyTracks();
}

void EmbeddingView3D::setTracksVisible(bool visible) {
    tracksVisible_ = visible;
    applyTracks();
}

void EmbeddingView3D::setCurrentStep(std::optional<std::int64_t> step,
                                     std::optional<std::pair<std::int64_t, std::int64_t>> window) {
    window_.reset();
    if (step && window) window_ = {*step - window->first, *step + window->second};
    applyTracks();
}

void EmbeddingView3D::applyTracks() {
    std::vector<std::vector<std::uint32_t>> shown;
    if (tracksVisible_ && !window_) shown = tracks_;
    if (tracksVisible_ && window_)
        for (const auto& track : tracks_) {
            shown.emplace_back();
            for (std::size_t i = 0; i < track.size(); ++i) {
                const std::int64_t step = track[i] < steps_.size() ? steps_[track[i]] : static_cast<std::int64_t>(i);
                if (step >= window_->first && step <= window_->second) shown.back().push_back(track[i]);
            }
        }
    const QColor ground = palette().color(QPalette::Base);
    stage_->setTracks(shown, style::mix(ground, palette().color(QPalette::Text), 0.45), ground);
    surface_->redraw();
}

void EmbeddingView3D::applyLook() {
    stage_->setLook(palette().color(QPalette::Base), palette().color(QPalette::Text), titles_,
                    devicePixelRatioF() / surface_->coarseness());
    surface_->redraw();
}

void EmbeddingView3D::fit() {
    stage_->fit();
    surface_->redraw();
}

std::size_t EmbeddingView3D::pointCount() const {
    return stage_->size();
}

std::size_t EmbeddingView3D::skippedCount() const {
    return stage_->skipped();
}

QSize EmbeddingView3D::deviceSize() const {
    return (QSizeF(surface_->size()) * devicePixelRatioF()).toSize();
}

QPointF EmbeddingView3D::positionOf(std::uint32_t id) const {
    const auto on = stage_->project(id, deviceSize());
    return on ? on->at / devicePixelRatioF() : QPointF();
}

void EmbeddingView3D::setMoving(bool moving) {
    if (!moving) restTimer_.stop();
    stage_->setMoving(moving);
    surface_->setCoarse(moving && stage_->isLarge());
    stage_->setPixelRatio(devicePixelRatioF() / surface_->coarseness());
    surface_->redraw();
}

QImage EmbeddingView3D::image() {
    setMoving(false);  // a picture to keep shows everything
    return surface_->picture().convertToFormat(QImage::Format_RGB32);
}

Result<void> EmbeddingView3D::exportImage(const QString& path, const QString& provenance) {
    if (QFileInfo(path).suffix().toLower() != QStringLiteral("png"))
        return fail(ErrorCode::Usage, fmt::format("'{}' does not end in .png.", path.toStdString()),
                    "Name the picture .png; the 3-D view has no vector form.");
    QImage picture = image().convertToFormat(QImage::Format_RGB32);
    picture.setText(QStringLiteral("Description"), provenance);
    QSaveFile file(path);
    QImageWriter writer(&file, "png");
    if (!file.open(QIODevice::WriteOnly) || !writer.write(picture) || !file.commit())
        return fail(ErrorCode::Io,
                    fmt::format("The picture could not be written to '{}': {}.", path.toStdString(),
                                file.errorString().toStdString()),
                    "Choose a folder you may write to, with free space.");
    return {};
}

void EmbeddingView3D::resizeEvent(QResizeEvent*) {
    lassoLine_->setGeometry(rect());
    legend_->place(rect().adjusted(width() / 2, 8, -8, -8));
}

void EmbeddingView3D::changeEvent(QEvent* event) {
    if (event->type() == QEvent::PaletteChange) {
        legend_->setScheme(scheme_);
        applyColours();
        applyTracks();
        applyLook();
    }
    QWidget::changeEvent(event);
}

}  // namespace driftscope
