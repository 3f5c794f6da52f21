#include "plugins/debate/claim_scale.h"

#include <QPainter>
#include <algorithm>
#include <cmath>

#include "plugins/debate/words.h"
#include "widgets/style/palette.h"

namespace driftscope::debate {
namespace {

constexpr int kMargin = 8;
constexpr int kRight = 34;  // half a number at the end of the axis
constexpr int kNames = 52;
constexpr double kSpare = 1.6;  // around the widest mark

}  // namespace

ClaimScale::ClaimScale(QWidget* parent) : QWidget(parent) {
    setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
    setAccessibleName(tr("Claim and estimates"));
    setToolTip(tr("The claim (diamond) against the estimates; the bars are the thresholds within which a claim is accepted."));
}

void ClaimScale::setMarks(const Marks& marks) {
    marks_ = marks;
    QStringList said;
    for (const auto& [name, value] : {std::pair{tr("claim"), marks.claim}, {tr("Bob"), marks.bob}, {tr("Vera"), marks.vera}})
        if (std::isfinite(value)) said << QStringLiteral("%1 %2").arg(name, probabilityText(value));
    setAccessibleDescription(said.join(QStringLiteral(", ")));
    update();
}

QSize ClaimScale::sizeHint() const {
    return {360, fontMetrics().height() * 4 + 12};
}

QSize ClaimScale::minimumSizeHint() const {
    return {200, sizeHint().height()};
}

ClaimScale::Range ClaimScale::range() const {
    double low = 2, high = -1;
    const auto include = [&](double value, double reach) {
        if (!std::isfinite(value)) return;
        low = std::min(low, value - reach);
        high = std::max(high, value + reach);
    };
    include(marks_.claim, 0);
    include(marks_.bob, marks_.bobThreshold);
    include(marks_.vera, marks_.veraThreshold);
    if (high < low) return {};
    const double middle = (low + high) / 2, half = std::max((high - low) / 2, 1e-6) * kSpare;
    if (half > 0.2) return {};  // the whole scale is near enough
    Range out{middle - half, middle + half};
    if (out.low < 0) out = {0, 2 * half};
    if (out.high > 1) out = {1 - 2 * half, 1};
    return out;
}

double ClaimScale::xOf(double value) const {
    const double t = (value - shown_.low) / (shown_.high - shown_.low);
    return kMargin + kNames + t * (width() - kMargin - kRight - kNames);
}

void ClaimScale::paintAxis(QPainter& painter, double y) const {
    painter.setPen(style::subtleText(palette()));
    painter.drawLine(QPointF(xOf(shown_.low), y), QPointF(xOf(shown_.high), y));
    const int digits = std::clamp(static_cast<int>(std::ceil(-std::log10(shown_.high - shown_.low))) + 1, 1, 6);
    for (int i = 0; i <= 4; ++i) {
        const double value = shown_.low + (shown_.high - shown_.low) * i / 4;
        painter.drawLine(QPointF(xOf(value), y), QPointF(xOf(value), y + 4));
        const QRectF box(xOf(value) - 40, y + 4, 80, fontMetrics().height());
        painter.drawText(box, Qt::AlignHCenter | Qt::AlignTop, QString::number(value, 'f', digits));
    }
}

void ClaimScale::paintEstimate(QPainter& painter, double y, double value, double reach, const QColor& colour, const QString& name) const {
    painter.setPen(palette().color(QPalette::WindowText));
    painter.drawText(QRectF(kMargin, y - 10, kNames, 20), Qt::AlignLeft | Qt::AlignVCenter, name);
    if (!std::isfinite(value)) return;
    QColor pale = colour;
    pale.setAlphaF(0.35F);
    const double left = std::clamp(xOf(value - reach), xOf(shown_.low), xOf(shown_.high)), right = std::clamp(xOf(value + reach), xOf(shown_.low), xOf(shown_.high));
    painter.setPen(Qt::NoPen);
    painter.setBrush(pale);
    painter.drawRoundedRect(QRectF(left, y - 5, std::max(2.0, right - left), 10), 3, 3);
    painter.setBrush(colour);
    painter.drawRect(QRectF(xOf(value) - 1.5, y - 7, 3, 14));
}

void ClaimScale::paintEvent(QPaintEvent*) {
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    shown_ = range();
    const double line = fontMetrics().height();
    const double top = line * 0.75 + 2;
    paintEstimate(painter, top, marks_.bob, marks_.bobThreshold, style::okabeIto()[1], tr("Bob"));
    paintEstimate(painter, top + line + 3, marks_.vera, marks_.veraThreshold, style::okabeIto()[2], tr("Vera"));
    paintAxis(painter, top + 2 * line + 4);
    if (std::isfinite(marks_.truth)) {
        painter.setPen(QPen(style::subtleText(palette()), 1, Qt::DashLine));
        painter.drawLine(QPointF(xOf(marks_.truth), 2), QPointF(xOf(marks_.truth), top + 2 * line + 4));
    }
    if (!std::isfinite(marks_.claim)) return;
    const double x = xOf(marks_.claim), bottom = top + 2 * line + 4;
    painter.setPen(QPen(palette().color(QPalette::WindowText), 1.2));
    painter.drawLine(QPointF(x, 3), QPointF(x, bottom));
    painter.setBrush(palette().color(QPalette::WindowText));
    painter.drawPolygon(QPolygonF({{x, bottom - 6}, {x + 5, bottom}, {x, bottom + 6}, {x - 5, bottom}}));
}

}  // namespace driftscope::debate
