#include "widgets/space/axis_painter.h"

#include <QFontMetricsF>
#include <QLocale>
#include <QPainter>
#include <QPalette>
#include <algorithm>
#include <cmath>

#include "widgets/style/palette.h"

namespace driftscope::space {

namespace {

constexpr double kTick = 4;

QString label(double value, double step) {
    const double magnitude = std::abs(value);
    if (magnitude >= 1e6 || (magnitude > 0 && magnitude < 1e-4)) return QLocale().toString(value, 'g', 4);
    const int decimals = std::clamp(static_cast<int>(std::ceil(-std::log10(step) - 1e-9)), 0, 8);
    QLocale locale;
    locale.setNumberOptions(QLocale::OmitGroupSeparator);
    QString text = locale.toString(std::abs(value) < step * 1e-6 ? 0.0 : value, 'f', decimals);
    return text.replace(QLatin1Char('-'), QChar(0x2212));
}

double stepOf(const std::vector<double>& at) {
    return at.size() > 1 ? at[1] - at[0] : 1;
}

}  // namespace

std::vector<double> ticks(double low, double high, int wanted) {
    if (!(high > low) || wanted < 1 || !std::isfinite(high - low)) return {};
    const double raw = (high - low) / wanted;
    const double power = std::pow(10, std::floor(std::log10(raw)));
    const double factor = raw / power;
    const double step = power * (factor <= 1.5 ? 1 : factor <= 3.5 ? 2 : factor <= 7.5 ? 5 : 10);
    std::vector<double> at;
    for (double k = std::ceil(low / step); k * step <= high && at.size() < 200; ++k) at.push_back(k * step);
    return at;
}

QSizeF axisMargins(const QFontMetricsF& metrics) {
    return {metrics.horizontalAdvance(QStringLiteral("-000")) + metrics.height() + 14, 2 * metrics.height() + 12};
}

void drawAxes(QPainter& painter, const QRectF& plot, const ViewTransform& view, const QString& titleX,
              const QString& titleY, const QPalette& palette) {
    const QFontMetricsF metrics(painter.font());
    const QColor line = style::mix(palette.color(QPalette::Base), palette.color(QPalette::Text), 0.28);
    const QColor text = style::subtleText(palette);
    const QPointF low = view.toData(plot.bottomLeft()), high = view.toData(plot.topRight());
    painter.setPen(QPen(line, 1));
    painter.drawLine(plot.bottomLeft() + QPointF(-0.5, 0.5), plot.bottomRight() + QPointF(0, 0.5));
    painter.drawLine(plot.bottomLeft() + QPointF(-0.5, 0.5), plot.topLeft() + QPointF(-0.5, 0));
    const auto across = ticks(low.x(), high.x(), std::max(2, static_cast<int>(plot.width() / 110)));
    for (double value : across) {
        const double x = std::round(view.toPixels(value, 0).x()) + 0.5;
        painter.setPen(QPen(line, 1));
        painter.drawLine(QPointF(x, plot.bottom() + 0.5), QPointF(x, plot.bottom() + kTick));
        painter.setPen(text);
        painter.drawText(QRectF(x - 50, plot.bottom() + kTick + 1, 100, metrics.height()),
                         Qt::AlignHCenter | Qt::AlignTop, label(value, stepOf(across)));
    }
    const auto up = ticks(low.y(), high.y(), std::max(2, static_cast<int>(plot.height() / 80)));
    for (double value : up) {
        const double y = std::round(view.toPixels(0, value).y()) + 0.5;
        painter.setPen(QPen(line, 1));
        painter.drawLine(QPointF(plot.left() - kTick, y), QPointF(plot.left() - 0.5, y));
        painter.setPen(text);
        painter.drawText(QRectF(plot.left() - kTick - 103, y - metrics.height() / 2, 100, metrics.height()),
                         Qt::AlignRight | Qt::AlignVCenter, label(value, stepOf(up)));
    }
    painter.setPen(palette.color(QPalette::Text));
    painter.drawText(
        QRectF(plot.left(), plot.bottom() + kTick + metrics.height() + 2, plot.width(), metrics.height() + 2),
        Qt::AlignCenter, titleX);
    painter.save();
    painter.translate(plot.left() - axisMargins(metrics).width() + 4, plot.center().y());
    painter.rotate(-90);
    painter.drawText(QRectF(-plot.height() / 2, 0, plot.height(), metrics.height()), Qt::AlignCenter, titleY);
    painter.restore();
}

}  // namespace driftscope::space
