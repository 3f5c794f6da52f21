#pragma once

#include <QTabWidget>
#include <functional>
#include <memory>
#include <vector>

#include "core/base/error.h"
#include "plugins/cells/cells_data.h"

namespace driftscope {
struct JobView;
}
namespace driftscope::io {
struct CsvTable;
}

namespace driftscope::cells {

class LabelModel;
class LineageTree;
class StateHeatMap;

/// The pictures and tables of one finished analysis, a tab each.
class AnalysisResult : public QTabWidget {
    Q_OBJECT
  public:
    explicit AnalysisResult(QWidget* parent = nullptr);

    /// Replaces all tabs by what the job made. Errors: files of the run are gone or damaged.
    Result<void> show(const JobView& job, const LabelModel& labels);
    /// Replaces all tabs by one picture that no job made.
    void showPicture(QWidget* picture, const QString& title, std::function<Result<void>(const QString&)> exportTo);
    void clearAll();
    /// One sentence about what was found.
    QString summary() const { return summary_; }
    /// The tab that is seen, into .png, .svg or .csv. Errors name the file; nothing to export.
    Result<void> exportTo(const QString& path);
    QString currentTitle() const { return tabText(currentIndex()); }
    bool isEmpty() const { return count() == 0; }
    StateHeatMap* heatMap() const { return heatMap_; }

  Q_SIGNALS:
    void trackChosen(const QString& entity, std::optional<qint64> frame);

  private:
    template <class Plot>
    void addPlot(Plot* plot, const QString& title);
    Result<void> addTable(const QString& folder, const char* file, const QString& title);
    Result<void> showMsd(const JobView& job);
    Result<void> showAlignment(const JobView& job, const LabelModel& labels);
    Result<void> showResponse(const JobView& job);
    Result<void> showMmd(const JobView& job);
    Result<void> showFeatures(const JobView& job);
    Result<void> showRanks(const JobView& job);
    Result<void> showClusters(const JobView& job);
    Result<void> showMap(const JobView& job);
    Result<void> showTables(const JobView& job);

    std::vector<std::function<Result<void>(const QString&)>> exports_;
    QString summary_;
    StateHeatMap* heatMap_ = nullptr;
};

}  // namespace driftscope::cells
