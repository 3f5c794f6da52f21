#include "widgets/plot/line_curve.h"

#include <qcustomplot.h>

#include <cmath>

#include "widgets/plot/plot_style.h"
#include "widgets/style/palette.h"

namespace driftscope::plot {

namespace {

constexpr int kSmoothLines = 20000;  // above this many points antialiasing costs more than it shows

QVector<double> vector(const std::vector<double>& values) {
    return {values.begin(), values.end()};
}

}  // namespace

LineCurve::LineCurve(QCustomPlot& plot, QString name, QColor color)
    : plot_(plot),
      name_(std::move(name)),
      color_(std::move(color)),
      lower_(plot.addGraph()),
      upper_(plot.addGraph()),
      raw_(plot.addGraph()),
      shown_(plot.addGraph()) {
    upper_->setChannelFillGraph(lower_);
    for (QCPGraph* graph : {lower_, upper_, raw_}) graph->removeFromLegend();
    shown_->setName(name_);
    shown_->setData(raw_->data());
    applyVisibility();
}

LineCurve::~LineCurve() {
    upper_->setChannelFillGraph(nullptr);
    for (QCPGraph* graph : {upper_, lower_, raw_, shown_}) plot_.removeGraph(graph);
}

void LineCurve::count(double x, double y) {
    nonPositiveX_ += x <= 0;
    nonPositiveY_ += y <= 0;
}

double LineCurve::average(double y) {
    if (!std::isfinite(y)) return y;
    mean_ = weight_ * mean_ + (1 - weight_) * y;
    remaining_ *= weight_;
    return mean_ / (1 - remaining_);
}

void LineCurve::append(double x, double y) {
    count(x, y);
    raw_->addData(x, y);
    if (weight_ > 0) shown_->addData(x, average(y));
}

void LineCurve::set(const std::vector<double>& x, const std::vector<double>& y, const std::vector<double>& lower,
                    const std::vector<double>& upper) {
    nonPositiveX_ = nonPositiveY_ = 0;
    for (std::size_t i = 0; i < x.size(); ++i) count(x[i], y[i]);
    raw_->setData(vector(x), vector(y));
    bandX_ = lower.empty() ? std::vector<double>{} : x;
    bandLower_ = lower;
    bandUpper_ = upper;
    lower_->setData(vector(bandX_), vector(lower));
    upper_->setData(vector(bandX_), vector(upper));
    resmooth();
    applyVisibility();
}

void LineCurve::setSmoothing(double weight) {
    weight_ = weight;
    resmooth();
    applyVisibility();
}

void LineCurve::resmooth() {
    mean_ = 0;
    remaining_ = 1;
    if (weight_ <= 0) return shown_->setData(raw_->data());
    QVector<QCPGraphData> smooth;
    smooth.reserve(raw_->data()->size());
    for (const QCPGraphData& point : *raw_->data()) smooth.append({point.key, average(point.value)});
    auto container = QSharedPointer<QCPGraphDataContainer>::create();
    container->set(smooth, true);
    shown_->setData(container);
}

void LineCurve::setVisible(bool visible) {
    visible_ = visible;
    applyVisibility();
}

void LineCurve::applyVisibility() {
    shown_->setVisible(visible_);
    raw_->setVisible(visible_ && weight_ > 0);
    lower_->setVisible(visible_ && !bandX_.empty());
    upper_->setVisible(visible_ && !bandX_.empty());
}

int LineCurve::size() const {
    return raw_->data()->size();
}

void LineCurve::style(const QPalette& palette) {
    const QColor base = palette.color(QPalette::Base);
    const bool many = size() > kSmoothLines;
    shown_->setPen(QPen(color_, many ? 1 : 1.8));
    shown_->setAntialiased(!many);
    shown_->setScatterStyle(size() == 1 || marks_ ? QCPScatterStyle(QCPScatterStyle::ssDisc, color_, 6) : QCPScatterStyle());
    raw_->setPen(QPen(style::mix(base, color_, 0.32), 1));
    raw_->setAntialiased(!many);
    QColor fill = color_;
    fill.setAlphaF(0.18F);
    lower_->setPen(Qt::NoPen);
    upper_->setPen(Qt::NoPen);
    upper_->setBrush(fill);
}

std::optional<LineCurve::Nearest> LineCurve::nearest(const QPointF& pixel) const {
    const auto data = shown_->data();
    if (!visible_ || data->isEmpty()) return std::nullopt;
    const double key = plot_.xAxis->pixelToCoord(pixel.x());
    std::optional<Nearest> best;
    auto it = data->findBegin(key);
    for (int i = 0; i < 3 && it != data->constEnd(); ++i, ++it) {
        if (!std::isfinite(it->value)) continue;
        const double dx = plot_.xAxis->coordToPixel(it->key) - pixel.x(),
                     dy = plot_.yAxis->coordToPixel(it->value) - pixel.y();
        const double distance = std::hypot(dx, dy);
        if (!best || distance < best->distance) best = Nearest{it->key, it->value, distance};
    }
    return best;
}

void LineCurve::writeCsv(QString& out) const {
    const QString name = csvField(name_);
    std::size_t i = 0;
    for (const QCPGraphData& point : *raw_->data()) {
        out += name + QLatin1Char(',') + QString::number(point.key, 'g', 17) + QLatin1Char(',') +
               QString::number(point.value, 'g', 17);
        if (i < bandX_.size())
            out += QLatin1Char(',') + QString::number(bandLower_[i], 'g', 17) + QLatin1Char(',') +
                   QString::number(bandUpper_[i], 'g', 17);
        else
            out += QStringLiteral(",,");
        out += QLatin1Char('\n');
        ++i;
    }
}

}  // namespace driftscope::plot
