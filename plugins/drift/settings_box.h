#pragma once

#include <QWidget>

class QComboBox;
class QLabel;
class QPushButton;
class QVBoxLayout;

namespace driftscope::form {
class ParamForm;
}

namespace driftscope::drift {

class StudySetup;

/// Settings of a study's runs: for all methods or one, of one stage. What is shown is what a run would use; only what differs
/// from that is kept.
class SettingsBox : public QWidget {
    Q_OBJECT
  public:
    explicit SettingsBox(StudySetup& setup, QWidget* parent = nullptr);
    /// What is wrong in the form; empty when all is well.
    QString problem() const;

  private:
    QString scope() const;
    void fillScopes();
    void rebuild();
    void take();
    void refreshSummary();

    StudySetup& setup_;
    QComboBox *method_, *stage_;
    QPushButton* clear_;
    QLabel* summary_;
    QVBoxLayout* column_;
    form::ParamForm* form_ = nullptr;
    QString shown_;  ///< what the form was made for
    bool taking_ = false;
};

}  // namespace driftscope::drift
