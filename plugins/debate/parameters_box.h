#pragma once

#include <QWidget>
#include <map>
#include <memory>

class QCheckBox;
class QComboBox;
class QFormLayout;
class QLabel;

namespace driftscope::debate {

struct Arena;
class SetupModel;
class ValueSlider;

/// Promise, goal, Lipschitz constant and accuracies of the stochastic protocol, what they cost, and every inequality of the
/// theorem with both sides as numbers.
class ParametersBox : public QWidget {
    Q_OBJECT
  public:
    explicit ParametersBox(SetupModel& setup, QWidget* parent = nullptr);
    void setArena(std::shared_ptr<const Arena> arena);

  private:
    void build();
    void addSlider(const QString& name, const QString& title, const QString& help, double low, double high, bool logarithmic);
    void edited(const QString& name, double value);
    void refresh();
    void refreshInequalities();
    QString countsText() const;

    SetupModel& setup_;
    std::shared_ptr<const Arena> arena_;
    QFormLayout* form_;
    QComboBox* choice_;
    QCheckBox* computedK_;
    std::map<QString, ValueSlider*> sliders_;
    QLabel *counts_, *inequalities_;
};

}  // namespace driftscope::debate
