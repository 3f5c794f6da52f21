#include "plugins/cells/workspace.h"

#include <QComboBox>
#include <QHBoxLayout>
#include <QLabel>
#include <QSplitter>
#include <QStackedWidget>
#include <QVBoxLayout>
#include <algorithm>
#include <cmath>

#include "core/io/plane_cache.h"
#include "plugins/cells/annotator.h"
#include "plugins/cells/crop_source.h"
#include "plugins/cells/cursor.h"
#include "plugins/cells/label_model.h"
#include "widgets/image/crop_gallery.h"
#include "widgets/image/film_strip.h"
#include "widgets/image/time_lapse_canvas.h"
#include "widgets/image/time_lapse_view.h"
#include "widgets/label/schema_bar.h"
#include "widgets/label/state_ribbon.h"
#include "widgets/space/embedding_view_2d.h"
#include "widgets/space/embedding_view_3d.h"

namespace driftscope::cells {
namespace {

QComboBox* combo(const QString& name, const QString& tip) {
    auto* box = new QComboBox;
    box->setAccessibleName(name);
    box->setToolTip(tip);
    box->setSizeAdjustPolicy(QComboBox::AdjustToContents);
    box->setFocusPolicy(Qt::TabFocus);  // a click must not take the label keys away from the views
    return box;
}

}  // namespace

Workspace::Workspace(CellsContext context, std::uint64_t cacheBytes, QWidget* parent)
    : QWidget(parent), context_(context), cache_(std::make_shared<io::PlaneCache>(cacheBytes / 2)) {
    auto* outer = new QVBoxLayout(this);
    outer->setContentsMargins(6, 4, 6, 4);
    outer->setSpacing(4);
    buildTop(outer);
    mapStack_ = new QStackedWidget;
    map2D_ = new EmbeddingView2D;
    mapStack_->addWidget(map2D_);
    views_ = new QSplitter(Qt::Horizontal);
    views_->setChildrenCollapsible(false);
    imageView_ = new image::TimeLapseView;
    canvas_ = imageView_->canvas();
    canvas_->setCacheBudget(cacheBytes / 2);
    views_->addWidget(imageView_);
    views_->addWidget(mapStack_);
    views_->setSizes({500, 500});
    rows_ = new QSplitter(Qt::Vertical);
    rows_->setChildrenCollapsible(false);
    rows_->addWidget(views_);
    rows_->addWidget(buildStrip());
    rows_->addWidget(buildGallery());
    rows_->setStretchFactor(0, 1);
    rows_->setSizes({500, 150, 150});
    outer->addWidget(rows_, 1);
    linkModels();
    linkCanvas();
    linkMap();
    linkStrip();
    linkGallery();
}

Workspace::~Workspace() = default;

void Workspace::buildTop(QVBoxLayout* outer) {
    auto* line = new QHBoxLayout;
    schemaBar_ = new label::SchemaBar;
    schemaBar_->follow(&context_.edits);
    schemaBar_->setKeyScope(this);
    fieldBox_ = combo(tr("Field of view"), tr("The position of the plate that the image shows"));
    colourBox_ = combo(tr("Colour by"), tr("What the colours of the map mean"));
    mapBox_ = combo(tr("Map"), tr("Which projection of the embedding is drawn"));
    line->addWidget(schemaBar_, 1);
    line->addWidget(fieldBox_);
    line->addWidget(new QLabel(tr("Colour by")));
    line->addWidget(colourBox_);
    line->addWidget(new QLabel(tr("Map")));
    line->addWidget(mapBox_);
    outer->addLayout(line);
    connect(fieldBox_, &QComboBox::activated, this, [this](int index) { context_.cursor.goTo(static_cast<std::uint32_t>(index), context_.cursor.frame()); });
    connect(colourBox_, &QComboBox::activated, this, [this] { setColourMode(colourBox_->currentData().toString()); });
    connect(mapBox_, &QComboBox::activated, this, [this] { setMap(mapBox_->currentData().toString()); });
}

QWidget* Workspace::buildStrip() {
    auto* box = new QWidget;
    auto* layout = new QVBoxLayout(box);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(2);
    trackTitle_ = new QLabel;
    trackTitle_->setTextInteractionFlags(Qt::TextSelectableByMouse);
    strip_ = new image::FilmStrip;
    ribbon_ = new label::StateRibbon;
    ribbon_->setStepName(tr("frame"));
    ribbon_->setEmptyText(tr("Click a cell in the image or the map to see it through time."));
    layout->addWidget(trackTitle_);
    layout->addWidget(strip_, 1);
    layout->addWidget(ribbon_);
    return box;
}

QWidget* Workspace::buildGallery() {
    auto* box = new QWidget;
    auto* layout = new QVBoxLayout(box);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(2);
    galleryTitle_ = new QLabel;
    gallery_ = new image::CropGallery;
    gallery_->setCropSize(72);
    gallery_->setMinimumHeight(112);
    layout->addWidget(galleryTitle_);
    layout->addWidget(gallery_, 1);
    return box;
}

void Workspace::setData(std::shared_ptr<const CellsData> shown) {
    data_ = std::move(shown);
    crops_ = std::make_shared<CropSource>(data_, cache_);
    shownField_.reset();
    fieldBox_->clear();
    for (const FieldOfView& field : data_->fields()) fieldBox_->addItem(QString::fromStdString(field.name));
    fieldBox_->setVisible(data_->fields().size() > 1);
    colourBox_->clear();
    for (const ColourMode& mode : colourModes(*data_)) colourBox_->addItem(mode.title, mode.key);
    schemaBar_->setTotal(data_->rows());
    showField();
    fillMaps();
    setColourMode(colourMode_);
    showTrack();
    showGallery();
}

void Workspace::fillMaps() {
    mapBox_->clear();
    for (const std::string& name : data_->table().matrixNames())
        if (data_->table().matrix(name)->columns >= 2 && name.starts_with("X_") && name != "X_projections")
            mapBox_->addItem(QString::fromStdString(name).mid(2).toUpper(), QString::fromStdString(name));
    const int preferred = std::max(mapBox_->findData(QStringLiteral("X_umap")), 0);
    mapBox_->setCurrentIndex(mapBox_->count() > 0 ? preferred : -1);
    map_ = mapBox_->currentData().toString();
    showCoordinates();
    fillThreeD();
}

void Workspace::showCoordinates() {
    const Matrix* matrix = map_.isEmpty() ? nullptr : data_->table().matrix(map_.toStdString());
    std::vector<float> x, y;
    for (std::size_t row = 0; matrix && row < matrix->rows; ++row) {
        x.push_back((*matrix)(row, 0));
        y.push_back((*matrix)(row, 1));
    }
    map2D_->setEmptyText(tr("No embedding yet: prepare this movie, or open a table that belongs to it."));
    map2D_->setPoints(std::move(x), std::move(y));
    map2D_->setAxisTitles(map_.mid(2).toUpper() + QStringLiteral(" 1"), map_.mid(2).toUpper() + QStringLiteral(" 2"));
    if (!matrix) return;
    std::vector<std::vector<std::uint32_t>> tracks;
    for (const Trajectory& track : data_->tracks()) tracks.push_back(track.rows);
    std::vector<std::int64_t> steps;
    for (std::uint32_t row = 0; row < data_->rows(); ++row) steps.push_back(data_->detection(row).t);
    map2D_->setTrajectories(std::move(tracks), std::move(steps));
    showColours();
    showFrame();
    showSelection();
}

void Workspace::setMap(const QString& name) {
    if (!data_ || !data_->table().matrix(name.toStdString())) return;
    map_ = name;
    mapBox_->setCurrentIndex(mapBox_->findData(name));
    showCoordinates();
}

void Workspace::setColourMode(const QString& key) {
    colourMode_ = key;
    colourBox_->setCurrentIndex(std::max(0, colourBox_->findData(key)));
    if (data_) showColours();
}

QJsonObject Workspace::saveState() const {
    return {{QStringLiteral("colour"), colourMode_},
            {QStringLiteral("map"), map_},
            {QStringLiteral("frame"), static_cast<qint64>(context_.cursor.frame())},
            {QStringLiteral("track"), context_.cursor.track() && data_ ? QString::fromStdString(data_->tracks()[*context_.cursor.track()].entity) : QString()},
            {QStringLiteral("views"), QString::fromLatin1(views_->saveState().toBase64())},
            {QStringLiteral("rows"), QString::fromLatin1(rows_->saveState().toBase64())}};
}

void Workspace::restoreState(const QJsonObject& state) {
    if (state.contains(QStringLiteral("views"))) views_->restoreState(QByteArray::fromBase64(state[QStringLiteral("views")].toString().toLatin1()));
    if (state.contains(QStringLiteral("rows"))) rows_->restoreState(QByteArray::fromBase64(state[QStringLiteral("rows")].toString().toLatin1()));
    if (state.contains(QStringLiteral("colour"))) setColourMode(state[QStringLiteral("colour")].toString());
    if (!data_) return;
    setMap(state[QStringLiteral("map")].toString());
    if (const auto track = data_->findEntity(state[QStringLiteral("track")].toString().toStdString())) context_.cursor.setTrack(*track);
    context_.cursor.setFrame(state[QStringLiteral("frame")].toInteger());
}

}  // namespace driftscope::cells
