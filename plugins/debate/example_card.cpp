#include "plugins/debate/example_card.h"

#include <QEvent>
#include <QPainter>

#include "widgets/style/palette.h"

namespace driftscope::debate {
namespace {

constexpr int kPad = 10;
constexpr int kGap = 2;

}  // namespace

ExampleCard::ExampleCard(const QString& title, const QString& about, const QString& facts, QWidget* parent) : QAbstractButton(parent), about_(about), facts_(facts) {
    setText(title);
    setAccessibleDescription(about + QLatin1Char('\n') + facts);
    setFocusPolicy(Qt::StrongFocus);
    setCursor(Qt::PointingHandCursor);
    setAttribute(Qt::WA_Hover);
    QSizePolicy policy(QSizePolicy::Expanding, QSizePolicy::Fixed);
    policy.setHeightForWidth(true);
    setSizePolicy(policy);
}

QFont ExampleCard::titleFont() const {
    QFont bold = font();
    bold.setWeight(QFont::DemiBold);
    return bold;
}

int ExampleCard::aboutHeight(int width) const {
    return fontMetrics().boundingRect(QRect(0, 0, width - 2 * kPad, 1000), Qt::TextWordWrap, about_).height();
}

int ExampleCard::heightForWidth(int width) const {
    return 2 * kPad + QFontMetrics(titleFont()).height() + aboutHeight(width) + fontMetrics().height() + 2 * kGap;
}

QSize ExampleCard::sizeHint() const {
    return {480, heightForWidth(480)};
}

QSize ExampleCard::minimumSizeHint() const {
    return {240, heightForWidth(480)};
}

bool ExampleCard::event(QEvent* event) {
    if (event->type() == QEvent::HoverEnter || event->type() == QEvent::HoverLeave) update();
    return QAbstractButton::event(event);
}

void ExampleCard::paintEvent(QPaintEvent*) {
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    const QColor accent = palette().color(QPalette::Highlight);
    const bool marked = underMouse() || hasFocus();
    painter.setBrush(style::mix(palette().color(QPalette::Base), accent, isDown() ? 0.25 : underMouse() ? 0.1 : 0));
    painter.setPen(QPen(marked ? accent : style::mix(palette().color(QPalette::Window), palette().color(QPalette::WindowText), 0.22), marked ? 1.6 : 1));
    painter.drawRoundedRect(QRectF(rect()).adjusted(1, 1, -1, -1), 6, 6);
    QRect area = rect().adjusted(kPad, kPad, -kPad, -kPad);
    painter.setPen(palette().color(QPalette::Text));
    painter.setFont(titleFont());
    painter.drawText(area, Qt::AlignLeft | Qt::AlignTop, text());
    area.setTop(area.top() + painter.fontMetrics().height() + kGap);
    painter.setFont(font());
    painter.drawText(area, Qt::AlignLeft | Qt::AlignTop | Qt::TextWordWrap, about_);
    painter.setPen(style::subtleText(palette()));
    painter.drawText(area, Qt::AlignLeft | Qt::AlignBottom, facts_);
}

}  // namespace driftscope::debate
