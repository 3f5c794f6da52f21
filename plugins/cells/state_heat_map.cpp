#include "plugins/cells/state_heat_map.h"

#include <QMouseEvent>
#include <QPainter>
#include <QToolTip>
#include <algorithm>
#include <cmath>

#include "widgets/style/palette.h"

namespace driftscope::cells {
namespace {

constexpr int kLegendHeight = 26;
constexpr int kAxisHeight = 40;
constexpr int kLeft = 70;
constexpr int kRight = 14;
constexpr int kSwatch = 12;
constexpr int kMostLineHeight = 26;

/// A step of 1, 2 or 5 times a power of ten that gives about `ticks` ticks.
double niceStep(double range, double ticks) {
    const double rough = range / ticks, power = std::pow(10, std::floor(std::log10(rough)));
    for (const double factor : {1.0, 2.0, 5.0})
        if (rough <= factor * power) return factor * power;
    return 10 * power;
}

}  // namespace

StateHeatMap::StateHeatMap(QWidget* parent) : PaintedPlot(parent) {
    setAccessibleName(tr("States over time, aligned at the event"));
    setToolTip(tr("One line per track; click a cell to see it"));
}

void StateHeatMap::setContent(Content content) {
    content_ = std::move(content);
    current_ = -1;
    update();
}

void StateHeatMap::setCurrentTrack(const QString& entity) {
    current_ = static_cast<int>(content_.tracks.indexOf(entity));
    update();
}

QString StateHeatMap::csv() const {
    QString out = QStringLiteral("track");
    for (const double time : content_.times) out += QStringLiteral(",%1").arg(time);
    out += QLatin1Char('\n');
    for (int line = 0; line < content_.tracks.size(); ++line) {
        out += content_.tracks[line];
        for (std::size_t column = 0; column < content_.times.size(); ++column) {
            const int state = content_.states[static_cast<std::size_t>(line) * content_.times.size() + column];
            out += QLatin1Char(',') + (state >= 0 ? content_.names[state] : QString());
        }
        out += QLatin1Char('\n');
    }
    return out;
}

QRect StateHeatMap::plotRect(const QRect& area) const {
    QRect plot = area.adjusted(kLeft, kLegendHeight, -kRight, -kAxisHeight);
    plot.setHeight(std::min(plot.height(), kMostLineHeight * static_cast<int>(content_.tracks.size())));  // a few tracks are no wall
    return plot;
}

QRectF StateHeatMap::cellRect(const QRect& area, int line, int column) const {
    const QRectF plot = plotRect(area);
    const double width = plot.width() / static_cast<double>(content_.times.size()), height = plot.height() / static_cast<double>(content_.tracks.size());
    return {plot.left() + column * width, plot.top() + line * height, width, height};
}

std::optional<StateHeatMap::Place> StateHeatMap::placeAt(const QPoint& at) const {
    const QRect plot = plotRect(rect());
    if (isEmpty() || !plot.contains(at)) return std::nullopt;
    const Place place{(at.y() - plot.top()) * static_cast<int>(content_.tracks.size()) / std::max(plot.height(), 1), (at.x() - plot.left()) * static_cast<int>(content_.times.size()) / std::max(plot.width(), 1)};
    return place;
}

void StateHeatMap::mousePressEvent(QMouseEvent* event) {
    const auto place = placeAt(event->pos());
    if (place && event->button() == Qt::LeftButton) Q_EMIT cellClicked(content_.tracks[place->line], content_.times[static_cast<std::size_t>(place->column)]);
}

void StateHeatMap::mouseMoveEvent(QMouseEvent* event) {
    const auto place = placeAt(event->pos());
    const int state = place ? content_.states[static_cast<std::size_t>(place->line) * content_.times.size() + static_cast<std::size_t>(place->column)] : -1;
    if (state < 0) {
        QToolTip::hideText();
        return;
    }
    QToolTip::showText(event->globalPosition().toPoint(), tr("%1 at %2 %3: %4").arg(content_.tracks[place->line]).arg(content_.times[static_cast<std::size_t>(place->column)]).arg(content_.unit, content_.names[state]), this);
}

void StateHeatMap::paintPlot(QPainter& painter, const QRect& area, const QPalette& colours) const {
    paintLegend(painter, area, colours);
    paintCells(painter, area);
    paintAxes(painter, area, colours);
}

void StateHeatMap::paintCells(QPainter& painter, const QRect& area) const {
    painter.setPen(Qt::NoPen);
    for (int line = 0; line < content_.tracks.size(); ++line)
        for (int column = 0; column < static_cast<int>(content_.times.size()); ++column) {
            const int state = content_.states[static_cast<std::size_t>(line) * content_.times.size() + static_cast<std::size_t>(column)];
            // A hair wider than the cell, so that neighbours leave no gap between them.
            if (state >= 0) painter.fillRect(cellRect(area, line, column).adjusted(0, 0, 0.6, 0.3), content_.colours[static_cast<std::size_t>(state)]);
        }
}

void StateHeatMap::paintAxes(QPainter& painter, const QRect& area, const QPalette& colours) const {
    const QRect plot = plotRect(area);
    painter.setPen(colours.color(QPalette::WindowText));
    painter.drawRect(plot);
    if (current_ >= 0) {
        const QRectF line = cellRect(area, current_, 0);
        painter.setPen(QPen(colours.color(QPalette::WindowText), 2));
        painter.drawRect(QRectF(plot.left(), line.top(), plot.width(), std::max(line.height(), 2.0)));
    }
    const double first = content_.times.front(), last = content_.times.back(), step = content_.times.size() > 1 ? (last - first) / static_cast<double>(content_.times.size() - 1) : 1;
    const auto x = [&](double time) { return plot.left() + (time - first + step / 2) / (last - first + step) * plot.width(); };
    painter.setPen(QPen(colours.color(QPalette::WindowText), 1.5, Qt::DashLine));
    painter.drawLine(QPointF(x(0) - step / 2 / (last - first + step) * plot.width(), plot.top()), QPointF(x(0) - step / 2 / (last - first + step) * plot.width(), plot.bottom()));
    painter.setPen(style::subtleText(colours));
    const double tick = niceStep(std::max(last - first, 1e-9), std::max(2.0, plot.width() / 90.0));
    for (double time = std::ceil(first / tick) * tick; time <= last + 1e-9; time += tick) {
        painter.drawLine(QPointF(x(time), plot.bottom()), QPointF(x(time), plot.bottom() + 4));
        painter.drawText(QRectF(x(time) - 40, plot.bottom() + 4, 80, 16), Qt::AlignCenter, QString::number(std::abs(time) < 1e-9 ? 0 : time));
    }
    painter.setPen(colours.color(QPalette::WindowText));
    painter.drawText(QRect(plot.left(), plot.bottom() + 21, plot.width(), 18), Qt::AlignCenter, tr("time from the event [%1]").arg(content_.unit));
    painter.drawText(QRect(area.left() + 2, plot.top(), kLeft - 6, plot.height()), Qt::AlignCenter | Qt::TextWordWrap, content_.tracks.size() == 1 ? tr("1 track") : tr("%1 tracks").arg(content_.tracks.size()));
}

void StateHeatMap::paintLegend(QPainter& painter, const QRect& area, const QPalette& colours) const {
    int x = area.left() + kLeft;
    for (int i = 0; i < content_.names.size(); ++i) {
        painter.fillRect(QRect(x, area.top() + 7, kSwatch, kSwatch), content_.colours[static_cast<std::size_t>(i)]);
        painter.setPen(colours.color(QPalette::WindowText));
        const int width = painter.fontMetrics().horizontalAdvance(content_.names[i]);
        painter.drawText(QRect(x + kSwatch + 5, area.top() + 3, width + 4, 20), Qt::AlignVCenter, content_.names[i]);
        x += kSwatch + width + 26;
    }
}

}  // namespace driftscope::cells
