#pragma once

#include <QJsonObject>
#include <QWidget>

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
class SetupModel;

/// Every attack against an honest opponent, side by side.
class AttacksView : public QWidget {
    Q_OBJECT
  public:
    AttacksView(HostContext& host, SetupModel& setup, QWidget* parent = nullptr);

    RunBar& runs() { return *runs_; }
    plot::ScatterPlot& plot() { return *plot_; }

  Q_SIGNALS:
    void failed(const QString& text);
    void pairChosen(const QString& alice, const QString& bob);  ///< to be played

  private:
    void build();
    void show(const JobView& job);
    void showAttacks();
    void showTable();
    void setupChanged();

    HostContext& host_;
    SetupModel& setup_;
    RunBar* runs_;
    QSpinBox* games_;
    plot::ScatterPlot* plot_;
    NumberTable* table_;
    QJsonObject result_;
};

}  // namespace driftscope::debate
