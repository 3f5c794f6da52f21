#include "plugins/debate/debate_panel.h"

#include <QAction>
#include <QLabel>
#include <QSplitter>
#include <QStackedWidget>
#include <QTabWidget>
#include <QTableView>
#include <QVBoxLayout>

#include "plugins/debate/arena_loader.h"
#include "plugins/debate/attacks_view.h"
#include "plugins/debate/claims_view.h"
#include "plugins/debate/editor_view.h"
#include "plugins/debate/gallery_view.h"
#include "plugins/debate/measure_view.h"
#include "plugins/debate/oracle_dialog.h"
#include "plugins/debate/play_view.h"
#include "plugins/debate/promise_banner.h"
#include "plugins/debate/run_bar.h"
#include "plugins/debate/runs.h"
#include "plugins/debate/scale_view.h"
#include "plugins/debate/setup_view.h"
#include "plugins/debate/tradeoff_view.h"
#include "widgets/session/edit_stack.h"
#include "widgets/session/json_bridge.h"

namespace driftscope::debate {
namespace {

constexpr int kSetupWidth = 330;
constexpr int kLeastSetupWidth = 300;

std::vector<Move> movesFrom(const QJsonObject& saved) {
    std::vector<Move> moves;
    for (const nlohmann::json& one : fromQt(saved).value("moves", nlohmann::json::array()))
        if (auto move = Move::fromJson(one)) moves.push_back(*move);
    return moves;
}

}  // namespace

DebatePanel::DebatePanel(HostContext& host)
    : host_(host), root_(std::make_unique<QWidget>()), loader_(new ArenaLoader(setup_, this)), pages_(new QStackedWidget), gallery_(new GalleryView), work_(new QSplitter),
      setupView_(new SetupView(setup_)), banner_(new PromiseBanner), tabs_(new QTabWidget), playView_(new PlayView(game_, setup_)), editor_(new EditorView(setup_, host.edits.annotator())),
      measure_(new MeasureView(host, setup_)), attacks_(new AttacksView(host, setup_)), scale_(new ScaleView(host)), tradeoff_(new TradeoffView(host, setup_)),
      claims_(new ClaimsView(host, setup_, game_)), oracle_(new OracleDialog(root_.get())), status_(new QLabel) {
    build();
    link();
    linkStudies();
    buildActions();
    setupChanged();
}

DebatePanel::~DebatePanel() = default;

void DebatePanel::build() {
    auto* layout = new QVBoxLayout(root_.get());
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(0);
    auto* right = new QWidget;
    auto* column = new QVBoxLayout(right);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(0);
    column->addWidget(banner_);
    addTabs();
    column->addWidget(tabs_, 1);
    work_->setChildrenCollapsible(false);
    setupView_->setMinimumWidth(kLeastSetupWidth);
    work_->addWidget(setupView_);
    work_->addWidget(right);
    work_->setStretchFactor(1, 1);
    work_->setSizes({kSetupWidth, 900});
    pages_->addWidget(gallery_);
    pages_->addWidget(work_);
    layout->addWidget(pages_, 1);
    status_->setTextInteractionFlags(Qt::TextSelectableByMouse);
    status_->setContentsMargins(8, 2, 8, 4);
    status_->setWordWrap(true);
    status_->setObjectName(QStringLiteral("debateStatus"));
    layout->addWidget(status_);
}

void DebatePanel::addTabs() {
    tabs_->setDocumentMode(true);
    tabs_->setObjectName(QStringLiteral("debateTabs"));
    tabs_->addTab(playView_, tr("Play"));
    tabs_->addTab(editor_, tr("Computation"));
    tabs_->addTab(measure_, tr("Measure"));
    tabs_->addTab(attacks_, tr("Attacks"));
    tabs_->addTab(scale_, tr("Scaling"));
    tabs_->addTab(tradeoff_, tr("Trade-off"));
    tabs_->addTab(claims_, tr("Claims"));
}

void DebatePanel::link() {
    connect(gallery_, &GalleryView::chosen, this, [this](const QJsonObject& computation) { setup_.setComputation(computation); });
    connect(gallery_, &GalleryView::newRequested, this, [this] {
        setup_.setComputation(toQt({{"type", "expression"}, {"title", "My computation"}, {"expression", "\"Is the study relevant?\": 0.95 and majority(blinded: 0.8, powered: 0.85, reported: 0.9)"}}));
        tabs_->setCurrentWidget(editor_);
    });
    connect(gallery_, &GalleryView::openRequested, this, &DebatePanel::openFile);
    connect(&setup_, &SetupModel::changed, this, &DebatePanel::setupChanged);
    connect(setupView_, &SetupView::editRequested, this, [this] { tabs_->setCurrentWidget(editor_); });
    connect(loader_, &ArenaLoader::loaded, this, &DebatePanel::arenaLoaded);
    connect(loader_, &ArenaLoader::busyChanged, this, [this](bool busy) {
        if (busy && !loader_->arena()) banner_->showBusy();
    });
    connect(&game_, &PlayModel::failed, this, &DebatePanel::complain);
    connect(&game_, &PlayModel::answerNeeded, this, &DebatePanel::askOracle);
    connect(oracle_, &OracleDialog::answered, this, &DebatePanel::takeAnswer);
    connect(editor_, &EditorView::failed, this, &DebatePanel::complain);
}

void DebatePanel::linkStudies() {
    for (RunBar* bar : {&measure_->runs(), &attacks_->runs(), &claims_->runs()})
        connect(bar, &RunBar::adoptRequested, this, [this](const QJsonObject& params) {
            const auto adopted = adoptRun(params, setup_);
            adopted ? say(tr("The setup is that of the result shown.")) : complain(QString::fromStdString(adopted.error().text()));
        });
    connect(measure_, &MeasureView::failed, this, &DebatePanel::complain);
    connect(attacks_, &AttacksView::failed, this, &DebatePanel::complain);
    connect(attacks_, &AttacksView::pairChosen, this, [this](const QString& alice, const QString& bob) {
        setup_.set({{QStringLiteral("alice"), alice}, {QStringLiteral("bob"), bob}}, Seats{});
        tabs_->setCurrentWidget(playView_);
    });
    connect(scale_, &ScaleView::failed, this, &DebatePanel::complain);
    connect(tradeoff_, &TradeoffView::failed, this, &DebatePanel::complain);
    connect(claims_, &ClaimsView::failed, this, &DebatePanel::complain);
    connect(claims_, &ClaimsView::said, this, &DebatePanel::say);
    connect(claims_, &ClaimsView::gameRequested, this, &DebatePanel::playClaim);
    connect(claims_, &ClaimsView::playRequested, this, [this] { tabs_->setCurrentWidget(playView_); });
}

void DebatePanel::setupChanged() {
    game_.setPlaying(false);
    game_.setWaiting();
    QWidget* const wanted = setup_.isEmpty() ? static_cast<QWidget*>(gallery_) : work_;
    if (pages_->currentWidget() == wanted) return;
    pages_->setCurrentWidget(wanted);
    if (wanted == work_) playView_->transcript().setFocus();
}

void DebatePanel::arenaLoaded() {
    const auto& arena = loader_->arena();
    setupView_->setArena(arena);
    editor_->setArena(arena);
    tradeoff_->setArena(arena);
    if (!arena) {
        game_.start(nullptr, setup_.playOptions());
        if (!loader_->problem().isEmpty()) banner_->showProblem(loader_->problem());
        return;
    }
    const QJsonObject saved = std::exchange(pendingPlay_, {});
    game_.start(arena, setup_.playOptions(), movesFrom(saved), saved[QStringLiteral("rounds")].toInteger());
    if (saved.contains(QStringLiteral("position"))) game_.goTo(saved[QStringLiteral("position")].toInt());
    if (game_.play())
        banner_->showPromise(*arena, setup_.playOptions());
    else
        banner_->showProblem(game_.problem());
    compareWithFile();
    if (saved[QStringLiteral("go_on")].toBool()) game_.stepForward();
}

QAction* DebatePanel::add(const QString& name, const QString& text, const QKeySequence& key, const QString& tip, std::function<void()> act) {
    auto* action = new QAction(text, this);
    action->setObjectName(name);
    action->setShortcut(key);
    action->setShortcutContext(Qt::WidgetWithChildrenShortcut);
    action->setToolTip(tip);
    connect(action, &QAction::triggered, this, std::move(act));
    actions_.push_back(action);
    return action;
}

void DebatePanel::say(const QString& text) {
    status_->setText(text);
}

void DebatePanel::complain(const QString& text) {
    status_->setText(QStringLiteral("⚠ ") + text);
}

QJsonObject DebatePanel::saveState() const {
    const QJsonObject play = game_.save();
    return {{QStringLiteral("setup"), setup_.save()},
            {QStringLiteral("play"), play.isEmpty() ? pendingPlay_ : play},
            {QStringLiteral("tab"), tabs_->currentIndex()},
            {QStringLiteral("measure"), measure_->runs().chosen()},
            {QStringLiteral("attacks"), attacks_->runs().chosen()},
            {QStringLiteral("scale"), scale_->runs().chosen()},
            {QStringLiteral("tradeoff"), tradeoff_->runs().chosen()},
            {QStringLiteral("claims"), claims_->saveState()},
            {QStringLiteral("idle"), !loader_->busy()},
            {QStringLiteral("split"), QString::fromLatin1(work_->saveState().toBase64())}};
}

Result<void> DebatePanel::restoreState(const QJsonObject& state) {
    pendingPlay_ = state[QStringLiteral("play")].toObject();
    setup_.restore(state[QStringLiteral("setup")].toObject());
    tabs_->setCurrentIndex(state[QStringLiteral("tab")].toInt());
    measure_->runs().choose(state[QStringLiteral("measure")].toString());
    attacks_->runs().choose(state[QStringLiteral("attacks")].toString());
    scale_->runs().choose(state[QStringLiteral("scale")].toString());
    tradeoff_->runs().choose(state[QStringLiteral("tradeoff")].toString());
    claims_->restoreState(state[QStringLiteral("claims")].toObject());
    if (state.contains(QStringLiteral("split"))) work_->restoreState(QByteArray::fromBase64(state[QStringLiteral("split")].toString().toLatin1()));
    return {};
}

}  // namespace driftscope::debate
