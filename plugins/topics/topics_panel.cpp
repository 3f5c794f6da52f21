#include "plugins/topics/topics_panel.h"

#include <QAction>
#include <QFileDialog>
#include <QFileInfo>
#include <QLabel>
#include <QStackedWidget>
#include <QTabWidget>
#include <QVBoxLayout>

#include "plugins/topics/categories_view.h"
#include "plugins/topics/corpus_box.h"
#include "plugins/topics/ensemble_view.h"
#include "plugins/topics/data_view.h"
#include "plugins/topics/explore_view.h"
#include "plugins/topics/people_view.h"
#include "plugins/topics/results_view.h"
#include "plugins/topics/run_bar.h"
#include "plugins/topics/runs_view.h"
#include "plugins/topics/space_view.h"
#include "plugins/topics/train_box.h"
#include "plugins/topics/training_view.h"
#include "plugins/topics/topic_table.h"
#include "plugins/topics/welcome_view.h"
#include "widgets/session/edit_stack.h"
#include "widgets/session/job_runner.h"
#include "widgets/session/project.h"

namespace driftscope::topics {
namespace {

const QString kSample = QStringLiteral(DRIFTSCOPE_RESOURCES "/demo/topics/BBC_News/corpus.tsv");

}  // namespace

TopicsPanel::TopicsPanel(HostContext& host)
    : host_(host), root_(std::make_unique<QWidget>()), workspace_(host), labels_(host.edits), comparison_(workspace_), judgements_(host.edits), pages_(new QStackedWidget), welcome_(new WelcomeView(QFileInfo::exists(kSample))), bar_(new RunBar(workspace_)),
      tabs_(new QTabWidget), data_(new DataView(workspace_)), explore_(new ExploreView(workspace_, labels_)), runs_(new RunsView(workspace_, labels_, comparison_)),
      categories_(new CategoriesView(workspace_, labels_)), space_(new SpaceView(workspace_, labels_, comparison_)), people_(new PeopleView(workspace_, judgements_)), status_(new QLabel) {
    build();
    link();
    buildActions();
    host_.jobs.loadKinds();
    showPages();
}

TopicsPanel::~TopicsPanel() {
    root_.reset();  // the views use what is declared after it
}

void TopicsPanel::build() {
    auto* work = new QWidget;
    auto* column = new QVBoxLayout(work);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(0);
    column->addWidget(bar_);
    addTabs();
    column->addWidget(tabs_, 1);
    pages_->addWidget(welcome_);
    pages_->addWidget(work);
    auto* layout = new QVBoxLayout(root_.get());
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(0);
    layout->addWidget(pages_, 1);
    status_->setTextInteractionFlags(Qt::TextSelectableByMouse);
    status_->setContentsMargins(8, 2, 8, 4);
    status_->setWordWrap(true);
    status_->setObjectName(QStringLiteral("topicsStatus"));
    layout->addWidget(status_);
}

void TopicsPanel::addTabs() {
    tabs_->setDocumentMode(true);
    tabs_->setObjectName(QStringLiteral("topicsTabs"));
    tabs_->addTab(data_, tr("Data"));
    tabs_->addTab(explore_, tr("Topics"));
    tabs_->addTab(runs_, tr("Runs"));
    tabs_->addTab(categories_, tr("Categories"));
    tabs_->addTab(people_, tr("People"));
    tabs_->addTab(space_, tr("Space"));
}

void TopicsPanel::link() {
    connect(&workspace_, &Workspace::runChanged, this, [this] {
        labels_.setRun(workspace_.run());
        judgements_.setRun(workspace_.run());
        status_->clear();  // what it said was about the run before
    });
    connect(&workspace_, &Workspace::failed, this, &TopicsPanel::complain);
    connect(&workspace_, &Workspace::said, this, &TopicsPanel::say);
    connect(&workspace_, &Workspace::listChanged, this, &TopicsPanel::showPages);
    connect(&labels_, &TopicLabels::moved, this, [this](std::uint32_t topic) { workspace_.selectTopic(topic); });
    connect(welcome_, &WelcomeView::sampleRequested, this, &TopicsPanel::openSample);
    connect(welcome_, &WelcomeView::openRequested, this, &TopicsPanel::openFolder);
    connect(welcome_, &WelcomeView::newRequested, this, [this] {
        entered_ = true;
        showPages();
        tabs_->setCurrentWidget(data_);
        data_->corpus().showForm();
    });
    connect(&data_->corpus(), &CorpusBox::openRequested, this, &TopicsPanel::openFolder);
    connect(&data_->corpus(), &CorpusBox::failed, this, &TopicsPanel::complain);
    connect(&data_->train(), &TrainBox::failed, this, &TopicsPanel::complain);
    connect(&data_->training(), &TrainingView::failed, this, &TopicsPanel::complain);
    connect(&data_->training(), &TrainingView::said, this, &TopicsPanel::say);
    connect(&data_->training(), &TrainingView::openRequested, this, &TopicsPanel::openRun);
    connect(&explore_->table().topicModel(), &TopicTableModel::failed, this, &TopicsPanel::complain);
    connect(&comparison_, &Comparison::failed, this, &TopicsPanel::complain);
    connect(runs_, &RunsView::topicChosen, this, &TopicsPanel::openTopic);
    connect(&runs_->ensemble(), &EnsembleView::said, this, &TopicsPanel::say);
    connect(&runs_->ensemble(), &EnsembleView::openRequested, this, &TopicsPanel::openRun);
    connect(people_, &PeopleView::failed, this, &TopicsPanel::complain);
    connect(welcome_, &WelcomeView::judgementsRequested, this, [this] {
        entered_ = true;
        showPages();
        tabs_->setCurrentWidget(people_);
        people_->showResults();
    });
    connect(space_, &SpaceView::failed, this, &TopicsPanel::complain);
    connect(explore_, &ExploreView::menuRequested, this, &TopicsPanel::openTopicMenu);
}

void TopicsPanel::showPages() {
    const bool any = entered_ || workspace_.corpus() || workspace_.run() || !workspace_.corpora().empty() || !workspace_.runs().empty();
    pages_->setCurrentIndex(any ? 1 : 0);
}

QAction* TopicsPanel::add(const QString& name, const QString& text, const QKeySequence& key, const QString& tip, std::function<void()> act) {
    auto* action = new QAction(text, this);
    action->setObjectName(name);
    action->setShortcut(key);
    action->setShortcutContext(Qt::WidgetWithChildrenShortcut);
    action->setToolTip(tip);
    connect(action, &QAction::triggered, this, std::move(act));
    actions_.push_back(action);
    return action;
}

void TopicsPanel::openSample() {
    entered_ = true;
    showPages();
    tabs_->setCurrentWidget(data_);
    data_->corpus().showForm(kSample);
    host_.jobs.kindsReady() ? data_->corpus().start() : say(tr("Press Make the corpus."));
}

void TopicsPanel::openFolder() {
    const QString folder = QFileDialog::getExistingDirectory(root_.get(), tr("Open a corpus or a topic run"), host_.project.folder());
    if (!folder.isEmpty() && !openPath(folder)) act(workspace_.adopt(folder));
}

void TopicsPanel::openRun(const QString& folder) {
    workspace_.openRun(folder);
    tabs_->setCurrentWidget(explore_);
}

void TopicsPanel::openTopic(const QString& folder, std::uint32_t topic) {
    if (!workspace_.run() || workspace_.run()->folder != folder) {
        chooseOnceOpen(topic);
        workspace_.openRun(folder);
    } else {
        workspace_.selectTopic(topic);
    }
    tabs_->setCurrentWidget(explore_);
}

void TopicsPanel::chooseOnceOpen(std::uint32_t topic) {
    connect(&workspace_, &Workspace::runChanged, this, [this, topic] {
        if (workspace_.run() && topic < workspace_.run()->topics()) workspace_.selectTopic(topic);
    }, Qt::SingleShotConnection);
}

bool TopicsPanel::openPath(const QString& path) {
    const QFileInfo info(path);
    if (info.isDir()) {
        if (!workspace_.adopt(path)) return false;  // another panel may know the folder
        if (!QFileInfo::exists(path + QStringLiteral("/beta.npy"))) return true;
        tabs_->setCurrentWidget(explore_);
        return true;
    }
    static const QStringList kTexts{QStringLiteral("txt"), QStringLiteral("jsonl"), QStringLiteral("csv"), QStringLiteral("tsv")};
    if (!kTexts.contains(info.suffix().toLower())) return false;
    entered_ = true;
    showPages();
    tabs_->setCurrentWidget(data_);
    data_->corpus().showForm(path);
    say(tr("Look over how %1 is to be read, then press Make the corpus.").arg(info.fileName()));
    return true;
}

void TopicsPanel::say(const QString& text) {
    status_->setText(text);
}

void TopicsPanel::complain(const QString& text) {
    status_->setText(QStringLiteral("⚠ ") + text);
}

void TopicsPanel::act(const Result<void>& result) {
    if (!result) complain(QString::fromStdString(result.error().text()));
}

QJsonObject TopicsPanel::saveState() const {
    return {{QStringLiteral("corpus"), workspace_.wantedCorpus()},
            {QStringLiteral("run"), workspace_.wantedRun()},
            {QStringLiteral("topic"), workspace_.topic() ? static_cast<int>(*workspace_.topic()) : -1},
            {QStringLiteral("tab"), tabs_->currentIndex()},
            {QStringLiteral("lambda"), explore_->lambda()},
            {QStringLiteral("train"), data_->train().saveState()},
            {QStringLiteral("runs"), runs_->saveState()},
            {QStringLiteral("people"), people_->page()},
            {QStringLiteral("space"), space_->saveState()},
            {QStringLiteral("explore"), QString::fromLatin1(explore_->saveLayout().toBase64())}};
}

Result<void> TopicsPanel::restoreState(const QJsonObject& state) {
    tabs_->setCurrentIndex(state[QStringLiteral("tab")].toInt());
    explore_->setLambda(state[QStringLiteral("lambda")].toDouble(explore_->lambda()));
    data_->train().restoreState(state[QStringLiteral("train")].toObject());
    runs_->restoreState(state[QStringLiteral("runs")].toObject());
    people_->setPage(state[QStringLiteral("people")].toInt());
    space_->restoreState(state[QStringLiteral("space")].toObject());
    if (state.contains(QStringLiteral("explore"))) explore_->restoreLayout(QByteArray::fromBase64(state[QStringLiteral("explore")].toString().toLatin1()));
    const QString corpus = state[QStringLiteral("corpus")].toString(), run = state[QStringLiteral("run")].toString();
    if (!corpus.isEmpty()) workspace_.openCorpus(corpus);
    const int topic = state[QStringLiteral("topic")].toInt(-1);
    if (!run.isEmpty()) {
        if (topic >= 0) chooseOnceOpen(static_cast<std::uint32_t>(topic));
        workspace_.openRun(run);
    }
    return {};
}

}  // namespace driftscope::topics
