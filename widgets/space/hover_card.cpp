#include "widgets/space/hover_card.h"

#include <QFontMetrics>
#include <QPainter>
#include <QScreen>
#include <algorithm>

#include "widgets/style/palette.h"

namespace driftscope::space {

namespace {
constexpr int kPadding = 8;
constexpr int kGap = 6;
constexpr int kTextWidth = 240;
constexpr QPoint kOffset(16, 16);
}  // namespace

HoverCard::HoverCard(QWidget* parent)
    : QWidget(parent, Qt::ToolTip | Qt::FramelessWindowHint | Qt::NoDropShadowWindowHint) {
    setAttribute(Qt::WA_ShowWithoutActivating);
    setAttribute(Qt::WA_TransparentForMouseEvents);
    setFocusPolicy(Qt::NoFocus);
    setAccessibleName(tr("Point under the cursor"));
}

QSize HoverCard::contentSize() const {
    const QSize picture = picture_.isNull() ? QSize(0, 0) : (picture_.deviceIndependentSize()).toSize();
    QSize text(0, 0);
    if (!text_.isEmpty())
        text = fontMetrics()
                   .boundingRect(QRect(0, 0, std::max(kTextWidth, picture.width()), 1000), Qt::TextWordWrap, text_)
                   .size();
    const int gap = picture.isEmpty() || text.isEmpty() ? 0 : kGap;
    return {std::max(picture.width(), text.width()) + 2 * kPadding,
            picture.height() + gap + text.height() + 2 * kPadding};
}

void HoverCard::present(const QPixmap& picture, const QString& text, const QPoint& cursor) {
    picture_ = picture;
    text_ = text;
    if (picture_.isNull() && text_.isEmpty()) {
        hide();
        return;
    }
    resize(contentSize());
    follow(cursor);
    update();
    show();
}

void HoverCard::follow(const QPoint& cursor) {
    QPoint at = cursor + kOffset;
    if (const QScreen* screen = parentWidget()->screen()) {
        const QRect room = screen->availableGeometry();
        if (at.x() + width() > room.right()) at.setX(cursor.x() - kOffset.x() - width());
        if (at.y() + height() > room.bottom()) at.setY(cursor.y() - kOffset.y() - height());
    }
    move(at);
}

void HoverCard::paintEvent(QPaintEvent*) {
    QPainter painter(this);
    painter.fillRect(rect(), palette().color(QPalette::Base));
    painter.setPen(style::mix(palette().color(QPalette::Base), palette().color(QPalette::Text), 0.3));
    painter.drawRect(rect().adjusted(0, 0, -1, -1));
    int top = kPadding;
    if (!picture_.isNull()) {
        painter.drawPixmap(QPoint((width() - static_cast<int>(picture_.deviceIndependentSize().width())) / 2, top),
                           picture_);
        top += static_cast<int>(picture_.deviceIndependentSize().height()) + kGap;
    }
    painter.setPen(palette().color(QPalette::Text));
    painter.drawText(QRect(kPadding, top, width() - 2 * kPadding, height() - top - kPadding), Qt::TextWordWrap, text_);
}

}  // namespace driftscope::space
