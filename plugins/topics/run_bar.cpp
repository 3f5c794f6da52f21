#include "plugins/topics/run_bar.h"

#include <QComboBox>
#include <QHBoxLayout>
#include <QLabel>
#include <QProgressBar>
#include <QSignalBlocker>
#include <algorithm>

#include "plugins/topics/workspace.h"

namespace driftscope::topics {
namespace {

QComboBox* chooser(const char* name, const QString& label, int least) {
    auto* box = new QComboBox;
    box->setObjectName(QLatin1String(name));
    box->setAccessibleName(label);
    box->setSizeAdjustPolicy(QComboBox::AdjustToMinimumContentsLengthWithIcon);
    box->setMinimumContentsLength(least);
    return box;
}

QString number(const nlohmann::json& record, const char* key, int digits) {
    const auto found = record.find(key);
    return found != record.end() && found->is_number() ? QString::number(found->get<double>(), 'f', digits) : QString();
}

}  // namespace

RunBar::RunBar(Workspace& workspace, QWidget* parent)
    : QWidget(parent), workspace_(workspace), corpora_(chooser("topicBarCorpus", tr("Corpus"), 12)), runs_(chooser("topicBarRun", tr("Run"), 22)), facts_(new QLabel), busy_(new QProgressBar) {
    auto* row = new QHBoxLayout(this);
    row->setContentsMargins(8, 4, 8, 2);
    row->addWidget(new QLabel(tr("Corpus")));
    row->addWidget(corpora_);
    row->addSpacing(8);
    row->addWidget(new QLabel(tr("Run")));
    row->addWidget(runs_);
    facts_->setForegroundRole(QPalette::PlaceholderText);
    facts_->setTextInteractionFlags(Qt::TextSelectableByMouse);
    facts_->setSizePolicy(QSizePolicy::Ignored, QSizePolicy::Preferred);
    facts_->setObjectName(QStringLiteral("topicRunFacts"));
    row->addWidget(facts_, 1);
    busy_->setRange(0, 0);
    busy_->setTextVisible(false);
    busy_->setFixedSize(70, 8);
    row->addWidget(busy_);
    connect(corpora_, &QComboBox::activated, this, [this] { workspace_.openCorpus(corpora_->currentData().toString()); });
    connect(runs_, &QComboBox::activated, this, [this] { workspace_.openRun(runs_->currentData().toString()); });
    connect(&workspace_, &Workspace::listChanged, this, &RunBar::refreshList);
    connect(&workspace_, &Workspace::corpusChanged, this, &RunBar::refreshList);
    connect(&workspace_, &Workspace::runChanged, this, [this] {
        refreshList();
        refreshFacts();
    });
    connect(&workspace_, &Workspace::busyChanged, busy_, &QWidget::setVisible);
    busy_->hide();
    refreshList();
    refreshFacts();
}

void RunBar::refreshList() {
    const QSignalBlocker quietCorpora(corpora_), quietRuns(runs_);
    corpora_->clear();
    for (const CorpusEntry& corpus : workspace_.corpora()) corpora_->addItem(corpus.title, corpus.folder);
    if (workspace_.corpus() && corpora_->findData(workspace_.corpus()->folder) < 0) corpora_->addItem(workspace_.corpus()->name(), workspace_.corpus()->folder);
    corpora_->setCurrentIndex(workspace_.corpus() ? corpora_->findData(workspace_.corpus()->folder) : -1);
    corpora_->setPlaceholderText(corpora_->count() ? tr("choose") : tr("none yet"));
    corpora_->setEnabled(corpora_->count() > 0);
    runs_->clear();
    for (const RunEntry& run : workspace_.runs()) runs_->addItem(run.title, run.folder);
    if (workspace_.run() && runs_->findData(workspace_.run()->folder) < 0) runs_->addItem(workspace_.run()->title, workspace_.run()->folder);
    runs_->setCurrentIndex(workspace_.run() ? runs_->findData(workspace_.run()->folder) : -1);
    runs_->setPlaceholderText(runs_->count() ? tr("choose one of %1").arg(runs_->count()) : tr("none yet: train one in the Data tab"));
    runs_->setEnabled(runs_->count() > 0);
}

void RunBar::refreshFacts() {
    facts_->clear();
    facts_->setToolTip(QString());
    if (!workspace_.run()) return;
    const nlohmann::json& record = workspace_.run()->run.record;
    QStringList parts{tr("%1 topics, %2 documents").arg(workspace_.run()->topics()).arg(workspace_.run()->documents())};
    if (const QString value = number(record, "log_likelihood_per_token", 3); !value.isEmpty()) parts << tr("log-likelihood %1 nats per token").arg(value);
    if (const QString value = number(record, "alpha_sum", 3); !value.isEmpty()) parts << tr("Σα %1").arg(value);
    if (const QString value = number(record, "beta", 4); !value.isEmpty()) parts << tr("β %1").arg(value);
    if (record.contains("iterations")) parts << tr("%1 iterations").arg(number(record, "iterations", 0));
    facts_->setText(parts.join(QStringLiteral(" · ")));
    nlohmann::json brief = record;
    brief.erase("alpha");
    facts_->setToolTip(workspace_.run()->folder + QLatin1Char('\n') + QString::fromStdString(brief.dump(2, ' ', false, nlohmann::json::error_handler_t::replace)).left(1500));
}

void RunBar::step(int by) {
    if (runs_->count() == 0) return;
    const int next = std::clamp(runs_->currentIndex() + by, 0, runs_->count() - 1);
    workspace_.openRun(runs_->itemData(next).toString());
}

}  // namespace driftscope::topics
