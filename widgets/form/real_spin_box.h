#pragma once

#include <QDoubleSpinBox>

namespace driftscope::form {

/// A spin box for numbers of any size: shows 0.001 as such and 3e-5 in powers of ten, steps by a tenth of the value's magnitude, and
/// never rounds what was typed.
class RealSpinBox : public QDoubleSpinBox {
    Q_OBJECT
  public:
    explicit RealSpinBox(QWidget* parent = nullptr);
    QString textFromValue(double value) const override;
    double valueFromText(const QString& text) const override;
    QValidator::State validate(QString& text, int& position) const override;
    void stepBy(int steps) override;

  private:
    QString bare(const QString& text) const;  ///< without the unit
};

}  // namespace driftscope::form
