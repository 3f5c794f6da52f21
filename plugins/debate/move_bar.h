#pragma once

#include <QWidget>

class QComboBox;
class QHBoxLayout;
class QLabel;
class QLineEdit;
class QPushButton;
class QSpinBox;
class QStackedWidget;

namespace driftscope::form {
class RealSpinBox;
}

namespace driftscope::debate {

class PlayModel;

/// What happens now in one sentence, and the controls of the person whose move it is.
class MoveBar : public QWidget {
    Q_OBJECT
  public:
    explicit MoveBar(PlayModel& game, QWidget* parent = nullptr);

    /// Bob accepts the claim, Vera lets it stand.
    void accept();
    /// Bob challenges or disputes, or names the step; Vera rejects.
    void challenge();
    /// Alice states what stands in her field.
    void state();
    /// The step that Bob would name in a cross-examination.
    void setNamedStep(int step);
    QString sentence() const;

  private:
    QWidget* buildClaim();
    QWidget* buildConfiguration();
    QWidget* buildAnswer();
    QWidget* buildName();
    void refresh();
    void showControls();
    QString promptSentence() const;
    QString roundSentence() const;
    QString stochasticSentence() const;

    PlayModel& game_;
    QLabel* sentence_;
    QLabel* detail_;
    QStackedWidget* controls_;
    QWidget* nothing_;
    QWidget *claimPage_ = nullptr, *configurationPage_ = nullptr, *answerPage_ = nullptr, *namePage_ = nullptr;
    form::RealSpinBox* claim_ = nullptr;
    QLineEdit* configuration_ = nullptr;
    QComboBox* answer_ = nullptr;
    QPushButton *accept_ = nullptr, *challenge_ = nullptr;
    QSpinBox* named_ = nullptr;
};

}  // namespace driftscope::debate
