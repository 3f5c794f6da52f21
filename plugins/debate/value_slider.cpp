#include "plugins/debate/value_slider.h"

#include <QHBoxLayout>
#include <QSignalBlocker>
#include <QSlider>
#include <algorithm>
#include <cmath>

#include "widgets/form/real_spin_box.h"

namespace driftscope::debate {
namespace {

constexpr int kPositions = 1000;
constexpr int kBoxWidth = 96;
constexpr int kDigits = 4;

/// To so many significant digits.
double rounded(double value, int digits) {
    const double scale = std::pow(10, digits - 1 - std::floor(std::log10(std::max(std::abs(value), 1e-12))));
    return std::round(value * scale) / scale;
}

}  // namespace

ValueSlider::ValueSlider(const QString& name, const QString& help, double low, double high, bool logarithmic, QWidget* parent)
    : QWidget(parent), low_(low), high_(high), logarithmic_(logarithmic), slider_(new QSlider(Qt::Horizontal)), box_(new form::RealSpinBox) {
    auto* row = new QHBoxLayout(this);
    row->setContentsMargins(0, 0, 0, 0);
    row->addWidget(slider_, 1);
    row->addWidget(box_);
    slider_->setRange(0, kPositions);
    slider_->setMinimumWidth(60);
    box_->setRange(0, 1e9);
    box_->setFixedWidth(kBoxWidth);
    for (QWidget* widget : {static_cast<QWidget*>(slider_), static_cast<QWidget*>(box_)}) {
        widget->setToolTip(help);
        widget->setAccessibleName(name);
    }
    connect(slider_, &QSlider::valueChanged, this, [this](int position) {
        const double value = fromSlider(position);
        const QSignalBlocker quiet(box_);
        box_->setValue(value);
        Q_EMIT edited(value);
    });
    connect(box_, &QDoubleSpinBox::valueChanged, this, [this](double value) {
        const QSignalBlocker quiet(slider_);
        slider_->setValue(toSlider(value));
        Q_EMIT edited(value);
    });
}

int ValueSlider::toSlider(double value) const {
    const double inside = std::clamp(value, low_, high_);
    const double t = logarithmic_ ? std::log(inside / low_) / std::log(high_ / low_) : (inside - low_) / (high_ - low_);
    return static_cast<int>(std::lround(t * kPositions));
}

double ValueSlider::fromSlider(int position) const {
    const double t = static_cast<double>(position) / kPositions;
    return rounded(logarithmic_ ? low_ * std::pow(high_ / low_, t) : low_ + t * (high_ - low_), 3);  // what a hand on a slider means
}

void ValueSlider::setValue(double value) {
    const QSignalBlocker first(slider_), second(box_);
    slider_->setValue(toSlider(value));
    // A computed number has more digits than anyone reads; one that was typed stays as it is.
    if (rounded(box_->value(), kDigits) != rounded(value, kDigits)) box_->setValue(rounded(value, kDigits));
}

double ValueSlider::value() const {
    return box_->value();
}

}  // namespace driftscope::debate
