#include "plugins/cells/workspace.h"

#include <QComboBox>
#include <QHBoxLayout>
#include <QLabel>
#include <QSplitter>
#include <QStackedWidget>
#include <QVBoxLayout>

#include "plugins/cells/annotator.h"
#include "plugins/cells/crop_source.h"
#include "plugins/cells/cursor.h"
#include "plugins/cells/label_model.h"
#include "widgets/image/channel_controls.h"
#include "widgets/image/crop_gallery.h"
#include "widgets/image/film_strip.h"
#include "widgets/image/time_lapse_canvas.h"
#include "widgets/label/schema_bar.h"
#include "widgets/label/state_ribbon.h"
#include "widgets/space/embedding_view_2d.h"
#include "widgets/space/embedding_view_3d.h"

namespace driftscope::cells {
namespace {

constexpr std::size_t kDefaultCacheBytes = 512u << 20;

QComboBox* combo(const QString& name, const QString& tip) {
    auto* box = new QComboBox;
    box->setAccessibleName(name);
    box->setToolTip(tip);
    box->setSizeAdjustPolicy(QComboBox::AdjustToContents);
    box->setFocusPolicy(Qt::TabFocus);  // a click must not take the label keys away from the views
    return box;
}

}  // namespace

Workspace::Workspace(CellsContext context, QWidget* parent)
    : QWidget(parent), context_(context), cache_(std::make_shared<io::PlaneCache>(kDefaultCacheBytes)) {
    auto* outer = new QVBoxLayout(this);
    outer->setContentsMargins(6, 4, 6, 4);
    outer->setSpacing(4);
    buildTop(outer);
    rows_ = new QSplitter(Qt::Vertical);
    rows_->setChildrenCollapsible(false);
    outer->addWidget(rows_, 1);
    buildViews();
    buildStrip();
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
    fieldBox_ = combo(tr("Field of view"), tr("The position of the plate that the image shows"));
    colourBox_ = combo(tr("Colour by"), tr("What the colours of map and image mean"));
    mapBox_ = combo(tr("Map"), tr("Which projection of the embedding is drawn"));
    line->addWidget(schemaBar_, 1);
    line->addWidget(fieldBox_);
    line->addWidget(new QLabel(tr("Colour by")));
    line->addWidget(colourBox_);
    line->addWidget(new QLabel(tr("Map")));
    line->addWidget(mapBox_);
    outer->addLayout(line);
    connect(schemaBar_, &label::SchemaBar::editRequested, this, &Workspace::editSchemas);
    connect(fieldBox_, &QComboBox::activated, this, [this](int index) { context_.cursor.goTo(static_cast<std::uint32_t>(index), context_.cursor.frame()); });
    connect(colourBox_, &QComboBox::activated, this, [this] { setColourMode(colourBox_->currentData().toString()); });
    connect(mapBox_, &QComboBox::activated, this, [this] { setMap(mapBox_->currentData().toString()); });
}

void Workspace::buildViews() {
    auto* image = new QWidget;
    auto* imageLayout = new QVBoxLayout(image);
    imageLayout->setContentsMargins(0, 0, 0, 0);
    canvas_ = new image::TimeLapseCanvas;
    channels_ = new image::ChannelControls;
    imageLayout->addWidget(canvas_, 1);
    imageLayout->addWidget(channels_);
    mapStack_ = new QStackedWidget;
    map2D_ = new space::EmbeddingView2D;
    mapStack_->addWidget(map2D_);
    views_ = new QSplitter(Qt::Horizontal);
    views_->setChildrenCollapsible(false);
    views_->addWidget(image);
    views_->addWidget(mapStack_);
    views_->setSizes({500, 500});
    rows_->addWidget(views_);
    rows_->setStretchFactor(0, 1);
}

void Workspace::buildStrip() {
    auto* strip = new QWidget;
    auto* layout = new QVBoxLayout(strip);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(2);
    trackTitle_ = new QLabel;
    trackTitle_->setTextInteractionFlags(Qt::TextSelectableByMouse);
    strip_ = new image::FilmStrip;
    ribbon_ = new label::StateRibbon;
    layout->addWidget(trackTitle_);
    layout->addWidget(strip_, 1);
    layout->addWidget(ribbon_);
    rows_->addWidget(strip);

    auto* queue = new QWidget;
    auto* queueLayout = new QVBoxLayout(queue);
    queueLayout->setContentsMargins(0, 0, 0, 0);
    queueLayout->setSpacing(2);
    auto* heading = new QHBoxLayout;
    galleryTitle_ = new QLabel;
    progress_ = new QLabel;
    heading->addWidget(galleryTitle_, 1);
    heading->addWidget(progress_);
    gallery_ = new image::CropGallery;
    queueLayout->addLayout(heading);
    queueLayout->addWidget(gallery_, 1);
    rows_->addWidget(queue);
    rows_->setSizes({560, 130, 130});
}

void Workspace::setData(std::shared_ptr<const CellsData> data) {
    data_ = std::move(data);
    crops_ = data_ ? std::make_unique<CropSource>(data_, cache_) : nullptr;
    shownField_ = ~0u;
    hovered_.reset();
    fieldBox_->clear();
    for (const FieldOfView& field : data_->fields()) fieldBox_->addItem(QString::fromStdString(field.name));
    fieldBox_->setVisible(data_->fields().size() > 1);
    colourBox_->clear();
    for (const ColourMode& mode : colourModes(*data_)) colourBox_->addItem(mode.title, mode.key);
    fillMaps();
    std::vector<std::vector<std::uint32_t>> tracks;
    for (const Trajectory& track : data_->tracks()) tracks.push_back(track.rows);
    map2D_->setTrajectories(std::move(tracks));
    showField();
    setColourMode(colourMode_);
    showTrack();
    showQueue();
    showProgress();
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
}

void Workspace::showCoordinates() {
    const Matrix* matrix = map_.isEmpty() ? nullptr : data_->table().matrix(map_.toStdString());
    std::vector<float> x, y;
    if (matrix)
        for (std::size_t row = 0; row < matrix->rows; ++row) {
            x.push_back((*matrix)(row, 0));
            y.push_back((*matrix)(row, 1));
        }
    const QString axis = map_.mid(2).toUpper();
    map2D_->setPoints(std::move(x), std::move(y));
    map2D_->setAxisNames(axis + QStringLiteral(" 1"), axis + QStringLiteral(" 2"));
    showColours();
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

void Workspace::setCacheBytes(std::size_t bytes) {
    cache_->setBudget(bytes);
}

}  // namespace driftscope::cells
