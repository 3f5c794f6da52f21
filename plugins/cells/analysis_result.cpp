#include "plugins/cells/analysis_result.h"

#include <QJsonArray>
#include <algorithm>
#include <cmath>
#include <limits>
#include <map>

#include "core/io/csv.h"
#include "core/io/h5ad.h"
#include "plugins/cells/csv_view.h"
#include "plugins/cells/label_model.h"
#include "plugins/cells/state_heat_map.h"
#include "widgets/plot/histogram_plot.h"
#include "widgets/plot/line_plot.h"
#include "widgets/plot/matrix_plot.h"
#include "widgets/session/job_runner.h"
#include "widgets/space/embedding_view_2d.h"
#include "widgets/style/palette.h"

namespace driftscope::cells {
namespace {

Result<io::CsvTable> readTable(const JobView& job, const char* file) {
    return io::readCsv((job.folder + QLatin1Char('/') + QLatin1String(file)).toStdString());
}

/// Columns of a result by name; missing numbers are NaN.
class Fields {
  public:
    explicit Fields(const io::CsvTable& csv) : csv_(csv) {}
    QString text(std::size_t row, const char* column) const {
        const auto at = csv_.find(column);
        return at ? QString::fromStdString(csv_.rows[row][*at]) : QString();
    }
    double number(std::size_t row, const char* column) const {
        bool ok = false;
        const double value = text(row, column).toDouble(&ok);
        return ok ? value : std::numeric_limits<double>::quiet_NaN();
    }

  private:
    const io::CsvTable& csv_;
};

struct Curve {
    std::vector<double> x, y, low, high;

