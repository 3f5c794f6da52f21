#include "plugins/topics/corpus_box.h"

#include <QDir>
#include <QFileInfo>
#include <QHBoxLayout>
#include <QHeaderView>
#include <QLabel>
#include <QLocale>
#include <QPushButton>
#include <QScrollArea>
#include <QStackedWidget>
#include <QTableWidget>
#include <QVBoxLayout>

#include "plugins/api/panel_plugin.h"
#include "plugins/topics/workspace.h"
#include "widgets/form/param_form.h"
#include "widgets/session/job_runner.h"

namespace driftscope::topics {
namespace {

const QString kKind = QStringLiteral("topics.preprocess");

QString count(std::uint64_t value) {
    return QLocale(QLocale::English).toString(static_cast<qulonglong>(value));
}

}  // namespace

CorpusBox::CorpusBox(Workspace& workspace, QWidget* parent)
    : QWidget(parent), workspace_(workspace), pages_(new QStackedWidget), facts_(new QLabel), dropped_(new QTableWidget), problem_(new QLabel), start_(new QPushButton(tr("Make the corpus"))) {
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(8, 8, 8, 4);
    auto* head = new QHBoxLayout;
    head->addWidget(new QLabel(tr("<b>Corpus</b>")));
    head->addStretch(1);
    auto* make = new QPushButton(tr("New…"));
    make->setObjectName(QStringLiteral("topicNewCorpus"));
    make->setToolTip(tr("Make a corpus from a text file, a folder of texts, CSV, JSON lines or an OCTIS file"));
    connect(make, &QPushButton::clicked, this, [this] { pages_->currentIndex() == 0 ? showForm() : pages_->setCurrentIndex(0); });
    head->addWidget(make);
    auto* open = new QPushButton(tr("Open…"));
    open->setToolTip(tr("Open a corpus folder that exists"));
    connect(open, &QPushButton::clicked, this, &CorpusBox::openRequested);
    head->addWidget(open);
    column->addLayout(head);
    pages_->addWidget(buildFacts());
    pages_->addWidget(buildForm());
    column->addWidget(pages_, 1);
    connect(&workspace_, &Workspace::corpusChanged, this, [this] {
        pages_->setCurrentIndex(0);
        refreshFacts();
    });
    connect(&workspace_.host().jobs, &JobRunner::kindsLoaded, this, &CorpusBox::fillForm);
    connect(&workspace_.host().jobs, &JobRunner::jobFinished, this, [this](const QString& id) {
        if (id != running_) return;
        const JobView* job = workspace_.host().jobs.find(id);
        running_.clear();
        start_->setEnabled(true);
        start_->setText(tr("Make the corpus"));
        if (job && job->state == JobView::State::Done) {
            problem_->clear();
            pages_->setCurrentIndex(0);
            workspace_.openCorpus(job->folder);
        } else if (job) {
            problem_->setText(QStringLiteral("⚠ ") + job->error);
            if (job->state == JobView::State::Failed) Q_EMIT failed(job->error);
        }
    });
    refreshFacts();
    fillForm();
}

QWidget* CorpusBox::buildFacts() {
    auto* page = new QWidget;
    auto* column = new QVBoxLayout(page);
    column->setContentsMargins(0, 4, 0, 0);
    facts_->setWordWrap(true);
    facts_->setTextInteractionFlags(Qt::TextSelectableByMouse);
    facts_->setObjectName(QStringLiteral("topicCorpusFacts"));
    column->addWidget(facts_);
    dropped_->setColumnCount(3);
    dropped_->setHorizontalHeaderLabels({tr("dropped"), tr("why"), tr("count")});
    dropped_->setObjectName(QStringLiteral("topicDropped"));
    dropped_->setAccessibleName(tr("What was dropped and why"));
    dropped_->setEditTriggers(QAbstractItemView::NoEditTriggers);
    dropped_->setShowGrid(false);
    dropped_->setFrameShape(QFrame::NoFrame);
    dropped_->verticalHeader()->hide();
    dropped_->verticalHeader()->setDefaultSectionSize(fontMetrics().height() + 6);
    dropped_->horizontalHeader()->setDefaultAlignment(Qt::AlignLeft | Qt::AlignVCenter);
    dropped_->horizontalHeader()->setSectionResizeMode(1, QHeaderView::Stretch);
    column->addWidget(dropped_, 1);
    return page;
}

QWidget* CorpusBox::buildForm() {
    auto* page = new QWidget;
    auto* column = new QVBoxLayout(page);
    column->setContentsMargins(0, 4, 0, 0);
    auto* content = new QWidget;
    formColumn_ = new QVBoxLayout(content);
    formColumn_->setContentsMargins(0, 0, 6, 0);
    auto* scroll = new QScrollArea;
    scroll->setWidget(content);
    scroll->setWidgetResizable(true);
    scroll->setFrameShape(QFrame::NoFrame);
    scroll->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    column->addWidget(scroll, 1);
    problem_->setWordWrap(true);
    problem_->setObjectName(QStringLiteral("topicCorpusProblem"));
    column->addWidget(problem_);
    start_->setObjectName(QStringLiteral("topicMakeCorpus"));
    start_->setDefault(true);
    connect(start_, &QPushButton::clicked, this, &CorpusBox::start);
    column->addWidget(start_);
    return page;
}

void CorpusBox::fillForm() {
    if (form_ || !workspace_.host().jobs.kindsReady()) return;
    form_ = new form::ParamForm(workspace_.host().jobs.params(kKind));
    form_->setObjectName(QStringLiteral("topicCorpusForm"));
    formColumn_->addWidget(form_);
    if (!wantedInput_.isEmpty()) form_->setValues({{QStringLiteral("input"), wantedInput_}});
}

void CorpusBox::showForm(const QString& input) {
    wantedInput_ = input;
    workspace_.host().jobs.loadKinds();
    fillForm();
    if (form_ && !input.isEmpty()) form_->setValues({{QStringLiteral("input"), input}});
    pages_->setCurrentIndex(1);
}

void CorpusBox::start() {
    if (!form_ || !running_.isEmpty()) return;
    if (!form_->isValid()) {
        problem_->setText(QStringLiteral("⚠ ") + form_->problem());
        return;
    }
    problem_->clear();
    const QJsonObject values = form_->values();
    const QFileInfo input(values[QStringLiteral("input")].toString());
    const QString name = input.fileName() == QLatin1String("corpus.tsv") ? input.dir().dirName() : input.fileName();
    running_ = workspace_.host().jobs.start(kKind, values, name);
    start_->setEnabled(false);
    start_->setText(tr("Reading %1…").arg(name));
}

void CorpusBox::refreshFacts() {
    const auto& opened = workspace_.corpus();
    dropped_->setVisible(opened != nullptr);
    if (!opened) {
        facts_->setText(tr("Make a corpus from your texts with <b>New…</b>, or open a corpus folder. Nothing leaves this machine."));
        return;
    }
    const Corpus& corpus = opened->corpus;
    std::size_t test = 0, empty = 0;
    for (std::size_t d = 0; d < corpus.documents(); ++d) {
        test += corpus.splits[d] == Split::Test;
        empty += opened->lengths[d] == 0;
    }
    QStringList lines{tr("<b>%1</b> documents, <b>%2</b> words in the vocabulary, <b>%3</b> tokens").arg(count(corpus.documents()), count(corpus.vocabulary.size()), count(corpus.tokens()))};
    if (test) lines << tr("%1 documents are held out for testing").arg(count(test));
    if (empty) lines << tr("%1 documents have no words").arg(count(empty));
    if (!corpus.ordered) lines << tr("the order of words is not known");
    for (const LabelLevel& level : corpus.levels) lines << tr("categories <i>%1</i>: %2").arg(QString::fromStdString(level.name).toHtmlEscaped()).arg(level.categories.categories.size());
    facts_->setText(lines.join(QStringLiteral("<br>")));
    showDropped();
}

void CorpusBox::showDropped() {
    dropped_->setRowCount(0);
    const auto about = workspace_.corpus()->record.find("about");
    if (about == workspace_.corpus()->record.end() || !about->contains("report")) return;
    const nlohmann::json& report = (*about)["report"];
    for (const auto& [key, what] : {std::pair{"documents_dropped", tr("documents")}, {"words_dropped", tr("words")}, {"tokens_dropped", tr("tokens")}}) {
        if (!report.contains(key) || !report[key].is_array()) continue;
        for (const nlohmann::json& loss : report[key]) {
            const int row = dropped_->rowCount();
            dropped_->insertRow(row);
            dropped_->setItem(row, 0, new QTableWidgetItem(what));
            dropped_->setItem(row, 1, new QTableWidgetItem(QString::fromStdString(loss.value("reason", std::string()))));
            dropped_->setItem(row, 2, new QTableWidgetItem(count(loss.value("count", std::uint64_t{0}))));
            dropped_->item(row, 1)->setToolTip(dropped_->item(row, 1)->text());
        }
    }
    if (dropped_->rowCount() == 0) {
        dropped_->insertRow(0);
        dropped_->setItem(0, 0, new QTableWidgetItem(tr("nothing")));
    }
    dropped_->resizeColumnToContents(0);
}

}  // namespace driftscope::topics
