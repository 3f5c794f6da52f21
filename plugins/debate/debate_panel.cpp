#include "plugins/debate/debate_panel.h"

#include <QAction>
#include <QFile>
#include <QJsonArray>
#include <QJsonDocument>
#include <QLabel>
#include <QSplitter>
#include <QStackedWidget>
#include <QTabWidget>
#include <QTableView>
#include <QVBoxLayout>

#include "plugins/debate/arena_loader.h"
#include "plugins/debate/gallery_view.h"
#include "plugins/debate/play_view.h"
#include "plugins/debate/promise_banner.h"
#include "plugins/debate/setup_view.h"
#include "plugins/debate/words.h"
#include "widgets/session/json_bridge.h"

namespace driftscope::debate {
namespace {

constexpr int kSetupWidth = 330;

/// Settings that change what is shown but not the game.
std::vector<Move> movesFrom(const QJsonObject& saved) {
    std::vector<Move> moves;
    for (const nlohmann::json& one : fromQt(saved).value("moves", nlohmann::json::array()))
        if (auto move = Move::fromJson(one)) moves.push_back(*move);
    return moves;
}

}  // namespace

DebatePanel::DebatePanel(HostContext& host)
    : host_(host), root_(std::make_unique<QWidget>()), loader_(new ArenaLoader(setup_, this)), pages_(new QStackedWidget), gallery_(new GalleryView), work_(new QSplitter),
      setupView_(new SetupView(setup_)), banner_(new PromiseBanner), tabs_(new QTabWidget), playView_(new PlayView(game_, setup_)), status_(new QLabel) {
    build();
    link();
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
    tabs_->setDocumentMode(true);
    tabs_->addTab(playView_, tr("Play"));
    column->addWidget(tabs_, 1);
    work_->setChildrenCollapsible(false);
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
    layout->addWidget(status_);
}

void DebatePanel::link() {
    connect(gallery_, &GalleryView::chosen, this, [this](const QJsonObject& computation) { setup_.setComputation(computation); });
    connect(&setup_, &SetupModel::changed, this, &DebatePanel::setupChanged);
    connect(loader_, &ArenaLoader::loaded, this, &DebatePanel::arenaLoaded);
    connect(loader_, &ArenaLoader::busyChanged, this, [this](bool busy) {
        if (busy && !loader_->arena()) banner_->showBusy();
    });
    connect(&game_, &PlayModel::failed, this, &DebatePanel::complain);
}

void DebatePanel::setupChanged() {
    QWidget* const wanted = setup_.isEmpty() ? static_cast<QWidget*>(gallery_) : work_;
    if (pages_->currentWidget() == wanted) return;
    pages_->setCurrentWidget(wanted);
    if (wanted == work_) playView_->transcript().setFocus();
}

void DebatePanel::arenaLoaded() {
    setupView_->setArena(loader_->arena());
    if (!loader_->arena()) {
        game_.start(nullptr, setup_.playOptions());
        if (!loader_->problem().isEmpty()) banner_->showProblem(loader_->problem());
        return;
    }
    const QJsonObject saved = std::exchange(pendingPlay_, {});
    game_.start(loader_->arena(), setup_.playOptions(), movesFrom(saved), saved[QStringLiteral("rounds")].toInteger());
    if (saved.contains(QStringLiteral("position"))) game_.goTo(saved[QStringLiteral("position")].toInt());
    if (game_.play())
        banner_->showPromise(*loader_->arena(), setup_.playOptions());
    else
        banner_->showProblem(game_.problem());
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

bool DebatePanel::openPath(const QString& path) {
    QFile file(path);
    if (!file.open(QIODevice::ReadOnly)) return false;
    const QJsonObject content = QJsonDocument::fromJson(file.readAll()).object();
    const QJsonObject computation = content.contains(QStringLiteral("turns")) ? content[QStringLiteral("computation")].toObject() : content;
    const auto machine = readComputation(fromQt(computation));
    if (!machine) {
        complain(QString::fromStdString(machine.error().text()));
        return false;
    }
    setup_.setComputation(computation);
    return true;
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
            {QStringLiteral("split"), QString::fromLatin1(work_->saveState().toBase64())}};
}

Result<void> DebatePanel::restoreState(const QJsonObject& state) {
    pendingPlay_ = state[QStringLiteral("play")].toObject();
    setup_.restore(state[QStringLiteral("setup")].toObject());
    tabs_->setCurrentIndex(state[QStringLiteral("tab")].toInt());
    if (state.contains(QStringLiteral("split"))) work_->restoreState(QByteArray::fromBase64(state[QStringLiteral("split")].toString().toLatin1()));
    return {};
}

}  // namespace driftscope::debate