    void addTo(plot::LinePlot& plot, const QString& name) const {
        const bool band = std::ranges::all_of(low, [](double v) { return std::isfinite(v); });
        plot.setCurve(name, x, y, band ? low : std::vector<double>{}, band ? high : std::vector<double>{});
    }
};

QString number(double value) {
    return QString::number(value, 'g', 3);
}

}  // namespace

AnalysisResult::AnalysisResult(QWidget* parent) : QTabWidget(parent) {
    setDocumentMode(true);
}

void AnalysisResult::clearAll() {
    while (count() > 0) {
        QWidget* page = widget(0);
        removeTab(0);
        page->deleteLater();
    }
    exports_.clear();
    summary_.clear();
    heatMap_ = nullptr;
}

template <class Plot>
void AnalysisResult::addPlot(Plot* plot, const QString& title) {
    exports_.push_back([plot](const QString& path) -> Result<void> { return plot->exportTo(path); });
    addTab(plot, title);
}

void AnalysisResult::showPicture(QWidget* picture, const QString& title, std::function<Result<void>(const QString&)> write) {
    clearAll();
    exports_.push_back(std::move(write));
    addTab(picture, title);
}

Result<void> AnalysisResult::exportTo(const QString& path) {
    if (currentIndex() < 0) return fail(ErrorCode::BadInput, "There is no result to export.", "Run an analysis first.");
    return exports_[static_cast<std::size_t>(currentIndex())](path);
}

Result<void> AnalysisResult::addTable(const QString& folder, const char* file, const QString& title) {
    DS_ASSIGN(const io::CsvTable csv, io::readCsv((folder + QLatin1Char('/') + QLatin1String(file)).toStdString()));
    auto* view = new CsvView(csv);
    connect(view, &CsvView::trackChosen, this, &AnalysisResult::trackChosen);
    addPlot(view, title);
    return {};
}

Result<void> AnalysisResult::show(const JobView& job, const LabelModel& labels) {
    clearAll();
    if (job.kind == QLatin1String("cells.msd")) return showMsd(job);
    if (job.kind == QLatin1String("cells.align")) return showAlignment(job, labels);
    if (job.kind == QLatin1String("cells.response")) return showResponse(job);
    if (job.kind == QLatin1String("cells.mmd")) return showMmd(job);
    if (job.kind == QLatin1String("cells.features")) return showFeatures(job);
    if (job.kind == QLatin1String("cells.ranks")) return showRanks(job);
    if (job.kind == QLatin1String("embed.cluster")) return showClusters(job);
    return showTables(job);
}

Result<void> AnalysisResult::showMsd(const JobView& job) {
    DS_ASSIGN(const io::CsvTable csv, readTable(job, "msd.csv"));
    const Fields fields(csv);
    const bool minutes = job.result[QStringLiteral("interval")].toDouble(1) != 1;
    std::map<QString, std::map<QString, Curve>> curves;  // space, group
    for (std::size_t row = 0; row < csv.rows.size(); ++row) {
        Curve& curve = curves[fields.text(row, "space")][fields.text(row, "group")];
        curve.x.push_back(fields.number(row, "lag_minutes"));
        curve.y.push_back(fields.number(row, "mean"));
        // A logarithmic axis has no place for a bound at or below zero.
        curve.low.push_back(std::max(fields.number(row, "low"), 0.01 * curve.y.back()));
        curve.high.push_back(fields.number(row, "high"));
    }
    QStringList found;
    for (const auto& [space, groups] : curves) {
        auto* plot = new plot::LinePlot;
        const bool embedding = space == QLatin1String("embedding");
        plot->setXAxis(tr("lag"), minutes ? tr("min") : tr("frames"));
        plot->setLogX(true);
        plot->setLogY(true);
        for (const auto& [group, curve] : groups) curve.addTo(*plot, group);
        for (const QJsonValue one : job.result[QStringLiteral("curves")].toArray()) {
            if (one[QStringLiteral("space")].toString() != space) continue;
            plot->setYAxis(one[QStringLiteral("measure")].toString() == QLatin1String("msd") ? tr("mean squared displacement") : tr("mean displacement"), one[QStringLiteral("unit")].toString());
            const QJsonObject fit = one[QStringLiteral("fit")].toObject();
            const QString group = one[QStringLiteral("group")].toString();
            if (fit.isEmpty() || !groups.contains(group)) continue;
            const Curve& measured = groups.at(group);
            const double exponent = fit[QStringLiteral("exponent")].toDouble(), interval = job.result[QStringLiteral("interval")].toDouble(1);
            Curve line;
            for (const double x : measured.x) {
                line.x.push_back(x);
                line.y.push_back(fit[QStringLiteral("prefactor")].toDouble() * std::pow(x / interval, exponent));
            }
            plot->setCurve(tr("%1: fit, exponent %2 ± %3").arg(group, number(exponent), number(fit[QStringLiteral("standard_error")].toDouble())), line.x, line.y);
            found.push_back(tr("%1, %2: exponent %3").arg(embedding ? tr("embedding") : tr("space"), group, number(exponent)));
        }
        addPlot(plot, embedding ? tr("Through the embedding") : tr("Through space"));
    }
    summary_ = found.join(QStringLiteral("; "));
    return addTable(job.folder, "msd.csv", tr("Numbers"));
}

Result<void> AnalysisResult::showAlignment(const JobView& job, const LabelModel& labels) {
    DS_ASSIGN(const io::CsvTable csv, readTable(job, "heatmap.csv"));
    StateHeatMap::Content content;
    for (std::size_t column = 1; column < csv.header.size(); ++column) content.times.push_back(QString::fromStdString(csv.header[column]).toDouble());
    const std::string schemaName = job.params[QStringLiteral("column")].toString().toStdString();
    std::map<std::string, int> code;
    const auto addState = [&](const std::string& name, const QColor& colour) {
        if (code.try_emplace(name, static_cast<int>(code.size())).second) {
            content.names.push_back(QString::fromStdString(name));
            content.colours.push_back(colour);
        }
    };
    for (const LabelSchema& schema : labels.schemas())
        if (schema.name == schemaName)
            for (const LabelClass& one : schema.classes) addState(one.name, QColor(QString::fromStdString(one.color)));
    const std::vector<QColor> more = style::categorical(16);
    for (const auto& row : csv.rows)
        for (std::size_t column = 1; column < row.size(); ++column)
            if (!row[column].empty() && row[column] != "unlabelled") addState(row[column], more[code.size() % more.size()]);
    addState("unlabelled", QColor(170, 170, 170));
    for (const auto& row : csv.rows) {
        content.tracks.push_back(QString::fromStdString(row[0]));
        for (std::size_t column = 1; column < row.size(); ++column) content.states.push_back(row[column].empty() ? -1 : code.at(row[column]));
    }
    content.unit = job.result[QStringLiteral("interval")].toDouble(1) != 1 ? tr("min") : tr("frames");
    heatMap_ = new StateHeatMap;
    heatMap_->setEmptyText(tr("No track passed the guards: raise max skew or lower min span."));
    heatMap_->setContent(std::move(content));
    connect(heatMap_, &StateHeatMap::cellClicked, this, [this](const QString& entity, double) { Q_EMIT trackChosen(entity, std::nullopt); });
    addPlot(heatMap_, tr("States over time"));
    summary_ = tr("%1 of %2 tracks aligned at %3 events").arg(job.result[QStringLiteral("accepted")].toInt()).arg(job.result[QStringLiteral("tracks")].toInt()).arg(job.result[QStringLiteral("events")].toInt());
    if (const QJsonObject onset = job.result[QStringLiteral("onset")].toObject(); !onset.isEmpty())
        summary_ += tr("; the event is found within %1 (median; the middle of a track: %2) of its label").arg(number(onset[QStringLiteral("median_absolute_error")].toDouble()), number(onset[QStringLiteral("baseline_median_absolute_error")].toDouble()));
    return addTable(job.folder, "alignments.csv", tr("Tracks"));
}

Result<void> AnalysisResult::showResponse(const JobView& job) {
    DS_ASSIGN(const io::CsvTable csv, readTable(job, "curves.csv"));
    const Fields fields(csv);
    std::map<QString, Curve> curves;
    for (std::size_t row = 0; row < csv.rows.size(); ++row) {
        Curve& curve = curves[fields.text(row, "group")];
        curve.x.push_back(fields.number(row, "time_minutes"));
        curve.y.push_back(fields.number(row, "centre"));
        curve.low.push_back(fields.number(row, "low"));
        curve.high.push_back(fields.number(row, "high"));
    }
    auto* plot = new plot::LinePlot;
    plot->setXAxis(tr("time from the event"), job.params[QStringLiteral("interval")].toDouble(1) == 1 && job.params.contains(QStringLiteral("event")) ? tr("frames") : tr("min"));
    const QString signal = job.params[QStringLiteral("signal")].toString();
    plot->setYAxis(signal == QLatin1String("state") ? tr("share of cells") : signal == QLatin1String("column") ? job.params[QStringLiteral("signal_column")].toString() : tr("cosine distance from rest"));
    for (const auto& [group, curve] : curves) curve.addTo(*plot, group);
    plot->setMarker(0);
    addPlot(plot, tr("Population curves"));
    QStringList found;
    for (const QJsonValue one : job.result[QStringLiteral("groups")].toArray())
        if (one[QStringLiteral("onset")].isDouble()) found.push_back(tr("%1: onset %2, T50 %3").arg(one[QStringLiteral("group")].toString(), number(one[QStringLiteral("onset")].toDouble()), one[QStringLiteral("t50")].isDouble() ? number(one[QStringLiteral("t50")].toDouble()) : tr("none")));
    summary_ = found.isEmpty() ? tr("No group rises above its baseline, or there is none before the event.") : found.join(QStringLiteral("; "));
    DS_TRY(addTable(job.folder, "response.csv", tr("Onset and T50")));
    return addTable(job.folder, "tests.csv", tr("Tests"));
}

Result<void> AnalysisResult::showMmd(const JobView& job) {
    DS_TRY(addTable(job.folder, "mmd.csv", tr("Comparisons")));
    const QJsonArray comparisons = job.result[QStringLiteral("comparisons")].toArray();
    plot::MatrixPlot::Matrix matrix;
    for (const QJsonValue name : job.result[QStringLiteral("groups")].toArray()) matrix.rowNames.push_back(name.toString());
    matrix.columnNames = matrix.rowNames;
    matrix.rows = matrix.columns = static_cast<int>(matrix.rowNames.size());
    matrix.values.assign(static_cast<std::size_t>(matrix.rows) * static_cast<std::size_t>(matrix.columns), std::numeric_limits<double>::quiet_NaN());
    int different = 0;
    for (const QJsonValue one : comparisons) {
        const auto a = matrix.rowNames.indexOf(one[QStringLiteral("a")].toString()), b = matrix.rowNames.indexOf(one[QStringLiteral("b")].toString());
        if (a < 0 || b < 0) continue;
        const double z = one[QStringLiteral("z")].toDouble();
        matrix.values[static_cast<std::size_t>(a * matrix.columns + b)] = matrix.values[static_cast<std::size_t>(b * matrix.columns + a)] = z;
        different += one[QStringLiteral("q")].toDouble() < 0.05;
    }
    auto* plot = new plot::MatrixPlot;
    plot->setMatrix(std::move(matrix));
    plot->setValueLabel(tr("z of MMD² beside permutations"));
    addPlot(plot, tr("Matrix"));
    summary_ = tr("%1 of %2 comparisons differ at a false discovery rate of 5 %").arg(different).arg(comparisons.size());
    return {};
}

Result<void> AnalysisResult::showFeatures(const JobView& job) {
    if (job.result.contains(QStringLiteral("correlation_csv"))) {
        DS_ASSIGN(const io::CsvTable csv, readTable(job, "correlation.csv"));
        const Fields fields(csv);
        const QString measure = QString::fromStdString(csv.header[2]);
        plot::MatrixPlot::Matrix matrix;
        std::map<std::pair<int, int>, double> values;
        double strongest = 0;
        for (std::size_t row = 0; row < csv.rows.size(); ++row) {
            const QString component = fields.text(row, "component"), feature = fields.text(row, "feature");
            if (!matrix.columnNames.contains(component)) matrix.columnNames.push_back(component);
            if (!matrix.rowNames.contains(feature)) matrix.rowNames.push_back(feature);
            const double r = fields.number(row, csv.header[2].c_str());
            values[{static_cast<int>(matrix.rowNames.indexOf(feature)), static_cast<int>(matrix.columnNames.indexOf(component))}] = r;
            if (std::abs(r) > std::abs(strongest)) {
                strongest = r;
                summary_ = tr("Strongest: %1 with %2, %3 %4").arg(component, feature, measure, number(r));
            }
        }
        matrix.rows = static_cast<int>(matrix.rowNames.size());
        matrix.columns = static_cast<int>(matrix.columnNames.size());
        matrix.values.assign(static_cast<std::size_t>(matrix.rows) * static_cast<std::size_t>(matrix.columns), std::numeric_limits<double>::quiet_NaN());
        for (const auto& [place, r] : values) matrix.values[static_cast<std::size_t>(place.first * matrix.columns + place.second)] = r;
        auto* plot = new plot::MatrixPlot;
        plot->setDiverging(true);
        plot->setMatrix(std::move(matrix));
        plot->setValueLabel(tr("%1 correlation").arg(measure));
        addPlot(plot, tr("Components and features"));
        DS_TRY(addTable(job.folder, "correlation.csv", tr("Correlations")));
    }
    return addTable(job.folder, "features.csv", tr("Measurements"));
}

Result<void> AnalysisResult::showRanks(const JobView& job) {
    DS_ASSIGN(const io::CsvTable csv, readTable(job, "ranks.csv"));
    const Fields fields(csv);
    std::map<int, std::vector<double>> shares;
    for (std::size_t row = 0; row < csv.rows.size(); ++row) shares[static_cast<int>(fields.number(row, "lag_frames"))].push_back(fields.number(row, "share"));
    std::vector<plot::HistogramPlot::Group> groups;
    for (const auto& [lag, values] : shares) groups.push_back({tr("frames ahead: %1").arg(lag), values});
    auto* plot = new plot::HistogramPlot;
    plot->setXAxis(tr("share of other cells that are nearer"));
    plot->setYAxis(tr("cells"));
    plot->setGroups(groups);
    addPlot(plot, tr("Ranks"));
    QStringList found;
    for (const QJsonValue one : job.result[QStringLiteral("lags")].toArray())
        found.push_back(tr("%1 ahead: median rank %2 of %3, nearest for %4 %").arg(one[QStringLiteral("lag")].toInt()).arg(one[QStringLiteral("median")].toDouble()).arg(one[QStringLiteral("among")].toInt()).arg(100 * one[QStringLiteral("share_nearest")].toDouble(), 0, 'f', 0));
    summary_ = found.join(QStringLiteral("; "));
    return addTable(job.folder, "ranks.csv", tr("Numbers"));
}

Result<void> AnalysisResult::showClusters(const JobView& job) {
    const QJsonArray sizes = job.result[QStringLiteral("sizes")].toArray();
    std::vector<double> edges{-0.5}, counts;
    for (int i = 0; i < sizes.size(); ++i) {
        edges.push_back(i + 0.5);
        counts.push_back(sizes[i].toDouble());
    }
    auto* plot = new plot::HistogramPlot;
    plot->setXAxis(tr("cluster"));
    plot->setYAxis(tr("cells"));
    plot->setEmptyText(tr("No cell belongs to a cluster."));
    if (!counts.empty()) plot->setCounts(edges, counts);
    addPlot(plot, tr("Sizes"));
    summary_ = sizes.size() == 1 ? tr("One cluster") : tr("%1 clusters").arg(sizes.size());
    if (const QJsonValue noise = job.result[QStringLiteral("noise")]; noise.isDouble()) summary_ += tr(", %1 cells in none").arg(noise.toInt());
    if (const QJsonValue shape = job.result[QStringLiteral("silhouette")]; shape.isDouble()) summary_ += tr(", silhouette %1").arg(number(shape.toDouble()));
    if (const QJsonObject agreement = job.result[QStringLiteral("agreement")].toObject(); !agreement.isEmpty())
        summary_ += tr(", NMI %1 and ARI %2 with %3").arg(number(agreement[QStringLiteral("nmi")].toDouble()), number(agreement[QStringLiteral("ari")].toDouble()), agreement[QStringLiteral("column")].toString());
    return addTable(job.folder, "clusters.csv", tr("Cells"));
}

Result<void> AnalysisResult::showMap(const JobView& job) {
    const QString method = job.params[QStringLiteral("method")].toString();
    DS_ASSIGN(const EmbeddingTable table, io::readH5ad((job.folder + QLatin1Char('/') + job.result[QStringLiteral("table")].toString()).toStdString()));
    const Matrix* matrix = table.matrix("X_" + method.toStdString());
    if (!matrix || matrix->columns < 2) return fail(ErrorCode::BadInput, "The map has fewer than two dimensions.", "Set n_components to 2 or more.");
    std::vector<float> x, y;
    io::CsvTable csv{{"row", method.toStdString() + "_1", method.toStdString() + "_2"}, {}};
    for (std::size_t row = 0; row < matrix->rows; ++row) {
        x.push_back((*matrix)(row, 0));
        y.push_back((*matrix)(row, 1));
        csv.rows.push_back({fmt::to_string(row), fmt::format("{}", x.back()), fmt::format("{}", y.back())});
    }
    auto* view = new EmbeddingView2D;
    view->setPoints(std::move(x), std::move(y));
    view->setAxisTitles(method.toUpper() + QStringLiteral(" 1"), method.toUpper() + QStringLiteral(" 2"));
    exports_.push_back([view, csv, folder = job.folder](const QString& path) -> Result<void> {
        if (path.endsWith(QLatin1String(".csv"), Qt::CaseInsensitive)) return io::writeCsv(path.toStdString(), csv);
        return view->exportImage(path, folder);
    });
    addTab(view, tr("Map"));
    return {};
}

Result<void> AnalysisResult::showTables(const JobView& job) {
    const QJsonObject& result = job.result;
    if (result.contains(QStringLiteral("csv"))) DS_TRY(addTable(job.folder, result[QStringLiteral("csv")].toString().toUtf8().constData(), tr("Numbers")));
    if (result.contains(QStringLiteral("lineages_csv"))) DS_TRY(addTable(job.folder, "lineages.csv", tr("Lineages")));
    if (job.kind == QLatin1String("cells.stitch")) summary_ = tr("%1 links join %2 tracks into %3").arg(result[QStringLiteral("links")].toInt()).arg(result[QStringLiteral("tracks")].toInt()).arg(result[QStringLiteral("stitched_tracks")].toInt());
    if (job.kind == QLatin1String("embed.project")) {
        DS_TRY(showMap(job));
        if (result.contains(QStringLiteral("trustworthiness"))) summary_ = tr("Trustworthiness %1; %2 % of the neighbours are kept").arg(number(result[QStringLiteral("trustworthiness")].toDouble())).arg(100 * result[QStringLiteral("picture_recall")].toDouble(), 0, 'f', 0);
        else summary_ = tr("%1 principal components").arg(result[QStringLiteral("pca_components")].toInt());
    }
    if (const QJsonObject first = result[QStringLiteral("groups")].toArray().first().toObject(); job.kind == QLatin1String("cells.smoothness"))
        summary_ = tr("Smoothness %1 (lower is smoother), dynamic range %2").arg(number(first[QStringLiteral("smoothness_score")].toDouble()), number(first[QStringLiteral("dynamic_range")].toDouble()));
    return {};
}

}  // namespace driftscope::cells
