#include "widgets/label/state_ribbon.h"

#include <QHelpEvent>
#include <QKeyEvent>
#include <QMouseEvent>
#include <QPainter>
#include <QToolTip>
#include <algorithm>
#include <cmath>

#include "widgets/label/label_colours.h"
#include "widgets/style/palette.h"

namespace driftscope::label {

struct StateRibbon::State {
    LabelSchema schema;
    std::vector<RibbonStep> steps;
    std::vector<RibbonRun> runs;
    std::int64_t first = 0, last = -1;
    std::int64_t current = 0;
    std::optional<std::pair<std::int64_t, std::int64_t>> interval;
    std::optional<std::int64_t> pressed;  ///< where the mouse went down
    bool dragging = false;
    std::optional<std::int64_t> anchor;  ///< where Shift+arrows began
    QString stepName = StateRibbon::tr("step");
    QString emptyText = StateRibbon::tr("Select a trajectory to see its states over time.");

    bool empty() const { return last < first; }
    std::int64_t clamped(std::int64_t step) const { return std::clamp(step, first, last); }
};

namespace {

constexpr int kMargin = 8;

QColor faded(QColor colour, double alpha) {
    colour.setAlphaF(static_cast<float>(alpha));
    return colour;
}

/// 1, 2 or 5 times a power of ten, so that about `room` ticks fit.
std::int64_t tickStep(std::int64_t length, double room) {
    std::int64_t step = 1;
    for (const int factor : {2, 5, 10})
        if (static_cast<double>(length) / static_cast<double>(step) > room) step = factor;
    while (static_cast<double>(length) / static_cast<double>(step) > room) step *= 10;
    return step;
}

}  // namespace

StateRibbon::StateRibbon(QWidget* parent) : QWidget(parent), state_(std::make_unique<State>()) {
    setFocusPolicy(Qt::StrongFocus);
    setMouseTracking(true);
    setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
    setAccessibleName(tr("States over time"));
    announce();
}

StateRibbon::~StateRibbon() = default;

void StateRibbon::setSchema(const LabelSchema& schema) {
    state_->schema = schema;
    update();
}

void StateRibbon::setSteps(std::vector<RibbonStep> steps) {
    State& s = *state_;
    std::sort(steps.begin(), steps.end(), [](const RibbonStep& a, const RibbonStep& b) { return a.step < b.step; });
    s.steps = std::move(steps);
    s.runs = ribbonRuns(s.steps);
    s.first = s.steps.empty() ? 0 : s.steps.front().step;
    s.last = s.steps.empty() ? -1 : s.steps.back().step;
    if (s.interval && (s.empty() || s.interval->first < s.first || s.interval->second > s.last)) clearInterval();
    announce();
    update();
}

void StateRibbon::setCurrentStep(std::int64_t step) {
    if (step == state_->current) return;
    state_->current = step;
    announce();
    update();
}

std::int64_t StateRibbon::currentStep() const {
    return state_->current;
}

void StateRibbon::setStepName(const QString& name) {
    state_->stepName = name;
    announce();
    update();
}

void StateRibbon::setEmptyText(const QString& text) {
    state_->emptyText = text;
    announce();
    update();
}

std::optional<std::pair<std::int64_t, std::int64_t>> StateRibbon::interval() const {
    return state_->interval;
}

void StateRibbon::setInterval(std::int64_t first, std::int64_t last) {
    if (state_->empty()) return;
    state_->interval = std::minmax(state_->clamped(first), state_->clamped(last));
    announce();
    update();
}

void StateRibbon::clearInterval() {
    state_->anchor.reset();
    if (!state_->interval) return;
    state_->interval.reset();
    announce();
    update();
    Q_EMIT intervalCleared();
}

QRectF StateRibbon::band() const {
    const int axis = fontMetrics().height() + 5;
    return QRectF(kMargin, 7, width() - 2 * kMargin, height() - 7 - axis);
}

double StateRibbon::xOf(std::int64_t step) const {
    const QRectF area = band();
    const auto count = static_cast<double>(std::max<std::int64_t>(1, state_->last - state_->first + 1));
    return area.left() + (static_cast<double>(step - state_->first) + 0.5) * area.width() / count;
}

std::int64_t StateRibbon::stepAt(double x) const {
    const QRectF area = band();
    const auto count = static_cast<double>(std::max<std::int64_t>(1, state_->last - state_->first + 1));
    const auto index = static_cast<std::int64_t>(std::floor((x - area.left()) / std::max(1.0, area.width()) * count));
    return state_->empty() ? 0 : state_->clamped(state_->first + index);
}

QSize StateRibbon::sizeHint() const {
    return {400, 7 + 26 + fontMetrics().height() + 5};
}
QSize StateRibbon::minimumSizeHint() const {
    return {120, sizeHint().height()};
}

void StateRibbon::paintEvent(QPaintEvent*) {
    QPainter painter(this);
    if (state_->empty()) {
        painter.setPen(style::subtleText(palette()));
        painter.drawText(rect().adjusted(kMargin, 0, -kMargin, 0), Qt::AlignCenter | Qt::TextWordWrap,
                         state_->emptyText);
        return;
    }
    const QRectF area = band();
    painter.fillRect(area, palette().color(QPalette::Base));
    paintRuns(painter);
    paintNames(painter);
    painter.setPen(style::mix(palette().color(QPalette::Window), palette().color(QPalette::WindowText), 0.3));
    painter.drawRect(area);
    paintAxis(painter);
    paintInterval(painter);
    paintCursor(painter);
    if (hasFocus()) {
        painter.setPen(QPen(palette().color(QPalette::Highlight), 1));
        painter.setBrush(Qt::NoBrush);
        painter.drawRoundedRect(QRectF(rect()).adjusted(0.5, 0.5, -0.5, -0.5), 3, 3);
    }
}

QRectF StateRibbon::boxOf(std::int64_t first, std::int64_t last) const {
    const QRectF area = band();
    const double half = area.width() / static_cast<double>(state_->last - state_->first + 1) / 2;
    return {QPointF(xOf(first) - half, area.top()), QPointF(xOf(last) + half, area.bottom())};
}

void StateRibbon::paintRuns(QPainter& painter) const {
    painter.save();
    painter.setClipRect(band());
    std::int64_t next = state_->first;
    for (const RibbonRun& run : state_->runs) {
        if (run.first > next) {  // no observation: the track is broken here
            const QRectF gap = boxOf(next, run.first - 1);
            painter.fillRect(gap, palette().color(QPalette::Window));
            painter.setPen(QPen(style::subtleText(palette()), 1, Qt::DotLine));
            painter.drawLine(QPointF(gap.left(), gap.center().y()), QPointF(gap.right(), gap.center().y()));
        }
        paintRun(painter, run);
        next = run.last + 1;
    }
    painter.restore();
}

void StateRibbon::paintRun(QPainter& painter, const RibbonRun& run) const {
    const QRectF whole = boxOf(run.first, run.last);
    const auto colourOf = [&](const std::string& name) {
        const QColor colour = classColour(state_->schema, name);
        return colour.isValid() ? colour : style::missingColour(palette());
    };
    const auto hatch = [&](const QRectF& rect) {
        const double strength = 0.25 + 0.75 * run.confidence;
        painter.fillRect(rect, faded(colourOf(run.predicted), 0.30 * strength));
        painter.fillRect(rect, QBrush(faded(colourOf(run.predicted), strength), Qt::BDiagPattern));
    };
    if (run.manual.empty()) {
        if (!run.predicted.empty()) hatch(whole);
        return;
    }
    painter.fillRect(whole, colourOf(run.manual));
    if (run.predicted.empty() || run.predicted == run.manual) return;
    // A model that disagrees with the person is worth seeing.
    const QRectF foot(whole.left(), whole.bottom() - whole.height() / 3, whole.width(), whole.height() / 3);
    painter.fillRect(foot, palette().color(QPalette::Base));
    hatch(foot);
}

void StateRibbon::paintNames(QPainter& painter) const {
    std::optional<RibbonRun> span;
    for (const RibbonRun& run : state_->runs) {
        const bool goesOn = span && span->last + 1 == run.first && span->manual == run.manual &&
                            (!run.manual.empty() || span->predicted == run.predicted);
        if (goesOn) {
            span->last = run.last;
            continue;
        }
        if (span) paintName(painter, *span);
        span = run;
    }
    if (span) paintName(painter, *span);
}

void StateRibbon::paintName(QPainter& painter, const RibbonRun& span) const {
    const bool byHand = !span.manual.empty();
    const QString text = QString::fromStdString(byHand ? span.manual : span.predicted);
    const QRectF whole = boxOf(span.first, span.last);
    const QFontMetricsF metrics(font());
    const double width = metrics.horizontalAdvance(text) + 8;
    if (text.isEmpty() || width + 2 > whole.width()) return;
    const QRectF plate(whole.center().x() - width / 2, whole.center().y() - metrics.height() / 2, width,
                       metrics.height());
    if (!byHand) {  // hatching would cut through the letters
        painter.save();
        painter.setRenderHint(QPainter::Antialiasing);
        painter.setPen(Qt::NoPen);
        painter.setBrush(faded(palette().color(QPalette::Base), 0.85));
        painter.drawRoundedRect(plate, 3, 3);
        painter.restore();
    }
    const QColor fill = classColour(state_->schema, span.manual);
    painter.setPen(byHand ? textOn(fill.isValid() ? fill : style::missingColour(palette()))
                          : palette().color(QPalette::Text));
    painter.drawText(plate, Qt::AlignCenter, text);
}

void StateRibbon::paintAxis(QPainter& painter) const {
    const QRectF area = band();
    const QFontMetrics metrics(font());
    painter.setPen(style::subtleText(palette()));
    const QString name = state_->stepName;
    const double nameWidth = metrics.horizontalAdvance(name) + 10;
    painter.drawText(QRectF(area.left(), area.bottom() + 3, nameWidth, metrics.height()),
                     Qt::AlignLeft | Qt::AlignVCenter, name);
    const double labelWidth = metrics.horizontalAdvance(QString::number(state_->last)) + 18;
    const std::int64_t step = tickStep(state_->last - state_->first + 1, area.width() / labelWidth);
    const std::int64_t begin = (state_->first + step - 1) / step * step;
    for (std::int64_t tick = begin; tick <= state_->last; tick += step) {
        const double x = xOf(tick);
        painter.drawLine(QPointF(x, area.bottom()), QPointF(x, area.bottom() + 3));
        const QRectF place(x - labelWidth / 2, area.bottom() + 3, labelWidth, metrics.height());
        if (place.left() + 6 < area.left() + nameWidth || place.right() - 8 > width()) continue;
        painter.drawText(place, Qt::AlignCenter, QString::number(tick));
    }
}

void StateRibbon::paintInterval(QPainter& painter) const {
    if (!state_->interval) return;
    const QRectF marked = boxOf(state_->interval->first, state_->interval->second).adjusted(0, -3, 0, 2);
    const QColor accent = palette().color(QPalette::Highlight);
    painter.fillRect(marked, faded(accent, 0.22));
    painter.setPen(QPen(accent, 2));
    painter.setBrush(Qt::NoBrush);
    painter.drawRect(marked);
}

void StateRibbon::paintCursor(QPainter& painter) const {
    if (state_->current < state_->first || state_->current > state_->last) return;
    const QRectF area = band();
    const double x = std::round(xOf(state_->current)) + 0.5;
    painter.save();
    painter.setRenderHint(QPainter::Antialiasing);
    // A light line inside a dark one shows on every class colour.
    painter.setPen(QPen(palette().color(QPalette::Base), 4));
    painter.drawLine(QPointF(x, area.top() - 1), QPointF(x, area.bottom() + 1));
    painter.setPen(QPen(palette().color(QPalette::Text), 2));
    painter.drawLine(QPointF(x, area.top() - 2), QPointF(x, area.bottom() + 2));
    painter.setPen(Qt::NoPen);
    painter.setBrush(palette().color(QPalette::Text));
    painter.drawPolygon(
        QPolygonF{QPointF(x - 5, area.top() - 7), QPointF(x + 5, area.top() - 7), QPointF(x, area.top())});
    painter.restore();
}

void StateRibbon::go(std::int64_t step) {
    if (state_->empty()) return;
    setCurrentStep(state_->clamped(step));
    Q_EMIT stepClicked(state_->current);
}

void StateRibbon::stretch(std::int64_t to) {
    if (state_->empty()) return;
    if (!state_->anchor || !state_->interval) state_->anchor = state_->clamped(state_->current);
    go(to);
    setInterval(*state_->anchor, state_->current);
    Q_EMIT intervalMarked(state_->interval->first, state_->interval->second);
}

void StateRibbon::mousePressEvent(QMouseEvent* event) {
    if (event->button() != Qt::LeftButton || state_->empty()) return QWidget::mousePressEvent(event);
    state_->pressed = stepAt(event->position().x());
    state_->dragging = false;
    state_->anchor.reset();
}

void StateRibbon::mouseMoveEvent(QMouseEvent* event) {
    if (!state_->pressed) return QWidget::mouseMoveEvent(event);
    const std::int64_t at = stepAt(event->position().x());
    if (!state_->dragging && at == *state_->pressed) return;  // a shaky click
    state_->dragging = true;
    setInterval(*state_->pressed, at);
}

void StateRibbon::mouseReleaseEvent(QMouseEvent* event) {
    if (event->button() != Qt::LeftButton || !state_->pressed) return QWidget::mouseReleaseEvent(event);
    const std::int64_t from = *state_->pressed;
    state_->pressed.reset();
    if (state_->dragging) {
        state_->dragging = false;
        setInterval(from, stepAt(event->position().x()));
        Q_EMIT intervalMarked(state_->interval->first, state_->interval->second);
        return;
    }
    clearInterval();
    go(from);
}

void StateRibbon::keyPressEvent(QKeyEvent* event) {
    const bool marking = event->modifiers().testFlag(Qt::ShiftModifier);
    std::optional<std::int64_t> target;
    if (event->key() == Qt::Key_Left) target = state_->current - 1;
    if (event->key() == Qt::Key_Right) target = state_->current + 1;
    if (event->key() == Qt::Key_Home) target = state_->first;
    if (event->key() == Qt::Key_End) target = state_->last;
    if (target && !state_->empty()) {
        if (marking) return stretch(*target);
        state_->anchor.reset();
        return go(*target);
    }
    if (event->key() == Qt::Key_Escape && state_->interval) return clearInterval();
    QWidget::keyPressEvent(event);
}

QString StateRibbon::describe(std::int64_t step) const {
    const auto found =
        std::lower_bound(state_->steps.begin(), state_->steps.end(), step,
                         [](const RibbonStep& entry, std::int64_t wanted) { return entry.step < wanted; });
    const QString place = tr("%1 %2").arg(state_->stepName).arg(step);
    if (found == state_->steps.end() || found->step != step) return tr("%1: not observed").arg(place);
    QStringList parts;
    if (!found->manual.empty()) parts << tr("%1 (by hand)").arg(QString::fromStdString(found->manual));
    if (!found->predicted.empty())
        parts << tr("%1 (predicted, %2 %)")
                     .arg(QString::fromStdString(found->predicted))
                     .arg(std::lround(found->confidence * 100));
    if (parts.isEmpty()) parts << tr("no label");
    return tr("%1: %2").arg(place, parts.join(QStringLiteral(", ")));
}

void StateRibbon::announce() {
    if (state_->empty()) return setAccessibleDescription(state_->emptyText);
    QString text = describe(state_->current) + tr("; %1 to %2").arg(state_->first).arg(state_->last);
    if (state_->interval) text += tr("; marked %1 to %2").arg(state_->interval->first).arg(state_->interval->second);
    setAccessibleDescription(text);
}

bool StateRibbon::event(QEvent* event) {
    if (event->type() == QEvent::ToolTip && !state_->empty()) {
        auto* help = static_cast<QHelpEvent*>(event);
        QToolTip::showText(help->globalPos(),
                           describe(stepAt(help->pos().x())) + tr("\nClick: go there. Drag: mark an interval."), this);
        return true;
    }
    return QWidget::event(event);
}

}  // namespace driftscope::label
