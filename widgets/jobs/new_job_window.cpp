#include "widgets/jobs/new_job_window.h"

#include <QComboBox>
#include <QFontDatabase>
#include <QLabel>
#include <QLineEdit>
#include <QPushButton>
#include <QScrollArea>
#include <QVBoxLayout>

#include "widgets/form/param_form.h"
#include "widgets/session/job_runner.h"
#include "widgets/style/palette.h"

namespace driftscope::jobs {

NewJobWindow::NewJobWindow(JobRunner& jobs, QWidget* parent)
    : QDialog(parent), jobs_(jobs), kind_(new QComboBox), help_(new QLabel), title_(new QLineEdit), scroll_(new QScrollArea), command_(new QLineEdit), problem_(new QLabel),
      start_(new QPushButton(tr("Start"))) {
    setWindowTitle(tr("New job"));
    setObjectName(QStringLiteral("newJobWindow"));
    buildLayout();
    connect(kind_, &QComboBox::currentIndexChanged, this, &NewJobWindow::rebuildForm);
    connect(start_, &QPushButton::clicked, this, &NewJobWindow::start);
    connect(&jobs_, &JobRunner::kindsLoaded, this, &NewJobWindow::fillKinds);
    fillKinds();
    resize(560, 640);
}

void NewJobWindow::buildLayout() {
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(18, 16, 18, 14);
    layout->setSpacing(10);
    kind_->setObjectName(QStringLiteral("jobKind"));
    kind_->setAccessibleName(tr("Kind of job"));
    help_->setWordWrap(true);
    help_->setTextInteractionFlags(Qt::TextSelectableByMouse);
    title_->setPlaceholderText(tr("Title (optional)"));
    title_->setAccessibleName(tr("Title"));
    scroll_->setWidgetResizable(true);
    scroll_->setFrameShape(QFrame::NoFrame);
    command_->setReadOnly(true);
    command_->setFont(QFontDatabase::systemFont(QFontDatabase::FixedFont));
    command_->setToolTip(tr("The same job for a shell or a cluster: copy it"));
    command_->setAccessibleName(tr("Command line"));
    problem_->setWordWrap(true);
    start_->setObjectName(QStringLiteral("startJob"));
    start_->setDefault(true);
    for (QWidget* widget : std::initializer_list<QWidget*>{kind_, help_, title_}) layout->addWidget(widget);
    layout->addWidget(scroll_, 1);
    layout->addWidget(command_);
    auto* row = new QHBoxLayout;
    row->addWidget(problem_, 1);
    row->addWidget(start_);
    layout->addLayout(row);
}

void NewJobWindow::fillKinds() {
    const QString chosen = kind();
    const QSignalBlocker quiet(kind_);
    kind_->clear();
    for (const QString& name : jobs_.kinds()) kind_->addItem(QStringLiteral("%1  (%2)").arg(jobs_.kindTitle(name), name), name);
    kind_->setCurrentIndex(std::max(0, kind_->findData(chosen)));
    rebuildForm();
}

QString NewJobWindow::kind() const { return kind_->currentData().toString(); }

void NewJobWindow::setKind(const QString& kind, const QJsonObject& params) {
    const int row = kind_->findData(kind);
    if (row < 0) return;
    kind_->setCurrentIndex(row);
    rebuildForm();
    if (form_) form_->setValues(params);
}

void NewJobWindow::rebuildForm() {
    form_ = nullptr;
    if (kind_->count() == 0) {
        help_->setText(jobs_.kindsReady() ? tr("This program knows no kinds of jobs.") : tr("Asking which jobs can be run…"));
        refresh();
        return;
    }
    form_ = new form::ParamForm(jobs_.params(kind()));
    form_->setContentsMargins(0, 0, 8, 0);
    scroll_->setWidget(form_);  // deletes the former one
    help_->setText(jobs_.kindHelp(kind()));
    connect(form_, &form::ParamForm::edited, this, &NewJobWindow::refresh);
    refresh();
}

void NewJobWindow::refresh() {
    const QString problem = form_ ? form_->problem() : QString();
    start_->setEnabled(form_ && problem.isEmpty());
    problem_->setText(problem);
    QPalette quiet = palette();
    quiet.setColor(QPalette::WindowText, style::subtleText(palette()));
    problem_->setPalette(quiet);
    help_->setPalette(quiet);
    command_->setVisible(form_ != nullptr);
    if (form_) command_->setText((QStringList{QStringLiteral("driftscope-run"), kind()} + form_->commandLine() + QStringList{QStringLiteral("--out"), QStringLiteral("DIR")}).join(QLatin1Char(' ')));
    command_->setCursorPosition(0);
}

void NewJobWindow::start() {
    const QString id = jobs_.start(kind(), form_->values(), title_->text().trimmed());
    if (id.isEmpty()) return;
    Q_EMIT started(id);
    close();
}

}  // namespace driftscope::jobs
