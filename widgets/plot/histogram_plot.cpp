#include "widgets/plot/histogram_plot.h"

#include <qcustomplot.h>

#include <QMenu>
#include <algorithm>
#include <cmath>

#include "widgets/plot/plot_style.h"
#include "widgets/style/palette.h"

namespace driftscope::plot {

namespace {

struct Extent {
    double low = 0, high = 0;
    int skipped = 0;
    bool any = false;
};

Extent extent(const std::vector<HistogramPlot::Group>& groups) {
    Extent result;
    for (const auto& group : groups)
        for (const double value : group.values) {
            if (!std::isfinite(value)) {
                ++result.skipped;
                continue;
            }
            result.low = result.any ? std::min(result.low, value) : value;
            result.high = result.any ? std::max(result.high, value) : value;
            result.any = true;
        }
    if (result.any && result.low == result.high) {
        result.low -= 0.5;
        result.high += 0.5;
    }
    return result;
}

}  // namespace

HistogramPlot::HistogramPlot(QWidget* parent) : PlotWidget(parent) {
    setYAxis(tr("count"));
    plot()->axisRect()->setRangeZoom(Qt::Horizontal);
    plot()->axisRect()->setRangeDrag(Qt::Horizontal);
    dataChanged();
}

void HistogramPlot::setGroups(const std::vector<Group>& groups, int bins) {
    Q_ASSERT(bins > 0);
    const Extent range = extent(groups);
    edges_.clear();
    series_.clear();
    const double step = (range.high - range.low) / bins;
    for (int i = 0; range.any && i <= bins; ++i) edges_.push_back(range.low + step * i);
    const auto colors = style::categorical(groups.size());
    for (std::size_t g = 0; range.any && g < groups.size(); ++g) {
        Series series{groups[g].name, groups[g].color.isValid() ? groups[g].color : colors[g],
                      std::vector<double>(static_cast<std::size_t>(bins))};
        for (const double value : groups[g].values)
            if (std::isfinite(value))
                series.counts[static_cast<std::size_t>(
                    std::clamp(static_cast<int>((value - range.low) / step), 0, bins - 1))] += 1;
        series_.push_back(std::move(series));
    }
    setNote(range.skipped == 0 ? QString()
                               : tr("%n value(s) that are not finite were left out", nullptr, range.skipped));
    rebuild();
}

void HistogramPlot::setCounts(const std::vector<double>& edges, const std::vector<double>& counts,
                              const QString& name) {
    Q_ASSERT(edges.size() == counts.size() + 1);
    edges_ = edges;
    series_ = {{name, style::okabeIto()[0], counts}};
    setNote({});
    rebuild();
}

void HistogramPlot::clear() {
    edges_.clear();
    series_.clear();
    rebuild();
}

void HistogramPlot::setLogCounts(bool on) {
    logCounts_ = on;
    setLogarithmic(*plot()->yAxis, on);
    rebuild();
}

void HistogramPlot::rebuild() {
    plot()->clearPlottables();
    for (const Series& series : series_) {
        auto* bars = new QCPBars(plot()->xAxis, plot()->yAxis);
        bars->setName(series.name);
        bars->setWidthType(QCPBars::wtPlotCoords);
        bars->setWidth(edges_[1] - edges_[0]);
        bars->setBaseValue(logCounts_ ? 0.5 : 0);
        bars->setAntialiased(false);
        for (std::size_t i = 0; i < series.counts.size(); ++i)
            if (series.counts[i] > 0) bars->addData((edges_[i] + edges_[i + 1]) / 2, series.counts[i]);
    }
    showLegend(series_.size() > 1);
    restyle(palette());
    dataChanged();
}

void HistogramPlot::restyle(const QPalette& palette) {
    for (int i = 0; i < plot()->plottableCount(); ++i) {
        const QColor color = series_[static_cast<std::size_t>(i)].color;
        QColor fill = color;
        fill.setAlphaF(series_.size() > 1 ? 0.5F : 0.8F);
        plot()->plottable(i)->setBrush(fill);
        plot()->plottable(i)->setPen(QPen(style::mix(palette.color(QPalette::Base), color, 0.9), 1));
    }
}

void HistogramPlot::fitRanges() {
    if (isEmpty()) return;
    double top = 1;
    for (const Series& series : series_)
        top = std::max(top, *std::max_element(series.counts.begin(), series.counts.end()));
    const double margin = (edges_.back() - edges_.front()) * 0.02;
    plot()->xAxis->setRange(edges_.front() - margin, edges_.back() + margin);
    plot()->yAxis->setRange(logCounts_ ? 0.5 : 0, logCounts_ ? top * 1.5 : top * 1.06);
}

bool HistogramPlot::isEmpty() const {
    return series_.empty();
}

QString HistogramPlot::csv() const {
    QString out = QStringLiteral("group,from,to,count\n");
    for (const Series& series : series_)
        for (std::size_t i = 0; i < series.counts.size(); ++i)
            out += QStringLiteral("%1,%2,%3,%4\n")
                       .arg(csvField(series.name), QString::number(edges_[i], 'g', 17),
                            QString::number(edges_[i + 1], 'g', 17), QString::number(series.counts[i], 'g', 17));
    return out;
}

std::optional<ReadOut> HistogramPlot::readOut(const QPointF& pixel) const {
    const double x = plot()->xAxis->pixelToCoord(pixel.x());
    const auto upper = std::upper_bound(edges_.begin(), edges_.end(), x);
    if (upper == edges_.begin() || upper == edges_.end()) return std::nullopt;
    const auto bin = static_cast<std::size_t>(upper - edges_.begin()) - 1;
    QString text = tr("%1 to %2").arg(number(edges_[bin]), quantity(edges_[bin + 1], xUnit()));
    for (const Series& series : series_)
        text +=
            QStringLiteral("\n%1: %2").arg(series.name.isEmpty() ? yLabel() : series.name, number(series.counts[bin]));
    return ReadOut{x, 0, text, false};
}

void HistogramPlot::fillMenu(QMenu& menu) {
    QAction* action = menu.addAction(tr("Logarithmic counts"));
    action->setCheckable(true);
    action->setChecked(logCounts_);
    connect(action, &QAction::toggled, this, &HistogramPlot::setLogCounts);
}

}  // namespace driftscope::plot
