#pragma once

#include <QJsonObject>
#include <QStackedWidget>
#include <memory>

#include "plugins/api/panel_plugin.h"
#include "plugins/cells/cells_data.h"
#include "plugins/cells/workspace.h"

class QLabel;
class QThreadPool;

namespace driftscope::cells {

class AgreementView;
class AnalysisView;
class Annotator;
class EvaluationView;
class CellsActions;
class Cursor;
class LabelModel;
class PrepareView;
class Predictor;
class TrackCorrector;
class TrackTools;
class ReadyPage;
class Workflow;

/// The Cells panel: empty, preparing (segmentation preview and the steps to a map), loading, or at work.
class CellsPanel : public QObject, public Panel {
    Q_OBJECT
  public:
    explicit CellsPanel(HostContext& host);
    ~CellsPanel() override;

    QWidget* widget() override { return root_.get(); }
    QJsonObject saveState() const override;
    Result<void> restoreState(const QJsonObject& state) override;
    std::vector<QAction*> actions() const override;
    bool openPath(const QString& path) override;

  private:
    enum class Stage { Empty, Preparing, Loading, Ready };
    void buildEmpty();
    void buildActions();
    void linkWorkflow();
    void linkAnalysis();
    void openImages(const QString& path);
    void prepare(const QJsonObject& parameters);
    void load(const CellsPaths& paths);
    void loaded(std::uint64_t generation, Result<std::shared_ptr<const CellsData>> data);
    /// Shows data in every view: after loading, and after each correction of the tracks.
    void adopt(const std::shared_ptr<const CellsData>& data);
    void show(Stage stage);
    void say(const QString& text);
    void complain(const QString& text);
    Result<void> ensureSchemas();
    QString dataset() const;

    void importLabels(const QString& csv);
    void exportAnnotations();
    void exportTable();
    void exportMap();
    void exportImage();
    void exportStrip();
    void evaluate();
    void compareAnnotators();
    void openEvaluation();
    void evaluated(const QString& job);
    QString suggestPath(const QString& suffix) const;

    HostContext& host_;
    std::unique_ptr<QWidget> root_;
    Cursor* cursor_;
    LabelModel* labels_;
    Predictor* predictor_;
    Annotator* annotator_;
    TrackCorrector* corrector_;
    Workflow* workflow_;
    QStackedWidget* pages_;
    QWidget* empty_;
    PrepareView* prepare_;
    QWidget* loading_;
    Workspace* workspace_;
    TrackTools* tools_;
    AgreementView* agreement_ = nullptr;   ///< made when first asked for
    EvaluationView* evaluationView_ = nullptr;
    AnalysisView* analysis_;
    ReadyPage* ready_;
    QLabel* status_;
    CellsActions* actions_ = nullptr;
    QThreadPool* pool_;
    Stage stage_ = Stage::Empty;
    CellsPaths paths_;
    QString name_;         ///< of the data set, under which labels are stored
    QString pendingLabels_;
    QString failure_;
    QJsonObject pendingView_;
    QJsonObject evaluation_;
    QString evaluationJob_;
    std::shared_ptr<const CellsData> data_;
    std::uint64_t generation_ = 0;
};

}  // namespace driftscope::cells
