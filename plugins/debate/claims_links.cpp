// How the map of claims, the game that is played, the shared selection and the labels answer each other.
#include <QComboBox>
#include <QSignalBlocker>
#include <algorithm>
#include <cmath>

#include "plugins/api/panel_plugin.h"
#include "plugins/debate/claim_labels.h"
#include "plugins/debate/claims_data.h"
#include "plugins/debate/claims_view.h"
#include "plugins/debate/play_model.h"
#include "plugins/debate/run_bar.h"
#include "plugins/debate/setup_model.h"
#include "widgets/label/label_colours.h"
#include "widgets/label/schema_bar.h"
#include "widgets/label/schema_editor.h"
#include "widgets/session/job_runner.h"
#include "widgets/session/selection_hub.h"
#include "widgets/space/embedding_view_2d.h"
#include "widgets/style/palette.h"

namespace driftscope::debate {
namespace {

/// Colours that mean the same in every view of the panel.
QColor meaning(const std::string& name, const QColor& otherwise) {
    if (name == "rejected" || name == "alice" ) return QColor(QStringLiteral("#D55E00"));
    if (name == "upheld" || name == "bob") return QColor(QStringLiteral("#0072B2"));
    if (name == "accepted" || name == "none") return QColor(QStringLiteral("#009E73"));
    return otherwise;
}

}  // namespace

void ClaimsView::link() {
    connect(runs_, &RunBar::failed, this, &ClaimsView::failed);
    connect(runs_, &RunBar::resultChosen, this, [this](const JobView& job) { openTable(job.folder + QStringLiteral("/claims.h5ad")); });
    connect(&setup_, &SetupModel::changed, this, &ClaimsView::setupChanged);
    connect(colour_, &QComboBox::currentIndexChanged, this, &ClaimsView::showColours);
    connect(coordinates_, &QComboBox::currentIndexChanged, this, &ClaimsView::showCoordinates);
    connect(map_, &EmbeddingView2D::selectionRequested, this, &ClaimsView::choose);
    connect(map_, &EmbeddingView2D::hovered, this, [this](std::optional<std::uint32_t> row) {
        host_.selection.set(SelectionLayer::Hover, ElementKind::Claim, row ? IdSet({*row}) : IdSet(), this);
    });
    connect(map_, &EmbeddingView2D::pointActivated, this, [this](std::uint32_t row) {
        play(row, true);
        Q_EMIT playRequested();
    });
    map_->setHoverContent({}, [this](std::uint32_t row) { return data_ ? describe(row) : QString(); });
    connect(&game_, &PlayModel::changed, this, &ClaimsView::followGame);
    connect(&host_.selection, &SelectionHub::changed, this, [this](const SelectionDelta& delta) {
        if (delta.kind != ElementKind::Claim || !data_) return;
        const IdSet ids = host_.selection.get(delta.layer, ElementKind::Claim);
        if (delta.layer == SelectionLayer::Select) showSelection();
        if (delta.layer == SelectionLayer::Hover) map_->setHover(ids.empty() || ids.ids().front() >= data_->rows() ? std::nullopt : std::optional(ids.ids().front()));
        if (delta.layer == SelectionLayer::Filter) map_->setFilter(host_.selection.hasFilter(ElementKind::Claim) ? std::optional(ids) : std::nullopt);
    });
}

void ClaimsView::linkLabels() {
    connect(labels_, &ClaimLabels::changed, this, [this] {
        if (colour_->currentData().toString() == QLatin1String("label")) showColours();
        showDetails();
    });
    connect(labels_, &ClaimLabels::moved, this, [this](std::uint32_t row) { host_.selection.set(SelectionLayer::Select, ElementKind::Claim, IdSet({row}), nullptr); });
    connect(schemaBar_, &label::SchemaBar::schemaChosen, this, [this](const std::string& name) { labels_->setSchema(name); });
    connect(schemaBar_, &label::SchemaBar::classChosen, this, [this](const std::string& name) {
        const auto found = labels_->schema() ? labels_->schema()->find(name) : std::nullopt;
        if (found) labelSelection(static_cast<int>(*found));
    });
    connect(schemaBar_, &label::SchemaBar::removalChosen, this, [this] { labelSelection(ClaimLabels::kUnlabelled); });
    connect(schemaBar_, &label::SchemaBar::editRequested, this, [this](const std::string& schema) { label::SchemaEditor::open(host_.edits, schema, this); });
}

void ClaimsView::labelSelection(int classIndex) {
    if (!data_) return;
    const IdSet selected = host_.selection.get(SelectionLayer::Select, ElementKind::Claim);
    const std::vector<std::uint32_t> rows(selected.ids().begin(), selected.ids().end());
    if (rows.empty()) {
        Q_EMIT said(tr("No claim is chosen: click one in the map, or play its game."));
        return;
    }
    const auto stored = labels_->assign(rows, classIndex);
    if (!stored) {
        Q_EMIT failed(QString::fromStdString(stored.error().text()));
        return;
    }
    const QString what = classIndex == ClaimLabels::kUnlabelled ? tr("without label") : QString::fromStdString(labels_->schema()->classes[static_cast<std::size_t>(classIndex)].name);
    Q_EMIT said(tr("%n claim(s): %1", nullptr, static_cast<int>(rows.size())).arg(what));
    // One claim after the other, as far as the game goes.
    if (rows.size() == 1 && classIndex != ClaimLabels::kUnlabelled)
        if (const auto next = data_->rowOf(data_->game(rows.front()), data_->round(rows.front()) + 1)) choose(IdSet({*next}), {});
}

void ClaimsView::choose(const IdSet& picked, Qt::KeyboardModifiers modifiers) {
    const IdSet chosen = EmbeddingView2D::combined(host_.selection.get(SelectionLayer::Select, ElementKind::Claim), picked, modifiers);
    host_.selection.set(SelectionLayer::Select, ElementKind::Claim, chosen, this);
    if (chosen.size() == 1 && picked.size() == 1) play(chosen.ids().front(), false);
    showSelection();
}

void ClaimsView::showSelection() {
    if (!data_) return;
    const IdSet selected = host_.selection.get(SelectionLayer::Select, ElementKind::Claim);
    map_->setSelection(selected);
    const bool one = selected.size() == 1 && selected.ids().front() < data_->rows();
    const int label = one ? labels_->label(selected.ids().front()) : ClaimLabels::kUnlabelled;
    schemaBar_->setActiveClass(labels_->schema() && label >= 0 ? labels_->schema()->classes[static_cast<std::size_t>(label)].name : std::string());
    showDetails();
}

bool ClaimsView::sameDebate() const {
    if (!data_ || setup_.computation() != data_->computation() || !setup_.isStochastic()) return false;
    const QJsonObject theirs = data_->params();
    for (const ParamSpec& spec : setupParams()) {
        static const char* const kFree[] = {"computation", "votes", "vote_probability", "alice", "bob"};  // of the game, or of the computation itself
        if (std::ranges::find(kFree, spec.name) != std::end(kFree)) continue;
        const QString name = QString::fromStdString(spec.name);
        const QJsonValue mine = setup_.value(name), other = theirs.value(name);
        const bool unset = other.isNull() || other.isUndefined();
        if (mine.isNull() ? !unset : mine != other) return false;
    }
    return true;
}

void ClaimsView::play(std::uint32_t row, bool adopt) {
    if (!data_) return;
    const bool same = sameDebate();
    if (!same && !adopt) return;
    const Strategies players = data_->strategies(data_->game(row));
    const QJsonObject values{{QStringLiteral("alice"), QString::fromStdString(players.alice)}, {QStringLiteral("bob"), QString::fromStdString(players.bob)}, {QStringLiteral("game"), static_cast<qint64>(data_->game(row))}};
    Q_EMIT gameRequested(values, static_cast<int>(data_->round(row)) + 1, !same);
}

void ClaimsView::followGame() {
    if (!data_) return;
    const Round* round = game_.current();
    const Strategies players = data_->strategies(static_cast<std::int64_t>(game_.options().game));
    const Seats& seats = game_.options().seats;
    const bool same = round && sameDebate() && !seats.alice && !seats.bob && !seats.vera && setup_.text(QStringLiteral("alice")).toStdString() == players.alice && setup_.text(QStringLiteral("bob")).toStdString() == players.bob;
    const auto row = same ? data_->rowOf(static_cast<std::int64_t>(game_.options().game), round->step) : std::nullopt;
    if (row == current_) return;
    current_ = row;
    map_->setEmphasis(row ? IdSet({*row}) : IdSet());
    if (!row) return;
    const IdSet selected = host_.selection.get(SelectionLayer::Select, ElementKind::Claim);
    if (selected.size() <= 1) {
        host_.selection.set(SelectionLayer::Select, ElementKind::Claim, IdSet({*row}), this);
        showSelection();
    }
}

void ClaimsView::showCoordinates() {
    if (!data_) return;
    const QString key = coordinates_->currentData().toString();
    const Matrix* matrix = data_->table().matrix(key.toStdString());
    std::vector<float> x, y;
    for (std::size_t row = 0; matrix && row < matrix->rows; ++row) {
        x.push_back((*matrix)(row, 0));
        y.push_back((*matrix)(row, 1));
    }
    map_->setPoints(std::move(x), std::move(y));
    if (key == QLatin1String("X_claim"))
        map_->setAxisTitles(tr("true probability"), tr("claimed probability"));
    else if (key == QLatin1String("X_gap"))
        map_->setAxisTitles(tr("round"), tr("claimed − true"));
    else
        map_->setAxisTitles(tr("PC 1"), tr("PC 2"));
    std::vector<std::vector<std::uint32_t>> tracks;
    std::vector<std::int64_t> steps;
    for (const Trajectory& track : data_->trajectories()) tracks.push_back(track.rows);
    for (std::uint32_t row = 0; row < data_->rows(); ++row) steps.push_back(data_->round(row));
    map_->setTrajectories(std::move(tracks), std::move(steps));
    showColours();
    showSelection();
}

void ClaimsView::showColours() {
    if (!data_) return;
    const std::string key = colour_->currentData().toString().toStdString();
    const QString title = colour_->currentText();
    if (key == "label") {
        QStringList names;
        std::vector<QColor> colours;
        if (const LabelSchema* schema = labels_->schema())
            for (const LabelClass& one : schema->classes) {
                names << QString::fromStdString(one.name);
                colours.push_back(QColor(QString::fromStdString(one.color)));
            }
        map_->setCategories(labels_->labels(), colours, names, title);
        return;
    }
    if (const auto* column = data_->table().column(key); column && std::holds_alternative<Categorical>(*column)) {
        const auto& categories = std::get<Categorical>(*column);
        const auto palette = style::categorical(categories.categories.size());
        QStringList names;
        std::vector<QColor> colours;
        for (std::size_t i = 0; i < categories.categories.size(); ++i) {
            names << QString::fromStdString(categories.categories[i]);
            colours.push_back(key == "alice" || key == "bob" ? palette[i] : meaning(categories.categories[i], palette[i]));
        }
        map_->setCategories({categories.codes.begin(), categories.codes.end()}, colours, names, title);
        return;
    }
    std::vector<float> values;
    for (std::uint32_t row = 0; row < data_->rows(); ++row) {
        const double claimed = data_->number("claimed", row);
        values.push_back(static_cast<float>(key == "gap" ? claimed - data_->number("estimated", row) : key == "bias" ? claimed - data_->number("true", row) : data_->number(key.c_str(), row)));
    }
    map_->setContinuous(std::move(values), title);
}

}  // namespace driftscope::debate
