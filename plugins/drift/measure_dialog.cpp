#include "plugins/drift/measure_dialog.h"

#include <QCheckBox>
#include <QComboBox>
#include <QDialogButtonBox>
#include <QFileDialog>
#include <QFormLayout>
#include <QHBoxLayout>
#include <QJsonArray>
#include <QLabel>
#include <QPushButton>
#include <QSpinBox>

#include "plugins/drift/inspect_model.h"

namespace driftscope::drift {
namespace {

const char* const kPoints[] = {"attention_out", "mlp_out", "residual", "final_norm"};
constexpr int kFallbackNewTokens = 64;

}  // namespace

MeasureDialog::MeasureDialog(const DriftRun& run, QWidget* parent)
    : QDialog(parent), data_(new QComboBox), tokens_(new QComboBox), samples_(new QSpinBox), tokenSamples_(new QSpinBox), newTokens_(new QSpinBox), answers_(new QCheckBox(tr("Answer the prompts before and after"))),
      direction_(new QCheckBox(tr("Refusal direction from the run's harmful and benign prompts"))), harmful_(run.params[QStringLiteral("eval_harmful")].toString()), harmless_(run.params[QStringLiteral("eval_benign")].toString()),
      judge_(run.params[QStringLiteral("judge")].toString(QStringLiteral("refusal"))) {
    setWindowTitle(tr("Measure drift of %1").arg(run.title));
    setObjectName(QStringLiteral("driftMeasure"));
    build(run);
    check();
}

void MeasureDialog::build(const DriftRun& run) {
    auto* form = new QFormLayout(this);
    for (const auto& [title, path] : InspectModel::measurableData(run)) data_->addItem(title, path);
    data_->setObjectName(QStringLiteral("driftMeasureData"));
    auto* file = new QPushButton(tr("File…"));
    connect(file, &QPushButton::clicked, this, &MeasureDialog::chooseFile);
    auto* row = new QHBoxLayout;
    row->addWidget(data_, 1);
    row->addWidget(file);
    form->addRow(tr("Samples from"), row);
    samples_->setRange(1, 1'000'000);
    samples_->setValue(100);
    form->addRow(tr("At most"), samples_);
    auto* where = new QHBoxLayout;
    for (int i = 0; i < 4; ++i) {
        points_[i] = new QCheckBox(QLatin1String(kPoints[i]));
        points_[i]->setChecked(i == 0 || i == 2);
        connect(points_[i], &QCheckBox::toggled, this, &MeasureDialog::check);
        where->addWidget(points_[i]);
    }
    form->addRow(tr("Where"), where);
    for (const char* name : {"response", "prompt", "last_prompt", "first_response", "all", "bos"}) tokens_->addItem(QLatin1String(name));
    tokens_->setToolTip(tr("Tokens that are averaged into a sample's vector"));
    form->addRow(tr("Vector of"), tokens_);
    tokenSamples_->setRange(0, 1'000'000);
    tokenSamples_->setValue(32);
    tokenSamples_->setToolTip(tr("Samples, from the first on, of which every token's drift is kept"));
    form->addRow(tr("Tokens kept of"), tokenSamples_);
    newTokens_->setRange(1, 100'000);
    newTokens_->setValue(run.params[QStringLiteral("new_tokens")].toInt(kFallbackNewTokens));
    newTokens_->setSuffix(tr(" tokens at most"));
    auto* answering = new QHBoxLayout;
    answering->addWidget(answers_);
    answering->addWidget(newTokens_);
    form->addRow(QString(), answering);
    connect(answers_, &QCheckBox::toggled, newTokens_, &QWidget::setEnabled);
    newTokens_->setEnabled(false);
    answers_->setToolTip(tr("Not needed for prompts that the run answered while it trained"));
    direction_->setChecked(!harmful_.isEmpty() && !harmless_.isEmpty());
    direction_->setEnabled(direction_->isChecked());
    form->addRow(QString(), direction_);
    auto* buttons = new QDialogButtonBox(QDialogButtonBox::Cancel);
    start_ = buttons->addButton(tr("Measure"), QDialogButtonBox::AcceptRole);
    start_->setObjectName(QStringLiteral("driftMeasureStart"));
    connect(buttons, &QDialogButtonBox::accepted, this, &QDialog::accept);
    connect(buttons, &QDialogButtonBox::rejected, this, &QDialog::reject);
    form->addRow(buttons);
}

void MeasureDialog::chooseFile() {
    const QString file = QFileDialog::getOpenFileName(this, tr("Samples to measure"), {}, tr("Samples (*.jsonl *.json *.csv *.tsv)"));
    if (file.isEmpty()) return;
    data_->addItem(file, file);
    data_->setCurrentIndex(data_->count() - 1);
    check();
}

void MeasureDialog::check() {
    const bool somewhere = std::any_of(std::begin(points_), std::end(points_), [](const QCheckBox* box) { return box->isChecked(); });
    start_->setEnabled(somewhere && data_->count() > 0);
    start_->setToolTip(data_->count() == 0 ? tr("Choose a file of samples") : somewhere ? QString() : tr("Choose a place in the model"));
}

QJsonObject MeasureDialog::params() const {
    QJsonArray points;
    for (int i = 0; i < 4; ++i)
        if (points_[i]->isChecked()) points.append(QLatin1String(kPoints[i]));
    QJsonObject out{{QStringLiteral("data"), data_->currentData().toString()}, {QStringLiteral("samples"), samples_->value()}, {QStringLiteral("points"), points}, {QStringLiteral("tokens"), tokens_->currentText()},
                    {QStringLiteral("token_samples"), tokenSamples_->value()}};
    if (answers_->isChecked()) {
        out[QStringLiteral("new_tokens")] = newTokens_->value();
        out[QStringLiteral("judge")] = judge_ == QLatin1String("content") ? judge_ : QStringLiteral("refusal");
    }
    if (direction_->isChecked()) {
        out[QStringLiteral("harmful")] = harmful_;
        out[QStringLiteral("harmless")] = harmless_;
    }
    return out;
}

}  // namespace driftscope::drift
