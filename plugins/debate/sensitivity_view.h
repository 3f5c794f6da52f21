#pragma once

#include <QJsonObject>
#include <QWidget>

class QComboBox;
class QLabel;

namespace driftscope::plot {
class ScatterPlot;
}

namespace driftscope::debate {

/// How the honest side fares when an assumption is bent: K misjudged, a machine near 1/2, answers that depend on each other.
/// A bound is drawn as one only where the theorem may speak.
class SensitivityView : public QWidget {
    Q_OBJECT
  public:
    explicit SensitivityView(QWidget* parent = nullptr);
    void setStudy(const QJsonObject& study);  ///< "sensitivity" of a measurement; empty: none
    plot::ScatterPlot& plot() { return *plot_; }

  private:
    void show();

    QJsonObject study_;
    QComboBox* which_;
    plot::ScatterPlot* plot_;
    QLabel* text_;
};

}  // namespace driftscope::debate
