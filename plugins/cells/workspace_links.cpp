// How the views of the workspace answer each other: whatever a person points at, picks or labels in one view shows in all.
#include <QComboBox>
#include <QLabel>
#include <QSplitter>
#include <QStackedWidget>
#include <algorithm>
#include <map>
#include <cmath>

#include "core/table/selection.h"
#include "plugins/cells/annotator.h"
#include "plugins/cells/crop_source.h"
#include "plugins/cells/cursor.h"
#include "plugins/cells/label_model.h"
#include "plugins/cells/predictor.h"
#include "plugins/cells/queue_words.h"
#include "plugins/cells/workspace.h"
#include "widgets/image/crop_gallery.h"
#include "widgets/image/film_strip.h"
#include "widgets/image/time_lapse_canvas.h"
#include "widgets/image/trajectory.h"
#include "widgets/label/schema_bar.h"
#include "widgets/label/state_ribbon.h"
#include "widgets/session/selection_hub.h"
#include "widgets/space/embedding_view_2d.h"
#include "widgets/space/embedding_view_3d.h"

namespace driftscope::cells {
namespace {

constexpr std::size_t kMostPredictions = 5000;  // more pages than anyone accepts in one sitting

std::vector<image::Trajectory> tails(const CellsData& data, std::uint32_t field) {
    std::vector<image::Trajectory> out;
    for (const driftscope::Trajectory& track : data.tracks()) {
        if (data.fieldOf(track.rows.front()) != field) continue;
        const Detection& first = data.detection(track.rows.front());
        image::Trajectory tail;
        tail.id = static_cast<std::uint32_t>(first.trackId);
        tail.parent = first.parentTrackId > 0 ? static_cast<std::uint32_t>(first.parentTrackId) : 0;
        for (std::uint32_t row : track.rows) {
            tail.frames.push_back(static_cast<int>(data.detection(row).t));
            tail.points.emplace_back(data.detection(row).x, data.detection(row).y);
        }
        out.push_back(std::move(tail));
    }
    return out;
}

}  // namespace

// ---- what people do -------------------------------------------------------------------------------------------------

void Workspace::linkCanvas() {
    connect(canvas_, &image::TimeLapseCanvas::frameChanged, this, [this](int frame) { context_.cursor.setFrame(frame); });
    connect(canvas_, &image::TimeLapseCanvas::cellHovered, this, [this](std::optional<std::uint32_t> id) { hover(id ? rowOfMask(*id) : std::nullopt); });
    connect(canvas_, &image::TimeLapseCanvas::cellClicked, this, [this](std::uint32_t id, Qt::KeyboardModifiers modifiers) {
        if (const auto row = rowOfMask(id)) choose(IdSet({*row}), modifiers);
    });
    connect(canvas_, &image::TimeLapseCanvas::backgroundClicked, this, [this](Qt::KeyboardModifiers) { choose(IdSet(), {}); });
    connect(canvas_, &image::TimeLapseCanvas::cellsSelected, this, [this](const std::vector<std::uint32_t>& ids) {
        std::vector<std::uint32_t> rows;
        for (std::uint32_t id : ids)
            if (const auto row = rowOfMask(id)) rows.push_back(*row);
        choose(IdSet(std::move(rows)), {});
    });
    connect(canvas_, &image::TimeLapseCanvas::channelsChanged, this, &Workspace::adoptContrast);
    canvas_->setCellColors([this](std::uint32_t id) {
        const auto row = rowOfMask(id);
        return row ? stateColor(*row, context_.labels, context_.predictor.predictions().get()) : QColor(Qt::gray);
    });
    canvas_->setCellTexts([this](std::uint32_t id) {
        const auto row = rowOfMask(id);
        return row ? stateText(*row) : QString();
    });
}

void Workspace::linkMap() {
    connect(map2D_, &EmbeddingView2D::hovered, this, &Workspace::hover);
    connect(map2D_, &EmbeddingView2D::selectionRequested, this, &Workspace::choose);
    connect(map2D_, &EmbeddingView2D::pointActivated, this, [this](std::uint32_t row) { context_.cursor.goToRow(row); });
    map2D_->setHoverContent([this](std::uint32_t row) { return QPixmap::fromImage(crops_ ? crops_->crop(row).scaled(112, 112, Qt::KeepAspectRatio) : QImage()); },
                            [this](std::uint32_t row) { return describe(row); });
}

void Workspace::linkStrip() {
    connect(strip_, &image::FilmStrip::frameChosen, this, [this](int frame) { context_.cursor.setFrame(frame); });
    connect(ribbon_, &label::StateRibbon::stepClicked, this, [this](std::int64_t step) { context_.cursor.setFrame(step); });
    connect(ribbon_, &label::StateRibbon::intervalMarked, this, [this](std::int64_t first, std::int64_t last) { context_.annotator.setInterval(first, last); });
    connect(ribbon_, &label::StateRibbon::intervalCleared, this, [this] { context_.annotator.clearInterval(); });
    connect(schemaBar_, &label::SchemaBar::schemaChosen, this, [this](const std::string& name) { context_.labels.setSchema(name); });
    const auto classIndex = [this](const std::string& name) {
        const auto found = context_.labels.schema() ? context_.labels.schema()->find(name) : std::nullopt;
        return found ? static_cast<int>(*found) : LabelModel::kUnlabelled;
    };
    connect(schemaBar_, &label::SchemaBar::classChosen, this, [this, classIndex](const std::string& name) {
        const std::vector<std::uint32_t> picked = pickedInGallery();
        if (picked.empty())
            context_.annotator.labelAndGoOn(classIndex(name));
        else
            context_.annotator.labelRows(picked, classIndex(name));
    });
    connect(schemaBar_, &label::SchemaBar::intervalChosen, this, [this, classIndex](const std::string& name) { context_.annotator.labelInterval(classIndex(name)); });
    connect(schemaBar_, &label::SchemaBar::removalChosen, this, [this] { context_.annotator.removeLabel(); });
}

void Workspace::linkGallery() {
    connect(gallery_, &image::CropGallery::selectionChanged, this, [this] {
        const auto picked = gallery_->selected();
        if (picked.size() == 1) context_.cursor.goToRow(galleryRows_[static_cast<std::size_t>(picked.front())]);
    });
    connect(gallery_, &image::CropGallery::hovered, this, [this](std::optional<int> index) {
        hover(index ? std::optional(galleryRows_[static_cast<std::size_t>(*index)]) : std::nullopt);
    });
    connect(gallery_, &image::CropGallery::accepted, this, [this](const std::vector<int>& indices) {
        const auto predictions = context_.predictor.predictions();
        if (!predictions) return;
        std::vector<std::vector<std::uint32_t>> byClass(predictions->classes);
        for (int index : indices) {
            const std::uint32_t row = galleryRows_[static_cast<std::size_t>(index)];
            if (predictions->best[row] >= 0) byClass[static_cast<std::size_t>(predictions->best[row])].push_back(row);
        }
        for (std::size_t i = 0; i < byClass.size(); ++i)
            if (!byClass[i].empty()) context_.annotator.labelRows(byClass[i], static_cast<int>(i));
    });
}

void Workspace::linkModels() {
    connect(&context_.cursor, &Cursor::frameChanged, this, [this] {
        showField();
        showFrame();
    });
    connect(&context_.cursor, &Cursor::trackChanged, this, &Workspace::showTrack);
    connect(&context_.labels, &LabelModel::schemaChanged, this, [this] {
        if (const LabelSchema* schema = context_.labels.schema()) ribbon_->setSchema(*schema);
        showStates();
    });
    connect(&context_.labels, &LabelModel::labelsChanged, this, &Workspace::showStates);
    connect(&context_.predictor, &Predictor::changed, this, &Workspace::showStates);
    connect(&context_.annotator, &Annotator::queueChanged, this, &Workspace::showGallery);
    connect(&context_.annotator, &Annotator::markChanged, this, [this] {
        if (const auto interval = context_.annotator.interval())
            ribbon_->setInterval(interval->first, interval->second);
        else
            ribbon_->clearInterval();
    });
    connect(&context_.selection, &SelectionHub::changed, this, [this](const SelectionDelta& delta) {
        if (delta.layer == SelectionLayer::Hover) showHover();
        if (delta.layer == SelectionLayer::Select) showSelection();
        if (delta.layer == SelectionLayer::Filter) showFilter();
    });
}

void Workspace::choose(const IdSet& picked, Qt::KeyboardModifiers modifiers) {
    const IdSet current = context_.selection.get(SelectionLayer::Select, ElementKind::Cell);
    const IdSet chosen = EmbeddingView2D::combined(current, picked, modifiers);
    context_.selection.set(SelectionLayer::Select, ElementKind::Cell, chosen, this);
    if (picked.size() == 1 && chosen.contains(picked.ids().front()))
        context_.cursor.goToRow(picked.ids().front());
    showSelection();
}

void Workspace::hover(std::optional<std::uint32_t> row) {
    context_.selection.set(SelectionLayer::Hover, ElementKind::Cell, row ? IdSet({*row}) : IdSet(), this);
    showHover();
}

// ---- what they see --------------------------------------------------------------------------------------------------

std::optional<std::uint32_t> Workspace::rowOfMask(std::uint32_t id) const {
    if (!data_ || !shownField_) return std::nullopt;
    const int shown = canvas_->shownFrame() >= 0 ? canvas_->shownFrame() : static_cast<int>(context_.cursor.frame());
    return data_->rowAt(*shownField_, shown, id);
}

std::uint32_t Workspace::maskOf(std::uint32_t row) const {
    return static_cast<std::uint32_t>(data_->detection(row).trackId);
}

std::optional<std::uint32_t> Workspace::currentMask() const {
    const auto row = context_.cursor.row();
    return row ? std::optional(maskOf(*row)) : std::nullopt;
}

void Workspace::showField() {
    if (!data_ || shownField_ == context_.cursor.field()) return;
    shownField_ = context_.cursor.field();
    const FieldOfView& field = data_->fields()[*shownField_];
    fieldBox_->setCurrentIndex(static_cast<int>(*shownField_));
    const auto frame = static_cast<int>(context_.cursor.frame());
    if (canvas_->source() != field.images.get()) {  // corrected tracks come with the same images: zoom and contrast stay
        const QSignalBlocker quiet(canvas_);  // a new source starts at frame 0; the cursor knows better
        canvas_->setSource(field.images);
    }
    (void)canvas_->setLabels(field.masks);  // same size as the images: checked when they were loaded
    canvas_->setTails(tails(*data_, *shownField_));
    canvas_->setFrame(frame);
    cropSize_ = CropSource::suggestSize(*data_);
    adoptContrast();
}

void Workspace::adoptContrast() {
    if (!crops_ || canvas_->channels().empty()) return;
    const auto& channel = canvas_->channels().front();
    const CropStyle wanted{0, channel.low, channel.high, cropSize_};
    if (crops_->style() == wanted) return;
    crops_->setStyle(wanted);
    showTrack();
    showGallery();
}

void Workspace::showFrame() {
    if (!data_) return;
    const auto frame = context_.cursor.frame();
    canvas_->setFrame(static_cast<int>(frame));
    ribbon_->setCurrentStep(frame);
    strip_->setFrame(static_cast<int>(frame));
    const IdSet here(data_->rowsAt(context_.cursor.field(), frame));
    map2D_->setEmphasis(here);
    map2D_->setCurrentStep(frame);
    if (map3D_) map3D_->setEmphasis(here);
    showSelection();
}

void Workspace::showTrack() {
    const auto track = context_.cursor.track();
    if (!data_ || !track) {
        trackTitle_->clear();
        strip_->clear();
        ribbon_->setSteps({});
        showSelection();
        return;
    }
    const driftscope::Trajectory& trajectory = data_->tracks()[*track];
    const Detection& first = data_->detection(trajectory.rows.front());
    QString title = tr("<b>%1</b>  frames %2 to %3").arg(QString::fromStdString(trajectory.entity)).arg(trajectory.steps.front()).arg(trajectory.steps.back());
    if (first.parentTrackId > 0) title += tr("  daughter of track %1").arg(first.parentTrackId);
    trackTitle_->setText(title);
    strip_->setItems(stripItems(), [crops = crops_, rows = trajectory.rows](int index) { return crops->crop(rows[static_cast<std::size_t>(index)]); });
    strip_->setFrame(static_cast<int>(context_.cursor.frame()));
    showStates();
    showSelection();
}

void Workspace::showStates() {
    if (!data_) return;
    const auto predictions = context_.predictor.predictions();
    if (const auto track = context_.cursor.track()) {
        const driftscope::Trajectory& trajectory = data_->tracks()[*track];
        std::vector<label::RibbonStep> steps;
        const LabelSchema* schema = context_.labels.schema();
        for (std::size_t i = 0; i < trajectory.rows.size(); ++i) {
            const std::uint32_t row = trajectory.rows[i];
            label::RibbonStep step;
            step.step = trajectory.steps[i];
            const int label = context_.labels.label(row);
            if (schema && label >= 0) step.manual = schema->classes[static_cast<std::size_t>(label)].name;
            if (schema && predictions && predictions->best[row] >= 0) {
                const auto best = static_cast<std::size_t>(predictions->best[row]);
                step.predicted = schema->classes[best].name;
                step.confidence = predictions->probabilities(row, best);
            }
            steps.push_back(step);
        }
        ribbon_->setSteps(std::move(steps));
        strip_->updateItems(stripItems());
        const auto row = context_.cursor.row();
        const int here = row ? context_.labels.label(*row) : LabelModel::kUnlabelled;
        schemaBar_->setActiveClass(schema && here >= 0 ? schema->classes[static_cast<std::size_t>(here)].name : std::string());
    }
    canvas_->update();
    if (colourMode_ == QLatin1String("state") || colourMode_ == QLatin1String("confidence")) showColours();
    showGallery();
}

void Workspace::showColours() {
    if (map_.isEmpty()) return;
    colouring_ = colouring(colourMode_, *data_, context_.labels, context_.predictor.predictions().get());
    if (colouring_.categorical) {
        const QStringList names(colouring_.names.begin(), colouring_.names.end());
        map2D_->setCategories(colouring_.codes, colouring_.colors, names, colouring_.title);
        if (map3D_) map3D_->setCategories(colouring_.codes, colouring_.colors, names, colouring_.title);
    } else {
        map2D_->setContinuous(colouring_.values, colouring_.title);
        if (map3D_) map3D_->setContinuous(colouring_.values, colouring_.title);
    }
}

void Workspace::showSelection() {
    if (!data_) return;
    const IdSet selected = context_.selection.get(SelectionLayer::Select, ElementKind::Cell);
    // The followed track is always lit in the map; a larger selection is shown as it is.
    IdSet shown = selected;
    if (selected.size() <= 1 && context_.cursor.track()) shown = IdSet(data_->tracks()[*context_.cursor.track()].rows);
    const bool several = selected.size() > 1;
    map2D_->setSelection(shown, several);
    if (map3D_) map3D_->setSelection(shown, several);
    std::vector<std::uint32_t> masks;
    for (std::uint32_t row : shown.ids())
        if (data_->fieldOf(row) == context_.cursor.field() && data_->detection(row).t == context_.cursor.frame()) masks.push_back(maskOf(row));
    canvas_->setSelected(masks);
}

void Workspace::showFilter() {
    const bool filtered = context_.selection.hasFilter(ElementKind::Cell);
    map2D_->setFilter(filtered ? std::optional(context_.selection.get(SelectionLayer::Filter, ElementKind::Cell)) : std::nullopt);
}

void Workspace::showHover() {
    if (!data_) return;
    const IdSet hovered = context_.selection.get(SelectionLayer::Hover, ElementKind::Cell);
    const auto row = hovered.empty() ? std::nullopt : std::optional(hovered.ids().front());
    map2D_->setHover(row);
    if (map3D_) map3D_->setHover(row);
    const bool here = row && data_->fieldOf(*row) == context_.cursor.field() && data_->detection(*row).t == context_.cursor.frame();
    canvas_->setHovered(here ? std::optional(maskOf(*row)) : std::nullopt);
}

QString Workspace::stateText(std::uint32_t row) const {
    const LabelSchema* schema = context_.labels.schema();
    if (!schema) return {};
    if (const int label = context_.labels.label(row); label >= 0) return QString::fromStdString(schema->classes[static_cast<std::size_t>(label)].name);
    const auto predictions = context_.predictor.predictions();
    if (!predictions || predictions->best[row] < 0) return tr("not labelled");
    const auto best = static_cast<std::size_t>(predictions->best[row]);
    return tr("%1? %2 %").arg(QString::fromStdString(schema->classes[best].name)).arg(100 * predictions->probabilities(row, best), 0, 'f', 0);
}

QString Workspace::describe(std::uint32_t row) const {
    return tr("%1, frame %2\n%3").arg(QString::fromStdString(data_->entity(row))).arg(data_->detection(row).t).arg(stateText(row));
}

// ---- gallery and 3-D ------------------------------------------------------------------------------------------------

std::vector<std::uint32_t> Workspace::galleryRows() const {
    std::vector<std::uint32_t> rows;
    const auto predictions = context_.predictor.predictions();
    if (!showsPredictions_) {
        for (const embed::QueueItem& item : context_.annotator.queue()) rows.push_back(item.row);
        return rows;
    }
    if (!predictions) return rows;
    const auto confidence = [&](std::uint32_t row) { return predictions->probabilities(row, static_cast<std::size_t>(predictions->best[row])); };
    for (std::uint32_t row = 0; row < data_->rows(); ++row)
        if (context_.labels.label(row) == LabelModel::kUnlabelled && predictions->best[row] >= 0) rows.push_back(row);
    std::ranges::stable_sort(rows, [&](std::uint32_t a, std::uint32_t b) {
        const bool sameClass = predictions->best[a] == predictions->best[b];
        return sameClass ? confidence(a) > confidence(b) : predictions->best[a] < predictions->best[b];
    });
    // Every class gets its share of the gallery: the surest of a rare class must not hide behind thousands of a common one.
    std::map<int, std::size_t> shown;
    const std::size_t share = kMostPredictions / std::max<std::size_t>(1, predictions->probabilities.columns);
    std::erase_if(rows, [&](std::uint32_t row) { return ++shown[predictions->best[row]] > share; });
    return rows;
}

void Workspace::showGallery() {
    if (!data_) return;
    galleryRows_ = galleryRows();
    const auto predictions = context_.predictor.predictions();
    std::vector<image::CropItem> items;
    for (std::size_t i = 0; i < galleryRows_.size(); ++i) {
        const std::uint32_t row = galleryRows_[i];
        const bool queued = !showsPredictions_ && i < context_.annotator.queue().size();
        const embed::QueueItem* item = queued ? &context_.annotator.queue()[i] : nullptr;
        items.push_back({item ? queueCaption(*item) : stateText(row), stateColor(row, context_.labels, predictions.get()), context_.labels.label(row) < 0,
                         item ? describe(row) + QLatin1Char('\n') + queueReason(*item) : describe(row), 0});
    }
    galleryTitle_->setText(showsPredictions_ ? tr("Predictions, surest first: Enter accepts the chosen ones") : queueTitle(context_.annotator, predictions != nullptr));
    gallery_->setEmptyText(showsPredictions_             ? tr("Label two cells of different classes to see predictions here.")
                           : context_.annotator.choosing() ? tr("Choosing what to label next…")
                                                           : tr("Cells to label next are shown here once the movie has an embedding."));
    gallery_->setItems(std::move(items), [crops = crops_, rows = galleryRows_](int index) { return crops->crop(rows[static_cast<std::size_t>(index)]); });
}

std::vector<std::uint32_t> Workspace::pickedInGallery() const {
    std::vector<std::uint32_t> rows;
    if (!gallery_->hasFocus()) return rows;
    for (int index : gallery_->selected()) rows.push_back(galleryRows_[static_cast<std::size_t>(index)]);
    return rows;
}

std::vector<image::CropItem> Workspace::stripItems() const {
    std::vector<image::CropItem> items;
    const auto predictions = context_.predictor.predictions();
    const driftscope::Trajectory& trajectory = data_->tracks()[*context_.cursor.track()];
    for (std::size_t i = 0; i < trajectory.rows.size(); ++i) {
        const std::uint32_t row = trajectory.rows[i];
        const bool known = context_.labels.label(row) >= 0 || (predictions && predictions->best[row] >= 0);
        items.push_back({tr("t %1").arg(trajectory.steps[i]), known ? stateColor(row, context_.labels, predictions.get()) : QColor(), context_.labels.label(row) < 0,
                         describe(row), static_cast<int>(trajectory.steps[i])});
    }
    return items;
}

void Workspace::setShowsPredictions(bool on) {
    showsPredictions_ = on;
    showGallery();
}

bool Workspace::threeD() const {
    return threeD_ && mapStack_->currentWidget() == threeD_;
}

void Workspace::setThreeD(bool on) {
    if (on && !threeD_) {
        const View3DOrLabel made = makeEmbeddingView3D();
        threeD_ = made.widget;
        map3D_ = made.view;
        mapStack_->addWidget(threeD_);
        if (map3D_) {
            connect(map3D_, &EmbeddingView3D::hovered, this, &Workspace::hover);
            connect(map3D_, &EmbeddingView3D::selectionRequested, this, &Workspace::choose);
        }
        fillThreeD();
    }
    mapStack_->setCurrentWidget(on ? threeD_ : map2D_);
}

Result<void> Workspace::exportMap(const QString& file, const QString& provenance) {
    return threeD() && map3D_ ? map3D_->exportImage(file, provenance) : map2D_->exportImage(file, provenance);
}

void Workspace::fillThreeD() {
    const Matrix* matrix = data_ ? data_->table().matrix("X_pca") : nullptr;
    if (!map3D_ || !matrix || matrix->columns < 3) return;
    std::vector<float> x, y, z;
    for (std::size_t row = 0; row < matrix->rows; ++row) {
        x.push_back((*matrix)(row, 0));
        y.push_back((*matrix)(row, 1));
        z.push_back((*matrix)(row, 2));
    }
    map3D_->setPoints(std::move(x), std::move(y), std::move(z));
    map3D_->setAxisTitles(QStringLiteral("PCA 1"), QStringLiteral("PCA 2"), QStringLiteral("PCA 3"));
    std::vector<std::vector<std::uint32_t>> tracks;
    for (const driftscope::Trajectory& track : data_->tracks()) tracks.push_back(track.rows);
    map3D_->setTrajectories(std::move(tracks));
    showColours();
    showSelection();
}

}  // namespace driftscope::cells
