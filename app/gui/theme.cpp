#include "app/gui/theme.h"

#include <QApplication>
#include <QPainter>
#include <QPainterPath>
#include <QStyle>
#include <QStyleFactory>

#include "widgets/style/palette.h"

namespace driftscope {
namespace {

struct Shades {
    QRgb window, base, alternate, text, faint, button, border, accent, onAccent, tip;
};

constexpr Shades kLight{0xfff4f5f6, 0xffffffff, 0xfff8f9fa, 0xff1d2125, 0xff8b9299, 0xfffbfbfc, 0xffc6cbd0, 0xff0072b2, 0xffffffff, 0xff2a2f34};
constexpr Shades kDark{0xff23272b, 0xff1b1e21, 0xff202428, 0xffe6e8ea, 0xff7d858d, 0xff2f343a, 0xff454c53, 0xff3d9bd9, 0xff0e1113, 0xff34393f};

bool systemIsDark() {
    static const bool dark = style::isDark(QApplication::palette());  // first called before any palette of ours is set
    return dark;
}

QPixmap drawIcon(int size) {
    QPixmap pixmap(size, size);
    pixmap.fill(Qt::transparent);
    QPainter painter(&pixmap);
    painter.setRenderHint(QPainter::Antialiasing);
    painter.scale(size / 64.0, size / 64.0);
    painter.setPen(Qt::NoPen);
    painter.setBrush(QColor(0x16, 0x2b, 0x3a));
    painter.drawRoundedRect(QRectF(2, 2, 60, 60), 14, 14);
    const struct { QPointF end, bend; QRgb colour; } paths[]{{{50, 16}, {34, 40}, 0xff56b4e9}, {{53, 33}, {34, 44}, 0xffe69f00}, {{46, 51}, {32, 50}, 0xff009e73}};
    for (const auto& path : paths) {
        QPainterPath curve(QPointF(13, 44));
        curve.quadTo(path.bend, path.end);
        painter.strokePath(curve, QPen(QColor(path.colour), 3.6, Qt::SolidLine, Qt::RoundCap));
        painter.setBrush(QColor(path.colour));
        painter.drawEllipse(path.end, 4.6, 4.6);
    }
    painter.setBrush(Qt::white);
    painter.drawEllipse(QPointF(13, 44), 4.2, 4.2);
    return pixmap;
}

}  // namespace

QPalette themePalette(bool dark) {
    const Shades& s = dark ? kDark : kLight;
    QPalette palette(QColor(s.button), QColor(s.window));
    const std::pair<QPalette::ColorRole, QRgb> roles[]{
        {QPalette::Window, s.window}, {QPalette::WindowText, s.text}, {QPalette::Base, s.base}, {QPalette::AlternateBase, s.alternate},
        {QPalette::Text, s.text}, {QPalette::Button, s.button}, {QPalette::ButtonText, s.text}, {QPalette::PlaceholderText, s.faint},
        {QPalette::BrightText, 0xffffffff}, {QPalette::Highlight, s.accent}, {QPalette::HighlightedText, s.onAccent}, {QPalette::Link, s.accent},
        {QPalette::LinkVisited, s.accent}, {QPalette::ToolTipBase, s.tip}, {QPalette::ToolTipText, 0xfff0f2f4}, {QPalette::Mid, s.border},
        {QPalette::Midlight, s.alternate}, {QPalette::Dark, s.border}};
    for (const auto& [role, colour] : roles) palette.setColor(role, QColor(colour));
    for (const auto role : {QPalette::WindowText, QPalette::Text, QPalette::ButtonText}) palette.setColor(QPalette::Disabled, role, QColor(s.faint));
    palette.setColor(QPalette::Disabled, QPalette::Highlight, QColor(s.border));
    return palette;
}

void applyTheme(Theme theme) {
    const bool dark = theme == Theme::Dark || (theme == Theme::System && systemIsDark());
    if (QApplication::style()->name() != QLatin1String("fusion")) QApplication::setStyle(QStyleFactory::create(QStringLiteral("Fusion")));
    QApplication::setPalette(themePalette(dark));
}

QIcon applicationIcon() {
    QIcon icon;
    for (int size : {16, 24, 32, 48, 64, 128, 256}) icon.addPixmap(drawIcon(size));
    return icon;
}

}  // namespace driftscope
