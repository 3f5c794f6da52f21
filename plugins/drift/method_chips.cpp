#include "plugins/drift/method_chips.h"

#include <QPainter>
#include <QToolButton>

#include "plugins/drift/methods.h"
#include "widgets/label/flow_layout.h"

namespace driftscope::drift {
namespace {

QIcon lineIcon(const QColor& colour, bool on) {
    QPixmap pixmap(18, 12);
    pixmap.fill(Qt::transparent);
    QPainter painter(&pixmap);
    painter.setRenderHint(QPainter::Antialiasing);
    painter.setPen(QPen(colour, on ? 3 : 1, on ? Qt::SolidLine : Qt::DotLine, Qt::RoundCap));
    painter.drawLine(2, 6, 16, 6);
    return pixmap;
}

}  // namespace

MethodChips::MethodChips(QWidget* parent) : QWidget(parent) {
    auto* flow = new label::FlowLayout(4);
    setLayout(flow);
    flow->setContentsMargins(0, 0, 0, 0);
}

void MethodChips::paint(QToolButton& chip, const QString& method) {
    chip.setChecked(isShown(method));
    chip.setIcon(lineIcon(methodColour(method), isShown(method)));
}

void MethodChips::setMethods(const std::vector<QString>& methods) {
    if (methods == methods_) return;
    methods_ = methods;
    for (const auto& [method, chip] : chips_) delete chip;
    chips_.clear();
    for (const QString& method : methods) {
        auto* chip = new QToolButton;
        chip->setText(methodTitle(method));
        chip->setToolButtonStyle(Qt::ToolButtonTextBesideIcon);
        chip->setIconSize({18, 12});
        chip->setCheckable(true);
        chip->setAutoRaise(true);
        chip->setToolTip(tr("Show or hide %1 in all plots").arg(methodTitle(method)));
        chip->setObjectName(QStringLiteral("driftChip.") + method);
        chips_[method] = chip;
        layout()->addWidget(chip);
        paint(*chip, method);
        connect(chip, &QToolButton::toggled, this, [this, method, chip](bool on) {
            on ? static_cast<void>(hidden_.remove(method)) : static_cast<void>(hidden_.insert(method));
            paint(*chip, method);
            Q_EMIT changed();
        });
    }
}

void MethodChips::setHidden(const QStringList& methods) {
    hidden_ = {methods.begin(), methods.end()};
    for (const auto& [method, chip] : chips_) paint(*chip, method);
    Q_EMIT changed();
}

}  // namespace driftscope::drift
