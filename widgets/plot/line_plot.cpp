#include "widgets/plot/line_plot.h"

#include <qcustomplot.h>

#include <QCheckBox>
#include <QHBoxLayout>
#include <QLabel>
#include <QMenu>
#include <QSlider>
#include <QTimer>
#include <algorithm>
#include <cmath>

#include "widgets/plot/line_curve.h"
#include "widgets/plot/plot_style.h"
#include "widgets/style/palette.h"

namespace driftscope::plot {

namespace {
constexpr double kReachPixels = 40;  // how far from a curve the read-out still answers
constexpr int kRedrawMs = 40;
}  // namespace

LinePlot::LinePlot(QWidget* parent)
    : PlotWidget(parent), pending_(new QTimer(this)), marker_(new QCPItemStraightLine(plot())) {
    marker_->setVisible(false);
    marker_->setSelectable(false);
    pending_->setSingleShot(true);
    pending_->setInterval(kRedrawMs);
    connect(pending_, &QTimer::timeout, this, &LinePlot::refresh);
    connect(plot(), &QCustomPlot::legendClick, this,
            [this](QCPLegend*, QCPAbstractLegendItem* item, QMouseEvent*) { legendClicked(item); });
    buildControls();
    dataChanged();
}

LinePlot::~LinePlot() = default;

void LinePlot::buildControls() {
    controls_ = new QWidget(this);
    auto* row = new QHBoxLayout(controls_);
    row->setContentsMargins(8, 0, 8, 4);
    auto* label = new QLabel(tr("Smoothing"), controls_);
    smoothingSlider_ = new QSlider(Qt::Horizontal, controls_);
    smoothingSlider_->setRange(0, 99);
    smoothingSlider_->setAccessibleName(tr("Smoothing"));
    smoothingSlider_->setToolTip(tr("Weight of the past in an exponential moving average; 0 shows the raw curve."));
    label->setBuddy(smoothingSlider_);
    logY_ = new QCheckBox(tr("Log y"), controls_);
    logY_->setToolTip(tr("Logarithmic y axis; values of zero or less cannot be shown and are counted."));
    row->addWidget(label);
    row->addWidget(smoothingSlider_, 1);
    row->addWidget(logY_);
    connect(smoothingSlider_, &QSlider::valueChanged, this, [this](int value) { setSmoothing(value / 100.0); });
    connect(logY_, &QCheckBox::toggled, this, &LinePlot::setLogY);
    column()->addWidget(controls_);
    controls_->hide();
}

LineCurve* LinePlot::find(const QString& name) const {
    const auto it = std::find_if(curves_.begin(), curves_.end(), [&](const auto& c) { return c->name() == name; });
    return it == curves_.end() ? nullptr : it->get();
}

LineCurve& LinePlot::curve(const QString& name) {
    if (LineCurve* known = find(name)) return *known;
    const auto colors = style::categorical(curves_.size() + 1);
    curves_.push_back(std::make_unique<LineCurve>(*plot(), name, colors.back()));
    curves_.back()->setSmoothing(smoothing_);
    refreshLegend();
    return *curves_.back();
}

void LinePlot::setCurveColor(const QString& name, const QColor& color) {
    LineCurve& target = curve(name);
    if (color.isValid()) target.setColor(color);
    pending_->start();
}

void LinePlot::append(const QString& name, double x, double y) {
    curve(name).append(x, y);
    if (!pending_->isActive()) pending_->start();
}

void LinePlot::setCurve(const QString& name, const std::vector<double>& x, const std::vector<double>& y,
                        const std::vector<double>& lower, const std::vector<double>& upper) {
    Q_ASSERT(x.size() == y.size() && lower.size() == upper.size() && (lower.empty() || lower.size() == x.size()));
    curve(name).set(x, y, lower, upper);
    refresh();
}

void LinePlot::removeCurve(const QString& name) {
    std::erase_if(curves_, [&](const auto& c) { return c->name() == name; });
    refreshLegend();
    refresh();
}

void LinePlot::clear() {
    curves_.clear();
    refreshLegend();
    refresh();
}

QStringList LinePlot::curves() const {
    QStringList names;
    for (const auto& c : curves_) names << c->name();
    return names;
}

int LinePlot::size(const QString& name) const {
    const LineCurve* known = find(name);
    return known ? known->size() : 0;
}

void LinePlot::setLogX(bool on) {
    setLogarithmic(*plot()->xAxis, on);
    refresh();
}

void LinePlot::setLogY(bool on) {
    setLogarithmic(*plot()->yAxis, on);
    logY_->setChecked(on);
    refresh();
}

void LinePlot::setSmoothing(double weight) {
    smoothing_ = std::clamp(weight, 0.0, 0.99);
    smoothingSlider_->setValue(static_cast<int>(std::lround(smoothing_ * 100)));
    for (auto& c : curves_) c->setSmoothing(smoothing_);
    refresh();
}

void LinePlot::setCurveVisible(const QString& name, bool visible) {
    if (LineCurve* known = find(name)) known->setVisible(visible);
    refreshLegend();
    refresh();
}

bool LinePlot::isCurveVisible(const QString& name) const {
    const LineCurve* known = find(name);
    return known && known->visible();
}

void LinePlot::setLegendVisible(bool visible) {
    legend_ = visible;
    refreshLegend();
    plot()->replot(QCustomPlot::rpQueuedReplot);
}

void LinePlot::setControlsVisible(bool visible) {
    controls_->setVisible(visible);
}

void LinePlot::setMarker(double x) {
    marker_->setVisible(std::isfinite(x));
    marker_->point1->setCoords(x, 1);
    marker_->point2->setCoords(x, 2);
    plot()->replot(QCustomPlot::rpQueuedReplot);
}

void LinePlot::setSpans(std::vector<Span> spans) {
    for (QCPItemRect* item : spanItems_) plot()->removeItem(item);
    spanItems_.clear();
    spans_ = std::move(spans);
    for (const Span& span : spans_) {
        auto* item = new QCPItemRect(plot());
        item->setLayer(QStringLiteral("background"));
        item->setSelectable(false);
        item->setPen(Qt::NoPen);
        QColor fill = span.color;
        fill.setAlphaF(0.14F);
        item->setBrush(fill);
        item->topLeft->setTypeX(QCPItemPosition::ptPlotCoords);
        item->topLeft->setTypeY(QCPItemPosition::ptAxisRectRatio);
        item->bottomRight->setTypeX(QCPItemPosition::ptPlotCoords);
        item->bottomRight->setTypeY(QCPItemPosition::ptAxisRectRatio);
        item->topLeft->setCoords(span.from, 0);
        item->bottomRight->setCoords(span.to, 1);
        spanItems_.push_back(item);
    }
    plot()->replot(QCustomPlot::rpQueuedReplot);
}

void LinePlot::setYIncludes(double low, double high) {
    yLow_ = low;
    yHigh_ = high;
    dataChanged();
}

void LinePlot::setMarksVisible(bool visible) {
    marks_ = visible;
    refresh();
}

bool LinePlot::isEmpty() const {
    return std::all_of(curves_.begin(), curves_.end(), [](const auto& c) { return c->size() == 0; });
}

QString LinePlot::csv() const {
    QString out = QStringLiteral("curve,%1,%2,lower,upper\n")
                      .arg(csvField(xLabel().isEmpty() ? QStringLiteral("x") : xLabel()),
                           csvField(yLabel().isEmpty() ? QStringLiteral("y") : yLabel()));
    for (const auto& c : curves_) c->writeCsv(out);
    return out;
}

void LinePlot::refresh() {
    pending_->stop();
    restyle(palette());
    refreshNote();
    dataChanged();
}

void LinePlot::refreshNote() {
    const bool logX = plot()->xAxis->scaleType() == QCPAxis::stLogarithmic;
    const bool logY = plot()->yAxis->scaleType() == QCPAxis::stLogarithmic;
    int lost = 0;
    for (const auto& c : curves_) lost += c->visible() ? c->withoutLog(logX, logY) : 0;
    setNote(lost == 0 ? QString()
                      : tr("%n value(s) of zero or less cannot be shown on a logarithmic axis", nullptr, lost));
}

void LinePlot::restyle(const QPalette& palette) {
    for (const auto& c : curves_) {
        c->setMarks(marks_);
        c->style(palette);
    }
    marker_->setPen(QPen(style::subtleText(palette), 1, Qt::DashLine));
    refreshLegend();
}

void LinePlot::refreshLegend() {
    showLegend(legend_ && curves_.size() > 1);
    for (const auto& c : curves_)
        if (auto* item = plot()->legend->itemWithPlottable(c->legendGraph())) {
            QColor text = plot()->legend->textColor();
            text.setAlphaF(c->visible() ? 1.0F : 0.4F);
            item->setTextColor(text);
        }
}

void LinePlot::legendClicked(QCPAbstractLegendItem* item) {
    for (const auto& c : curves_)
        if (item && plot()->legend->itemWithPlottable(c->legendGraph()) == item)
            return setCurveVisible(c->name(), !c->visible());
}

void LinePlot::fitRanges() {
    // An axis whose values are all the same keeps its length, which must not be that of the data before.
    for (QCPAxis* axis : {plot()->xAxis, plot()->yAxis})
        if (axis->scaleType() == QCPAxis::stLinear) axis->setRange(0, 1);
    plot()->rescaleAxes(true);
    if (yLow_ < yHigh_ && plot()->yAxis->scaleType() == QCPAxis::stLinear) {
        const QCPRange shown = plot()->yAxis->range();
        plot()->yAxis->setRange(shown.size() > 1 ? std::min(yLow_, shown.lower) : yLow_, shown.size() > 1 ? std::max(yHigh_, shown.upper) : yHigh_);
    }
    for (QCPAxis* axis : {plot()->xAxis, plot()->yAxis}) {
        if (axis->range().size() <= 0) axis->setRange(axis->range().lower - 0.5, axis->range().upper + 0.5);
        axis->scaleRange(axis == plot()->xAxis ? 1.02 : 1.08);
    }
}

std::optional<ReadOut> LinePlot::readOut(const QPointF& pixel) const {
    std::optional<LineCurve::Nearest> best;
    const LineCurve* owner = nullptr;
    for (const auto& c : curves_) {
        const auto found = c->nearest(pixel);
        if (!found || found->distance > kReachPixels || (best && best->distance <= found->distance)) continue;
        best = found;
        owner = c.get();
    }
    if (!best) return std::nullopt;
    QString text =
        tr("%1\n%2: %3\n%4: %5")
            .arg(owner->name(), yLabel(), quantity(best->y, yUnit()), xLabel(), quantity(best->x, xUnit()));
    for (const Span& span : spans_)
        if (!span.name.isEmpty() && best->x >= span.from && best->x < span.to) text += QLatin1Char('\n') + span.name;
    return ReadOut{best->x, best->y, text};
}

void LinePlot::fillMenu(QMenu& menu) {
    const auto toggle = [&](const QString& text, bool checked, auto slot) {
        QAction* action = menu.addAction(text);
        action->setCheckable(true);
        action->setChecked(checked);
        connect(action, &QAction::toggled, this, slot);
    };
    toggle(tr("Logarithmic x"), plot()->xAxis->scaleType() == QCPAxis::stLogarithmic, &LinePlot::setLogX);
    toggle(tr("Logarithmic y"), plot()->yAxis->scaleType() == QCPAxis::stLogarithmic, &LinePlot::setLogY);
    toggle(tr("Legend"), legend_, &LinePlot::setLegendVisible);
    toggle(tr("Smoothing and scale controls"), controls_->isVisibleTo(this), &LinePlot::setControlsVisible);
}

void LinePlot::clicked(const QPointF& pixel) {
    if (!isEmpty() && plot()->axisRect()->rect().contains(pixel.toPoint()))
        Q_EMIT xClicked(plot()->xAxis->pixelToCoord(pixel.x()));
}

}  // namespace driftscope::plot
