#include "plugins/drift/side_picker.h"

#include <QComboBox>
#include <QHBoxLayout>
#include <QLabel>
#include <QSignalBlocker>

#include "plugins/drift/methods.h"

namespace driftscope::drift {

SidePicker::SidePicker(const QString& name, const QColor& colour, QWidget* parent) : QWidget(parent), runs_(new QComboBox), steps_(new QComboBox) {
    auto* letter = new QLabel(QStringLiteral("<b style='color:%1'>%2</b>").arg(colour.name(), name));
    runs_->setAccessibleName(tr("Run %1").arg(name));
    runs_->setObjectName(QStringLiteral("driftPair") + name);
    runs_->setSizeAdjustPolicy(QComboBox::AdjustToMinimumContentsLengthWithIcon);
    runs_->setMinimumContentsLength(18);
    steps_->setAccessibleName(tr("Step of run %1").arg(name));
    steps_->setObjectName(QStringLiteral("driftPairStep") + name);
    steps_->setToolTip(tr("The measured state whose scores and answers are compared"));
    auto* row = new QHBoxLayout(this);
    row->setContentsMargins(0, 0, 0, 0);
    row->addWidget(letter);
    row->addWidget(runs_, 1);
    row->addWidget(steps_);
    connect(runs_, &QComboBox::currentIndexChanged, this, &SidePicker::runChosen);
    connect(steps_, &QComboBox::currentIndexChanged, this, &SidePicker::stepChosen);
}

void SidePicker::setRuns(const std::vector<DriftRun>& runs) {
    const QString before = run();
    const QSignalBlocker quiet(runs_);
    runs_->clear();
    for (const DriftRun& run : runs) {
        const QString stage = run.stage == DriftRun::Stage::Align ? tr("alignment: ") : QString();
        runs_->addItem(stage + run.title, run.folder);
        runs_->setItemData(runs_->count() - 1, run.folder, Qt::ToolTipRole);
    }
    runs_->setCurrentIndex(runs_->findData(before));
}

void SidePicker::setSteps(const std::vector<std::int64_t>& steps) {
    const qint64 before = step();
    const QSignalBlocker quiet(steps_);
    steps_->clear();
    for (const std::int64_t one : steps) steps_->addItem(tr("step %1").arg(one), static_cast<qint64>(one));
    const int index = steps_->findData(before);
    steps_->setCurrentIndex(index >= 0 ? index : steps_->count() - 1);
}

QString SidePicker::run() const { return runs_->currentData().toString(); }
void SidePicker::setRun(const QString& folder) { runs_->setCurrentIndex(runs_->findData(folder)); }
std::int64_t SidePicker::step() const { return steps_->currentIndex() < 0 ? -1 : steps_->currentData().toLongLong(); }
QString SidePicker::title() const { return runs_->currentText() + (step() < 0 ? QString() : QStringLiteral(", ") + steps_->currentText()); }

}  // namespace driftscope::drift
