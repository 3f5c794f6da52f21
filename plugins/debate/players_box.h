#pragma once

#include <QWidget>

class QComboBox;
class QFormLayout;
class QLabel;
class QSpinBox;

namespace driftscope::form {
class RealSpinBox;
}

namespace driftscope::debate {

class SetupModel;
class SpecForm;

/// Protocol, and who plays: programs, honest or not, or a person in any seat.
class PlayersBox : public QWidget {
    Q_OBJECT
  public:
    explicit PlayersBox(SetupModel& setup, QWidget* parent = nullptr);
    /// How many steps there are to lie at.
    void setSteps(std::int64_t steps);

  private:
    void build();
    void fill();     ///< choices, which depend on the protocol
    void refresh();
    void choose(const QString& party, const QString& strategy);

    SetupModel& setup_;
    QFormLayout* form_;
    QComboBox *protocol_, *alice_, *bob_, *vera_;
    form::RealSpinBox* lie_;
    QSpinBox* lieStep_;
    SpecForm* witness_;
    QLabel* help_;
    QString filledFor_;
};

}  // namespace driftscope::debate
