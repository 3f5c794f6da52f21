#pragma once

#include <QJsonObject>
#include <QWidget>

class QCheckBox;
class QLabel;
class QSpinBox;

namespace driftscope {
struct HostContext;
struct JobView;
namespace plot {
class ScatterPlot;
}
}  // namespace driftscope

namespace driftscope::debate {

class NumberTable;
class RunBar;
class SensitivityView;
class SetupModel;

/// Many games of the present setup as a job: how often the honest side wins, beside what dynamic programming and the theorem
/// say; and what everybody spent. Bounds are shown only where they hold.
class MeasureView : public QWidget {
    Q_OBJECT
  public:
    MeasureView(HostContext& host, SetupModel& setup, QWidget* parent = nullptr);

    RunBar& runs() { return *runs_; }
    plot::ScatterPlot& plot() { return *plot_; }

  Q_SIGNALS:
    void failed(const QString& text);

  private:
    void build();
    void show(const JobView& job);
    void showPlot();
    void showTable();
    void setupChanged();

    HostContext& host_;
    SetupModel& setup_;
    RunBar* runs_;
    QSpinBox* games_;
    QLabel* summary_;
    plot::ScatterPlot* plot_;
    NumberTable* table_;
    QCheckBox* bent_;
    SensitivityView* sensitivity_;
    QJsonObject params_;
    QJsonObject result_;
};

/// A measured result as seen by the side that the theorem speaks for.
struct HonestSide {
    bool alice = true;         ///< the machine says yes: Alice is right
    double measured = 0, low = 0, high = 0, wilsonLow = 0, wilsonHigh = 0;
    double exact = 0;          ///< NaN when unknown
    double theorem = 0, sharp = 0;
    bool covered = false;      ///< whether theorem and sharp may be shown
    QString why;               ///< why not

    static HonestSide of(const QJsonObject& result, const QJsonObject& params);
};

}  // namespace driftscope::debate
