#pragma once

#include <QWidget>

class QLabel;
class QRadioButton;
class QStackedWidget;

namespace driftscope::form {
class ParamForm;
}

namespace driftscope::drift {

class InputCheck;
class StudySetup;

/// Where a study's model and data come from: the demo makes them, or files are named. Says beside every file what is in it.
class SourceBox : public QWidget {
    Q_OBJECT
  public:
    SourceBox(StudySetup& setup, InputCheck& check, QWidget* parent = nullptr);

  private:
    QWidget* buildDemo();
    QWidget* buildFiles();
    void take();
    void refresh();
    void showFacts();

    StudySetup& setup_;
    InputCheck& check_;
    QRadioButton *demo_, *own_;
    QStackedWidget* pages_;
    form::ParamForm* demoForm_;
    form::ParamForm* fileForm_;
    QLabel* demoFact_;
    QLabel* facts_;
    bool taking_ = false;
};

}  // namespace driftscope::drift
