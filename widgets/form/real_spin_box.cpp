#include "widgets/form/real_spin_box.h"

#include <QLocale>
#include <cmath>

namespace driftscope::form {
namespace {

constexpr int kAllDecimals = 323;  // the smallest double; QDoubleSpinBox rounds to its decimals

}  // namespace

RealSpinBox::RealSpinBox(QWidget* parent) : QDoubleSpinBox(parent) {
    setDecimals(kAllDecimals);
    setAccelerated(true);
    setKeyboardTracking(true);
}

QString RealSpinBox::textFromValue(double value) const {
    const double size = std::abs(value);
    if (size == 0 || (size >= 1e-4 && size < 1e7)) return QLocale::c().toString(value, 'f', QLocale::FloatingPointShortest);
    QString text = QLocale::c().toString(value, 'e', QLocale::FloatingPointShortest);
    return text.replace(QStringLiteral("e-0"), QStringLiteral("e-")).replace(QStringLiteral("e+0"), QStringLiteral("e")).remove(QLatin1Char('+'));
}

QString RealSpinBox::bare(const QString& text) const {
    QString number = text.trimmed();
    if (!suffix().isEmpty() && number.endsWith(suffix().trimmed())) number.chop(suffix().trimmed().size());
    return number.trimmed();
}

double RealSpinBox::valueFromText(const QString& text) const { return QLocale::c().toDouble(bare(text)); }

QValidator::State RealSpinBox::validate(QString& text, int&) const {
    bool isNumber = false;
    const QString number = bare(text);
    const double value = QLocale::c().toDouble(number, &isNumber);
    if (isNumber && value >= minimum() && value <= maximum()) return QValidator::Acceptable;
    for (const QChar letter : number)
        if (!QStringLiteral("0123456789.eE+-").contains(letter)) return QValidator::Invalid;
    return QValidator::Intermediate;
}

void RealSpinBox::stepBy(int steps) {
    const double size = std::abs(value());
    // A tenth of the leading digit; going down from 0.1 the next step is the finer one.
    double magnitude = size > 0 ? std::floor(std::log10(size) + 1e-9) : -1;
    if (size > 0 && steps < 0 && value() > 0 && std::abs(size - std::pow(10, magnitude)) < size * 1e-9) magnitude -= 1;
    const double step = std::pow(10, magnitude - 1) * (size > 0 ? 1 : 10);
    const double next = value() + steps * step;
    // Clean digits: 0.30000000000000004 is nobody's parameter.
    setValue(QLocale::c().toDouble(QLocale::c().toString(next, 'g', 12)));
}

}  // namespace driftscope::form
