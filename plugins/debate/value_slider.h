#pragma once

#include <QWidget>

class QSlider;

namespace driftscope::form {
class RealSpinBox;
}

namespace driftscope::debate {

/// A number by slider and by typing; the slider may be logarithmic.
class ValueSlider : public QWidget {
    Q_OBJECT
  public:
    ValueSlider(const QString& name, const QString& help, double low, double high, bool logarithmic, QWidget* parent = nullptr);
    /// Shows a number without saying edited().
    void setValue(double value);
    double value() const;

  Q_SIGNALS:
    void edited(double value);

  private:
    int toSlider(double value) const;
    double fromSlider(int position) const;

    double low_, high_;
    bool logarithmic_;
    QSlider* slider_;
    form::RealSpinBox* box_;
};

}  // namespace driftscope::debate
