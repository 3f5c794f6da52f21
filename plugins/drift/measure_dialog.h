#pragma once

#include <QDialog>
#include <QJsonObject>

class QCheckBox;
class QComboBox;
class QLineEdit;
class QSpinBox;

namespace driftscope::drift {

struct DriftRun;

/// What llm.drift shall measure of a run: on which samples, where in the model, over which tokens, and whether the prompts are
/// answered too.
class MeasureDialog : public QDialog {
    Q_OBJECT
  public:
    explicit MeasureDialog(const DriftRun& run, QWidget* parent = nullptr);
    /// Parameters of llm.drift besides the run.
    QJsonObject params() const;

  private:
    void build(const DriftRun& run);
    void chooseFile();
    void check();

    QComboBox *data_, *tokens_;
    QCheckBox* points_[4];
    QSpinBox *samples_, *tokenSamples_, *newTokens_;
    QCheckBox *answers_, *direction_;
    QString harmful_, harmless_, judge_;
    class QPushButton* start_;
};

}  // namespace driftscope::drift
