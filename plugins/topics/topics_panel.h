#pragma once

#include <QJsonObject>
#include <QObject>
#include <functional>
#include <memory>

#include "plugins/api/panel_plugin.h"
#include "plugins/topics/comparison.h"
#include "plugins/topics/judgements.h"
#include "plugins/topics/topic_labels.h"
#include "plugins/topics/workspace.h"

class QKeySequence;
class QLabel;
class QStackedWidget;
class QTabWidget;

namespace driftscope::topics {

class CategoriesView;
class DataView;
class ExploreView;
class PeopleView;
class RunBar;
class RunsView;
class SpaceView;
class WelcomeView;
struct Exportable;
struct Shown;

/// The Topics panel: corpora and training, topics with their words and documents, runs compared, categories, people.
class TopicsPanel : public QObject, public Panel {
    Q_OBJECT
  public:
    explicit TopicsPanel(HostContext& host);
    ~TopicsPanel() override;

    QWidget* widget() override { return root_.get(); }
    QJsonObject saveState() const override;
    Result<void> restoreState(const QJsonObject& state) override;
    std::vector<QAction*> actions() const override { return actions_; }
    bool openPath(const QString& path) override;

  private:
    void build();
    void addTabs();
    void link();
    void buildActions();
    void addTopicActions();
    void addTabActions();
    void addFileActions();
    void addPeopleActions();
    void addExportActions();
    QAction* add(const QString& name, const QString& text, const QKeySequence& key, const QString& tip, std::function<void()> act);
    void stepTopic(int by);
    void mergeChosen();
    void act(const Result<void>& result);
    void openTopicMenu(const QPoint& at);
    void openSample();
    void openFolder();
    void openRun(const QString& folder);
    void openTopic(const QString& folder, std::uint32_t topic);
    void chooseOnceOpen(std::uint32_t topic);
    void showPages();
    Shown shown();
    QString suggested(const QString& name) const;
    void saveOne(const Exportable& one);
    void exportAll();
    void writeReport();
    void openStudyReport();
    void say(const QString& text);
    void complain(const QString& text);

    HostContext& host_;
    std::unique_ptr<QWidget> root_;
    Workspace workspace_;
    TopicLabels labels_;
    Comparison comparison_;
    Judgements judgements_;
    QStackedWidget* pages_;
    WelcomeView* welcome_;
    RunBar* bar_;
    QTabWidget* tabs_;
    DataView* data_;
    ExploreView* explore_;
    RunsView* runs_;
    CategoriesView* categories_;
    SpaceView* space_;
    PeopleView* people_;
    QLabel* status_;
    std::vector<QAction*> actions_;
    bool entered_ = false;  ///< past the welcome
};

}  // namespace driftscope::topics
