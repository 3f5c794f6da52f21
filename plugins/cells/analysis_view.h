#pragma once

#include <QJsonObject>
#include <QWidget>
#include <map>
#include <memory>

#include "plugins/cells/analysis_specs.h"
#include "plugins/cells/workspace.h"

class QComboBox;
class QLabel;
class QListWidget;
class QProgressBar;
class QPushButton;
class QScrollArea;

namespace driftscope {
class JobRunner;
class Project;
struct JobView;
}  // namespace driftscope
namespace driftscope::form {
class ParamForm;
}

namespace driftscope::cells {

class AnalysisResult;
class LineageTree;

/// A place for questions about all cells: choose one, set its parameters, run it as a job, see and export what it found. A line of
/// a result that is about a track moves the cursor there; results that are columns of the table colour the map.
class AnalysisView : public QWidget {
    Q_OBJECT
  public:
    AnalysisView(CellsContext context, JobRunner& jobs, Project& project, QWidget* parent = nullptr);

    void setData(std::shared_ptr<const CellsData> data, const QString& dataset);
    /// Shows the analysis of this kind; an empty kind is the lineage tree.
    void choose(const QString& kind);
    QString kind() const;
    form::ParamForm* form() const { return form_; }
    AnalysisResult& result() const { return *result_; }
    LineageTree* tree() const { return tree_; }
    void run();
    Result<void> exportTo(const QString& path);

    QJsonObject saveState() const;
    void restoreState(const QJsonObject& state);

  Q_SIGNALS:
    /// The table at `path` has a new column or map that should be seen.
    void mapRequested(const QString& path, const QString& colour, const QString& map);
    void message(const QString& text);
    void failed(const QString& text);

  private:
    QWidget* buildLeft();
    QWidget* buildRight();
    void showForm();
    void showLatest();
    void showRun(const QString& job);
    void refreshRuns();
    void refreshProgress();
    void jobFinished(const QString& job);
    void showTree();
    void fillTree();
    void goTo(const QString& entity, std::optional<qint64> frame);
    void showOnMap();
    void askAndExport();

    CellsContext context_;
    JobRunner& jobs_;
    Project& project_;
    std::shared_ptr<const CellsData> data_;
    QString dataset_;
    std::map<QString, QJsonObject> values_;  ///< what was last in the form of each kind
    QString running_;
    QString shown_;

    QListWidget* list_;
    QScrollArea* formArea_;
    form::ParamForm* form_ = nullptr;
    QLabel* help_;
    QPushButton *run_, *cancel_;
    QProgressBar* progress_;
    QLabel* stage_;
    QComboBox* runs_;
    QLabel* summary_;
    QPushButton *onMap_, *save_;
    AnalysisResult* result_;
    QLabel* empty_;
    LineageTree* tree_ = nullptr;
};

}  // namespace driftscope::cells
