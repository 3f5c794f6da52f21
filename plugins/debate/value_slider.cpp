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
    const double exact = logarithmic_ ? low_ * std::pow(high_ / low_, t) : low_ + t * (high_ - low_);
    // Three digits: what a hand on a slider means.
    const double scale = std::pow(10, 2 - std::floor(std::log10(std::max(exact, 1e-12))));
    return std::round(exact * scale) / scale;
}

void ValueSlider::setValue(double value) {
    const QSignalBlocker first(slider_), second(box_);
    slider_->setValue(toSlider(value));
    if (box_->value() != value) box_->setValue(value);
}

double ValueSlider::value() const {
    return box_->value();
}

}  // namespace driftscope::debate
