#include "plugins/debate/claims_view.h"

#include <QComboBox>
#include <QFileInfo>
#include <QFormLayout>
#include <QLabel>
#include <QSignalBlocker>
#include <QSpinBox>
#include <QSplitter>
#include <QVBoxLayout>

#include "plugins/api/panel_plugin.h"
#include "plugins/debate/claim_labels.h"
#include "plugins/debate/claims_data.h"
#include "plugins/debate/play_model.h"
#include "plugins/debate/run_bar.h"
#include "plugins/debate/runs.h"
#include "plugins/debate/setup_model.h"
#include "plugins/debate/words.h"
#include "widgets/label/label_history_view.h"
#include "widgets/label/schema_bar.h"
#include "widgets/session/edit_stack.h"
#include "widgets/session/job_runner.h"
#include "widgets/session/selection_hub.h"
#include "widgets/space/embedding_view_2d.h"

namespace driftscope::debate {
namespace {

const std::string kKind = "debate.claims";

QComboBox* combo(const QString& name, const QString& objectName, const QString& tip) {
    auto* box = new QComboBox;
    box->setObjectName(objectName);
    box->setAccessibleName(name);
    box->setToolTip(tip);
    box->setFocusPolicy(Qt::TabFocus);  // a click must not take the label keys away from the map
    return box;
}

}  // namespace

ClaimsView::ClaimsView(HostContext& host, SetupModel& setup, PlayModel& game, QWidget* parent)
    : QWidget(parent), host_(host), setup_(setup), game_(game), runs_(new RunBar(host.jobs, QString::fromStdString(kKind), tr("Collect claims"), [this] {
          return startRun(host_, setup_, kKind, {{QStringLiteral("games"), games_->value()}, {QStringLiteral("players"), players_->currentData().toString()}},
                          tr("%1, claims of %2 games").arg(setup_.title()).arg(games_->value()));
      })),
      games_(new QSpinBox), players_(combo(tr("Players"), QStringLiteral("debateClaimPlayers"), tr("Who plays these games"))),
      colour_(combo(tr("Colour by"), QStringLiteral("debateClaimColour"), tr("What the colours of the map mean"))),
      coordinates_(combo(tr("Map"), QStringLiteral("debateClaimMap"), tr("What the axes of the map are"))), schemaBar_(new label::SchemaBar), map_(new EmbeddingView2D), details_(new QLabel),
      history_(new label::LabelHistoryView), labels_(new ClaimLabels(host.edits, this)) {
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(8, 8, 8, 6);
    layout->addWidget(buildTop());
    auto* split = new QSplitter(Qt::Horizontal);
    split->setChildrenCollapsible(false);
    split->addWidget(map_);
    split->addWidget(buildDetails());
    split->setStretchFactor(0, 1);
    split->setSizes({600, 220});
    layout->addWidget(split, 1);
    map_->setObjectName(QStringLiteral("debateClaimsMap"));
    map_->setEmptyText(tr("Press Collect claims: every claim of many games becomes a point here."));
    map_->setKeepAspect(false);
    link();
    linkLabels();
    setupChanged();
}

ClaimsView::~ClaimsView() = default;

QWidget* ClaimsView::buildTop() {
    auto* box = new QWidget;
    auto* column = new QVBoxLayout(box);
    column->setContentsMargins(0, 0, 0, 0);
    games_->setRange(1, 100'000);
    games_->setValue(60);
    games_->setSuffix(tr(" games"));
    games_->setAccessibleName(tr("Number of games"));
    players_->addItem(tr("Every attack"), QStringLiteral("every_attack"));
    players_->addItem(tr("As set"), QStringLiteral("as_set"));
    runs_->addControl(games_);
    runs_->addControl(players_);
    runs_->offerAdoption();
    column->addWidget(runs_);
    schemaBar_->follow(&host_.edits);
    history_->follow(&host_.edits);
    schemaBar_->setKeyScope(this);
    for (const auto& [key, text] : {std::pair{"verdict", tr("Verdict")}, {"party", tr("Who cheats")}, {"winner", tr("Winner")}, {"alice", tr("Alice's strategy")}, {"bob", tr("Bob's strategy")}, {"label", tr("Label")}})
        colour_->addItem(text, QLatin1String(key));
    for (const auto& [key, text] : {std::pair{"claimed", tr("Claimed")}, {"true", tr("True probability")}, {"gap", tr("Claimed − estimated")}, {"bias", tr("Claimed − true")}, {"influence", tr("Influence")}, {"round", tr("Round")}})
        colour_->addItem(text, QLatin1String(key));
    coordinates_->addItem(tr("Claimed against true"), QStringLiteral("X_claim"));
    coordinates_->addItem(tr("Claimed − true by round"), QStringLiteral("X_gap"));
    coordinates_->addItem(tr("Principal components"), QStringLiteral("X_pca"));
    column->addWidget(schemaBar_);
    return box;
}

QWidget* ClaimsView::buildDetails() {
    auto* box = new QWidget;
    auto* column = new QVBoxLayout(box);
    column->setContentsMargins(6, 0, 0, 0);
    auto* form = new QFormLayout;
    form->setFieldGrowthPolicy(QFormLayout::AllNonFixedFieldsGrow);
    form->addRow(tr("Colour by"), colour_);
    form->addRow(tr("Map"), coordinates_);
    for (QComboBox* combo : {colour_, coordinates_}) combo->setSizeAdjustPolicy(QComboBox::AdjustToMinimumContentsLengthWithIcon);
    column->addLayout(form);
    details_->setWordWrap(true);
    details_->setTextInteractionFlags(Qt::TextSelectableByMouse);
    details_->setAlignment(Qt::AlignTop);
    details_->setObjectName(QStringLiteral("debateClaimDetails"));
    history_->setEmptyText(tr("Choose a claim to see who labelled it."));
    column->addWidget(details_);
    column->addWidget(history_, 1);
    return box;
}

void ClaimsView::setupChanged() {
    const bool can = setup_.isStochastic() && !setup_.isEmpty();
    runs_->setStartEnabled(can, can ? tr("Plays games and keeps every claim (as debate.claims)") : tr("Only the stochastic protocol has claims."));
}

bool ClaimsView::openTable(const QString& file) {
    auto data = ClaimsData::load(file);
    if (!data) {
        Q_EMIT failed(QString::fromStdString(data.error().text()));
        return false;
    }
    adopt(std::move(*data));
    return true;
}

void ClaimsView::adopt(std::shared_ptr<const ClaimsData> data) {
    data_ = std::move(data);
    current_.reset();
    if (const auto ensured = labels_->ensureSchema(); !ensured) Q_EMIT failed(QString::fromStdString(ensured.error().text()));
    host_.selection.set(SelectionLayer::Select, ElementKind::Claim, {}, this);
    labels_->setData(data_);
    if (labels_->schema()) schemaBar_->setCurrentSchema(labels_->schema()->name);
    schemaBar_->setTotal(data_->rows());
    showCoordinates();
    showColours();
    followGame();
    showDetails();
    Q_EMIT said(tr("%1 claims of %2 games.").arg(data_->rows()).arg(data_->trajectories().size()));
}

QString ClaimsView::describe(std::uint32_t row) const {
    const auto number = [&](const char* column) { return probabilityText(data_->number(column, row)); };
    return tr("game %1, step %2: %3\nAlice (%4) claims %5, Bob (%6) estimates %7, true is %8\n%9")
        .arg(data_->game(row)).arg(data_->round(row) + 1)
        .arg(QString::fromStdString(data_->text("question", row)), aliceWording(QString::fromStdString(data_->text("alice", row))).title, number("claimed"),
             bobWording(QString::fromStdString(data_->text("bob", row))).title, number("estimated"), number("true"), QString::fromStdString(data_->text("verdict", row)));
}

void ClaimsView::showDetails() {
    const IdSet selected = data_ ? host_.selection.get(SelectionLayer::Select, ElementKind::Claim) : IdSet();
    if (selected.size() == 1 && selected.ids().front() < data_->rows()) {
        const std::uint32_t row = selected.ids().front();
        details_->setText(describe(row).toHtmlEscaped().replace(QLatin1Char('\n'), QStringLiteral("<br>")) + tr("<br><i>Return or double-click plays this game.</i>"));
        if (labels_->schema()) history_->setTarget(labels_->schema()->name, labels_->target(row), tr("game %1, step %2").arg(data_->game(row)).arg(data_->round(row) + 1));
        return;
    }
    details_->setText(selected.size() > 1 ? tr("%1 claims are chosen.").arg(selected.size()) : data_ ? tr("Click a claim; Shift and drag draws a lasso around several. Keys 1 to 4 label them.") : QString());
    history_->clear();
}

QJsonObject ClaimsView::computation() const {
    return data_ ? data_->computation() : QJsonObject();
}

QJsonObject ClaimsView::params() const {
    return data_ ? data_->params() : QJsonObject();
}

QString ClaimsView::provenance() const {
    return data_ ? tr("%1 of %2").arg(coordinates_->currentText(), data_->file()) : QString();
}

QJsonObject ClaimsView::saveState() const {
    return {{QStringLiteral("run"), runs_->chosen()}, {QStringLiteral("table"), data_ ? data_->file() : QString()}, {QStringLiteral("colour"), colour_->currentData().toString()},
            {QStringLiteral("map"), coordinates_->currentData().toString()}};
}

void ClaimsView::restoreState(const QJsonObject& state) {
    if (const int index = colour_->findData(state[QStringLiteral("colour")].toString()); index >= 0) colour_->setCurrentIndex(index);
    if (const int index = coordinates_->findData(state[QStringLiteral("map")].toString()); index >= 0) coordinates_->setCurrentIndex(index);
    runs_->choose(state[QStringLiteral("run")].toString());
    const QString table = state[QStringLiteral("table")].toString();
    if (!data_ && !table.isEmpty() && QFileInfo::exists(table)) openTable(table);
}

}  // namespace driftscope::debate
