#pragma once

#include <QJsonObject>
#include <QObject>
#include <functional>
#include <memory>

#include "plugins/api/panel_plugin.h"

class QLabel;
class QSplitter;
class QStackedWidget;
class QTabWidget;

namespace driftscope::drift {

class CompareView;
class CurveCache;
class CurvesView;
class InspectView;
class RunCatalog;
class RunsView;
class StudyView;
class WelcomeView;

/// The Drift panel: set up and run studies of harmful fine-tuning and its defences, follow their curves, look inside, compare.
class DriftPanel : public QObject, public Panel {
    Q_OBJECT
  public:
    explicit DriftPanel(HostContext& host);
    ~DriftPanel() override;

    QWidget* widget() override { return root_.get(); }
    QJsonObject saveState() const override;
    Result<void> restoreState(const QJsonObject& state) override;
    std::vector<QAction*> actions() const override { return actions_; }
    bool openPath(const QString& path) override;

  private:
    void build();
    void link();
    void buildActions();
    void addRunActions();
    void addTabActions();
    void addJobActions();
    void addCompareActions();
    QAction* add(const QString& name, const QString& text, const QKeySequence& key, const QString& tip, std::function<void()> act);
    void runsChanged();
    void chosenChanged(const QString& folder);
    void setUp(bool demo);
    void openFolder();
    void exportStudy();
    void exportPlot();
    void exportPair();
    Result<void> writeStudy(const QString& file) const;
    QString suggestPath(const QString& file) const;
    void newJob(const QString& kind);
    QJsonObject paramsFor(const QString& kind) const;
    void say(const QString& text);
    void complain(const QString& text);

    HostContext& host_;
    std::unique_ptr<QWidget> root_;
    RunCatalog* catalog_;
    QStackedWidget* pages_;
    WelcomeView* welcome_;
    QSplitter* work_;
    RunsView* runs_;
    QTabWidget* tabs_;
    StudyView* study_;
    CurveCache* cache_;
    CurvesView* curves_;
    InspectView* inspect_;
    CompareView* compare_;
    QLabel* status_;
    std::vector<QAction*> actions_;
    bool settingUp_ = false;  ///< a person left the first page though there is no run yet
};

}  // namespace driftscope::drift
