#include "widgets/plot/scatter_plot.h"

#include <qcustomplot.h>

#include <QMenu>
#include <algorithm>
#include <cmath>

#include "widgets/plot/plot_style.h"
#include "widgets/style/palette.h"

namespace driftscope::plot {

namespace {

constexpr double kReachPixels = 14;
constexpr int kUprightNames = 6;  // more are turned, or they would overlap

QVector<double> vector(const std::vector<double>& values) {
    return {values.begin(), values.end()};
}

QCPItemStraightLine* diagonalOf(QCustomPlot& plot) {
    for (int i = 0; i < plot.itemCount(); ++i)
        if (auto* line = qobject_cast<QCPItemStraightLine*>(plot.item(i))) return line;
    return nullptr;
}

}  // namespace

ScatterPlot::ScatterPlot(QWidget* parent) : PlotWidget(parent) {
    plot()->setAutoAddPlottableToLegend(false);
    dataChanged();
}

void ScatterPlot::setSeries(std::vector<Series> series) {
    series_ = std::move(series);
    rebuild();
}

void ScatterPlot::rebuild() {
    plot()->clearPlottables();
    const auto colors = style::categorical(series_.size());
    for (std::size_t i = 0; i < series_.size(); ++i) {
        Series& series = series_[i];
        Q_ASSERT(series.x.size() == series.y.size() && series.errorLow.size() == series.errorHigh.size());
        if (!series.color.isValid()) series.color = colors[i];
        QCPGraph* graph = plot()->addGraph();
        graph->setName(series.name);
        graph->setData(vector(series.x), vector(series.y));
        graph->addToLegend();
        if (series.errorLow.empty()) continue;
        auto* bars = new QCPErrorBars(plot()->xAxis, plot()->yAxis);
        bars->setDataPlottable(graph);
        bars->setData(vector(series.errorLow), vector(series.errorHigh));
        bars->setSymbolGap(7);
        bars->setWhiskerWidth(6);
    }
    showLegend(series_.size() > 1);
    restyle(palette());
    dataChanged();
}

void ScatterPlot::restyle(const QPalette& palette) {
    std::size_t series = 0;
    for (int i = 0; i < plot()->plottableCount(); ++i) {
        if (auto* graph = qobject_cast<QCPGraph*>(plot()->plottable(i))) {
            const Series& owner = series_[series++];
            graph->setLineStyle(owner.joined || !owner.marks ? QCPGraph::lsLine : QCPGraph::lsNone);
            graph->setPen(QPen(owner.color, 1.5, owner.marks ? Qt::SolidLine : Qt::DashLine));
            graph->setScatterStyle(owner.marks ? QCPScatterStyle(QCPScatterStyle::ssDisc, owner.color, 7) : QCPScatterStyle());
        } else {
            plot()->plottable(i)->setPen(QPen(series_[series - 1].color, 1.2));
        }
    }
    if (auto* line = diagonalOf(*plot())) line->setPen(QPen(style::subtleText(palette), 1, Qt::DashLine));
}

void ScatterPlot::setXNames(const QStringList& names) {
    xNames_ = names;
    if (names.isEmpty()) {
        plot()->xAxis->setTicker(QSharedPointer<QCPAxisTicker>(new QCPAxisTicker));
    } else {
        const QSharedPointer<QCPAxisTickerText> ticker(new QCPAxisTickerText);
        for (qsizetype i = 0; i < names.size(); ++i) ticker->addTick(static_cast<double>(i), names[i]);
        plot()->xAxis->setTicker(ticker);
    }
    plot()->xAxis->setTickLabelRotation(names.size() > kUprightNames ? -35 : 0);
    dataChanged();
}

void ScatterPlot::setLogX(bool on) {
    setLogarithmic(*plot()->xAxis, on);
    fit();
}

void ScatterPlot::setLogY(bool on) {
    setLogarithmic(*plot()->yAxis, on);
    fit();
}

void ScatterPlot::setDiagonal(bool on) {
    diagonal_ = on;
    if (auto* line = diagonalOf(*plot()); line && !on) plot()->removeItem(line);
    if (on && !diagonalOf(*plot())) {
        auto* line = new QCPItemStraightLine(plot());
        line->setSelectable(false);
        line->point1->setCoords(0, 0);
        line->point2->setCoords(1, 1);
    }
    restyle(palette());
    plot()->replot(QCustomPlot::rpQueuedReplot);
}

void ScatterPlot::fitRanges() {
    plot()->rescaleAxes(true);
    for (QCPAxis* axis : {plot()->xAxis, plot()->yAxis}) {
        if (axis->range().size() <= 0) axis->setRange(axis->range().lower - 0.5, axis->range().upper + 0.5);
        axis->scaleRange(1.12);
    }
    int lost = 0;
    const bool logX = plot()->xAxis->scaleType() == QCPAxis::stLogarithmic,
               logY = plot()->yAxis->scaleType() == QCPAxis::stLogarithmic;
    for (const Series& series : series_)
        for (std::size_t i = 0; i < series.x.size(); ++i)
            lost += (logX && series.x[i] <= 0) || (logY && series.y[i] <= 0);
    setNote(lost == 0 ? QString()
                      : tr("%n point(s) at zero or less cannot be shown on a logarithmic axis", nullptr, lost));
}

bool ScatterPlot::isEmpty() const {
    return std::all_of(series_.begin(), series_.end(), [](const Series& s) { return s.x.empty(); });
}

QString ScatterPlot::csv() const {
    QString out =
        QStringLiteral("series,point,%1,%2,error_low,error_high\n").arg(csvField(xLabel()), csvField(yLabel()));
    for (const Series& s : series_)
        for (std::size_t i = 0; i < s.x.size(); ++i) {
            const auto name = static_cast<qsizetype>(i) < s.pointNames.size() ? s.pointNames[static_cast<qsizetype>(i)]
                                                                              : QString::number(i);
            out += csvField(s.name) + QLatin1Char(',') + csvField(name) + QLatin1Char(',') +
                   QString::number(s.x[i], 'g', 17) + QLatin1Char(',') + QString::number(s.y[i], 'g', 17) +
                   QLatin1Char(',');
            if (!s.errorLow.empty())
                out += QString::number(s.errorLow[i], 'g', 17) + QLatin1Char(',') +
                       QString::number(s.errorHigh[i], 'g', 17);
            else
                out += QLatin1Char(',');
            out += QLatin1Char('\n');
        }
    return out;
}

std::optional<ScatterPlot::Hit> ScatterPlot::nearest(const QPointF& pixel) const {
    std::optional<Hit> best;
    double reach = kReachPixels;
    for (std::size_t s = 0; s < series_.size(); ++s)
        for (std::size_t i = 0; i < series_[s].x.size(); ++i) {
            const double distance = std::hypot(plot()->xAxis->coordToPixel(series_[s].x[i]) - pixel.x(),
                                               plot()->yAxis->coordToPixel(series_[s].y[i]) - pixel.y());
            if (distance > reach) continue;
            reach = distance;
            best = Hit{s, i};
        }
    return best;
}

std::optional<ReadOut> ScatterPlot::readOut(const QPointF& pixel) const {
    const auto hit = nearest(pixel);
    if (!hit) return std::nullopt;
    const Series& s = series_[hit->series];
    const double x = s.x[hit->point], y = s.y[hit->point];
    QStringList lines;
    if (!s.name.isEmpty()) lines << s.name;
    if (static_cast<qsizetype>(hit->point) < s.pointNames.size())
        lines << s.pointNames[static_cast<qsizetype>(hit->point)];
    const auto place = static_cast<qsizetype>(std::lround(x));
    lines << (place >= 0 && place < xNames_.size() ? xNames_[place] : QStringLiteral("%1: %2").arg(xLabel(), quantity(x, xUnit())));
    QString value = quantity(y, yUnit());
    if (!s.errorLow.empty())
        value += tr(" (%1 to %2)").arg(number(y - s.errorLow[hit->point]), number(y + s.errorHigh[hit->point]));
    lines << QStringLiteral("%1: %2").arg(yLabel(), value);
    return ReadOut{x, y, lines.join(QLatin1Char('\n'))};
}

void ScatterPlot::clicked(const QPointF& pixel) {
    if (const auto hit = nearest(pixel))
        Q_EMIT pointClicked(static_cast<int>(hit->series), static_cast<int>(hit->point));
}

void ScatterPlot::fillMenu(QMenu& menu) {
    const auto toggle = [&](const QString& text, bool checked, auto slot) {
        QAction* action = menu.addAction(text);
        action->setCheckable(true);
        action->setChecked(checked);
        connect(action, &QAction::toggled, this, slot);
    };
    toggle(tr("Logarithmic x"), plot()->xAxis->scaleType() == QCPAxis::stLogarithmic, &ScatterPlot::setLogX);
    toggle(tr("Logarithmic y"), plot()->yAxis->scaleType() == QCPAxis::stLogarithmic, &ScatterPlot::setLogY);
    toggle(tr("Line y = x"), diagonal_, &ScatterPlot::setDiagonal);
}

}  // namespace driftscope::plot
