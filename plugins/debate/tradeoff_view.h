#pragma once

#include <QJsonArray>
#include <QJsonObject>
#include <QWidget>
#include <memory>

class QLabel;
class QPushButton;

namespace driftscope {
struct HostContext;
struct JobView;
namespace form {
class ParamForm;
}
namespace plot {
class ScatterPlot;
}
}  // namespace driftscope

namespace driftscope::debate {

struct Arena;
class NumberTable;
class RunBar;
class SetupModel;

/// The price of accuracy: Vera's judgements against everybody's, over all parameters that keep the promise.
class TradeoffView : public QWidget {
    Q_OBJECT
  public:
    TradeoffView(HostContext& host, SetupModel& setup, QWidget* parent = nullptr);

    void setArena(const std::shared_ptr<const Arena>& arena);  ///< new searches start from its K, T, w and d
    RunBar& runs() { return *runs_; }
    plot::ScatterPlot& plot() { return *plot_; }

  Q_SIGNALS:
    void failed(const QString& text);

  private:
    void build();
    void show(const JobView& job);
    void use(int row);

    HostContext& host_;
    SetupModel& setup_;
    RunBar* runs_;
    form::ParamForm* form_;
    QLabel* summary_;
    QPushButton* use_;
    plot::ScatterPlot* plot_;
    NumberTable* table_;
    QJsonArray rows_;
    QJsonObject best_;
};

}  // namespace driftscope::debate
