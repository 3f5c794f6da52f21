#include "widgets/jobs/job_details.h"

#include <QDesktopServices>
#include <QFontDatabase>
#include <QHeaderView>
#include <QJsonArray>
#include <QJsonDocument>
#include <QLabel>
#include <QPlainTextEdit>
#include <QProgressBar>
#include <QPushButton>
#include <QScrollBar>
#include <QTabWidget>
#include <QTreeWidget>
#include <QUrl>
#include <QVBoxLayout>

#include "widgets/jobs/job_curves.h"
#include "widgets/jobs/job_text.h"
#include "widgets/session/job_runner.h"
#include "widgets/style/palette.h"

namespace driftscope::jobs {
namespace {

QString shown(const QJsonValue& value) {
    if (value.isString()) return value.toString();
    if (value.isNull()) return JobDetails::tr("not set");
    const QByteArray text = QJsonDocument(QJsonArray{value}).toJson(QJsonDocument::Compact);
    return QString::fromUtf8(text.mid(1, text.size() - 2));
}

void addRows(QTreeWidget* tree, const QString& title, const QJsonObject& values) {
    if (values.isEmpty()) return;
    auto* heading = new QTreeWidgetItem(tree, {title});
    heading->setFirstColumnSpanned(true);
    for (auto value = values.begin(); value != values.end(); ++value) {
        auto* row = new QTreeWidgetItem(heading, {value.key(), shown(value.value())});
        row->setToolTip(1, row->text(1));
    }
    heading->setExpanded(true);
}

}  // namespace

JobDetails::JobDetails(JobRunner& jobs, QWidget* parent)
    : QWidget(parent), jobs_(jobs), title_(new QLabel), state_(new QLabel), error_(new QLabel), progress_(new QProgressBar), tabs_(new QTabWidget),
      curves_(new JobCurves(jobs)), parameters_(new QTreeWidget), log_(new QPlainTextEdit) {
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(12, 8, 8, 8);
    layout->setSpacing(6);
    layout->addWidget(buildHead());
    layout->addWidget(tabs_, 1);
    tabs_->setDocumentMode(true);
    tabs_->addTab(curves_, tr("Curves"));
    tabs_->addTab(parameters_, tr("Parameters and result"));
    tabs_->addTab(log_, tr("Log"));
    parameters_->setHeaderHidden(true);
    parameters_->setColumnCount(2);
    parameters_->setFrameShape(QFrame::NoFrame);
    parameters_->setAccessibleName(tr("Parameters and result"));
    log_->setReadOnly(true);
    log_->setFrameShape(QFrame::NoFrame);
    log_->setFont(QFontDatabase::systemFont(QFontDatabase::FixedFont));
    log_->setAccessibleName(tr("Log"));
    log_->setPlaceholderText(tr("The job has not said anything."));
    connect(tabs_, &QTabWidget::currentChanged, this, &JobDetails::refreshLog);
    connect(&jobs_, &JobRunner::jobChanged, this, [this](const QString& id) {
        if (id == id_) refresh();
    });
}

QWidget* JobDetails::buildHead() {
    auto* head = new QWidget(this);
    auto* layout = new QVBoxLayout(head);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(4);
    auto* line = new QHBoxLayout;
    QFont font = title_->font();
    font.setWeight(QFont::DemiBold);
    title_->setFont(font);
    title_->setTextInteractionFlags(Qt::TextSelectableByMouse);
    title_->setSizePolicy(QSizePolicy::Ignored, QSizePolicy::Preferred);
    line->addWidget(title_, 1);
    line->addWidget(buildButtons());
    layout->addLayout(line);
    state_->setTextInteractionFlags(Qt::TextSelectableByMouse);
    layout->addWidget(state_);
    progress_->setTextVisible(false);
    progress_->setFixedHeight(6);
    progress_->setRange(0, 1000);
    progress_->setAccessibleName(tr("Progress"));
    layout->addWidget(progress_);
    error_->setObjectName(QStringLiteral("jobError"));
    error_->setWordWrap(true);
    error_->setTextInteractionFlags(Qt::TextSelectableByMouse | Qt::TextSelectableByKeyboard);
    error_->setContentsMargins(8, 6, 8, 6);
    error_->setAutoFillBackground(true);
    layout->addWidget(error_);
    return head;
}

QPushButton* JobDetails::addButton(QWidget* row, const char* name, const QString& text, const QString& help) {
    auto* button = new QPushButton(text, row);
    button->setObjectName(QLatin1String(name));
    button->setToolTip(help);
    row->layout()->addWidget(button);
    return button;
}

QWidget* JobDetails::buildButtons() {
    auto* row = new QWidget(this);
    auto* layout = new QHBoxLayout(row);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(6);
    stop_ = addButton(row, "stopJob", tr("Cancel"), tr("Stop after saving a checkpoint; it can be resumed"));
    resume_ = addButton(row, "resumeJob", tr("Resume"), tr("Go on from the last checkpoint, in the same folder"));
    again_ = addButton(row, "againJob", tr("Run again…"), tr("A new run with these parameters as a start"));
    folder_ = addButton(row, "folderJob", tr("Folder"), tr("Open the folder with results, parameters and events"));
    remove_ = addButton(row, "removeJob", tr("Remove"), tr("Move the run's folder to the trash"));
    connect(stop_, &QPushButton::clicked, this, &JobDetails::stopOrKill);
    connect(resume_, &QPushButton::clicked, this, [this] { jobs_.resume(id_); });
    connect(again_, &QPushButton::clicked, this, [this] { Q_EMIT againRequested(id_); });
    connect(folder_, &QPushButton::clicked, this, [this] {
        if (const JobView* job = jobs_.find(id_)) QDesktopServices::openUrl(QUrl::fromLocalFile(job->folder));
    });
    connect(remove_, &QPushButton::clicked, this, [this] { jobs_.remove(QString(id_)); });
    return row;
}

void JobDetails::stopOrKill() {
    const JobView* job = jobs_.find(id_);
    if (!job) return;
    if (job->killOffered)
        jobs_.kill(id_);
    else
        jobs_.cancel(id_);
}

void JobDetails::setJob(const QString& id) {
    if (id == id_) return;
    id_ = id;
    curves_->setJob(id);
    log_->clear();
    refresh();
}

void JobDetails::showCurves() { tabs_->setCurrentWidget(curves_); }

void JobDetails::refresh() {
    const JobView* job = jobs_.find(id_);
    if (!job) return;
    title_->setText(job->title);
    const QString progress = progressText(*job);
    QStringList facts{job->kind, stateText(*job)};
    if (!progress.isEmpty()) facts.append(progress);
    if (job->warnings > 0) facts.append(tr("%n warning(s), see the log", nullptr, job->warnings));
    state_->setText(facts.join(QStringLiteral("  ·  ")));
    QPalette quiet = palette();
    quiet.setColor(QPalette::WindowText, style::subtleText(palette()));
    state_->setPalette(quiet);
    const double done = fraction(*job);
    progress_->setVisible(job->state == JobView::State::Running);
    progress_->setRange(0, done < 0 ? 0 : 1000);
    progress_->setValue(static_cast<int>(done * 1000));
    error_->setVisible(!job->error.isEmpty());
    error_->setText(job->error);
    QPalette warned = palette();
    warned.setColor(QPalette::Window, style::mix(palette().color(QPalette::Base), QColor(0xd5, 0x5e, 0x00), 0.16));
    error_->setPalette(warned);
    refreshButtons(*job);
    fillParameters(*job);
    refreshLog();
}

void JobDetails::refreshButtons(const JobView& job) {
    using State = JobView::State;
    const bool active = job.state == State::Queued || job.state == State::Running;
    stop_->setVisible(active);
    stop_->setEnabled(!job.cancelling || job.killOffered);
    stop_->setText(job.killOffered ? tr("Kill") : job.cancelling ? tr("Stopping…") : tr("Cancel"));
    stop_->setToolTip(job.killOffered ? tr("It does not react. Kill it: what is after its last checkpoint is lost") : tr("Stop after saving a checkpoint; it can be resumed"));
    resume_->setVisible(job.state == State::Failed || job.state == State::Cancelled);
    remove_->setVisible(!active);
    again_->setEnabled(jobs_.kindsReady());
}

void JobDetails::fillParameters(const JobView& job) {
    // Parameters never change and the result comes once: rebuilding at every tick would fold what a person unfolded.
    const QString version = QStringLiteral("%1/%2").arg(job.id).arg(job.result.size());
    if (parameters_->property("version").toString() == version) return;
    parameters_->setProperty("version", version);
    parameters_->clear();
    addRows(parameters_, tr("Result"), job.result);
    addRows(parameters_, tr("Parameters"), job.params);
    parameters_->resizeColumnToContents(0);
}

void JobDetails::refreshLog() {
    if (tabs_->currentWidget() != log_) return;
    const QString text = jobs_.logText(id_);
    if (text == log_->toPlainText()) return;
    QScrollBar* bar = log_->verticalScrollBar();
    const bool atEnd = bar->value() == bar->maximum();
    const int place = bar->value();
    log_->setPlainText(text);
    bar->setValue(atEnd ? bar->maximum() : place);
}

}  // namespace driftscope::jobs
