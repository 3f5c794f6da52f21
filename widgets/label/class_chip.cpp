#include "widgets/label/class_chip.h"

#include <QEvent>
#include <QLocale>
#include <QPainter>
#include <algorithm>

#include "widgets/label/label_colours.h"
#include "widgets/style/palette.h"

namespace driftscope::label {
namespace {

constexpr int kPadding = 7;
constexpr int kGap = 6;
constexpr int kSwatch = 12;

int keyWidth(const QFontMetrics& metrics, const QString& key) {
    return std::max(metrics.height(), metrics.horizontalAdvance(key) + 8);
}

}  // namespace

ClassChip::ClassChip(const LabelClass& item, QWidget* parent)
    : QAbstractButton(parent),
      colour_(QString::fromStdString(item.color)),
      key_(QString::fromStdString(item.key).toUpper()) {
    setText(QString::fromStdString(item.name));
    setCheckable(true);
    setFocusPolicy(Qt::TabFocus);
    setAttribute(Qt::WA_Hover);
    describe();
}

void ClassChip::setCount(std::int64_t count) {
    if (count == count_) return;
    count_ = count;
    describe();
    updateGeometry();
    update();
}

void ClassChip::describe() {
    const QString labels = tr("%Ln label(s)", nullptr, static_cast<int>(count_));
    setAccessibleName(tr("Label as %1").arg(text()));
    setAccessibleDescription(key_.isEmpty() ? labels : tr("%1, key %2").arg(labels, key_));
    setToolTip(key_.isEmpty() ? tr("Label as <b>%1</b> (%2 so far)").arg(text().toHtmlEscaped(), labels)
                              : tr("Label as <b>%1</b>: press %2; Shift+%2 labels the marked interval (%3 so far)")
                                    .arg(text().toHtmlEscaped(), key_, labels));
}

QString ClassChip::countText() const {
    return QLocale().toString(static_cast<qlonglong>(count_));
}

QSize ClassChip::sizeHint() const {
    const QFontMetrics metrics(font());
    int width = 2 * kPadding + kSwatch + kGap + metrics.horizontalAdvance(text()) + kGap +
                metrics.horizontalAdvance(countText());
    if (!key_.isEmpty()) width += kGap + keyWidth(metrics, key_);
    return {width + 2, metrics.height() + 10};  // advances are rounded: room for the last letter
}

QSize ClassChip::minimumSizeHint() const {
    return {std::min(sizeHint().width(), 90), sizeHint().height()};
}

bool ClassChip::event(QEvent* event) {
    if (event->type() == QEvent::FontChange) updateGeometry();
    return QAbstractButton::event(event);
}

void ClassChip::paintEvent(QPaintEvent*) {
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    const QPalette& colours = palette();
    const QColor accent = colours.color(QPalette::Highlight);
    QColor fill = colours.color(QPalette::Button);
    if (isChecked()) fill = style::mix(fill, accent, 0.22);
    if (isDown() || underMouse()) fill = style::mix(fill, colours.color(QPalette::ButtonText), isDown() ? 0.16 : 0.07);
    const bool marked = isChecked() || hasFocus();
    painter.setPen(QPen(marked ? accent : style::mix(fill, colours.color(QPalette::ButtonText), 0.28), marked ? 2 : 1));
    painter.setBrush(fill);
    const double inset = marked ? 1.0 : 0.5;
    painter.drawRoundedRect(QRectF(rect()).adjusted(inset, inset, -inset, -inset), 5, 5);

    const QFontMetrics metrics(font());
    int left = kPadding, right = width() - kPadding;
    paintSwatch(painter, QRectF(left, (height() - kSwatch) / 2.0, kSwatch, kSwatch), colour_);
    left += kSwatch + kGap;
    const QColor quiet = style::subtleText(colours);
    if (!key_.isEmpty()) {
        const QRectF key(right - keyWidth(metrics, key_), 5.5, keyWidth(metrics, key_), height() - 11);
        painter.setPen(QPen(quiet, 1));
        painter.setBrush(Qt::NoBrush);
        painter.drawRoundedRect(key, 3, 3);
        painter.drawText(key, Qt::AlignCenter, key_);
        right = static_cast<int>(key.left()) - kGap;
    }
    painter.setPen(quiet);
    const int countWidth = metrics.horizontalAdvance(countText());
    painter.drawText(QRect(right - countWidth, 0, countWidth, height()), Qt::AlignVCenter | Qt::AlignRight,
                     countText());
    right -= countWidth + kGap;
    painter.setPen(colours.color(isEnabled() ? QPalette::Active : QPalette::Disabled, QPalette::ButtonText));
    painter.drawText(QRect(left, 0, right - left, height()), Qt::AlignVCenter | Qt::AlignLeft,
                     metrics.elidedText(text(), Qt::ElideRight, right - left));
}

}  // namespace driftscope::label
