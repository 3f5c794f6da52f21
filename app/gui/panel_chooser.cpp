#include "app/gui/panel_chooser.h"

#include <QCommandLinkButton>
#include <QHBoxLayout>
#include <QLabel>
#include <QVBoxLayout>

#include "app/gui/plugin_host.h"

namespace driftscope {
namespace {

constexpr int kWidth = 560;

}  // namespace

PanelChooser::PanelChooser(QWidget* parent) : QWidget(parent), buttons_(new QVBoxLayout) {
    setObjectName(QStringLiteral("panelChooser"));
    auto* column = new QWidget(this);
    column->setMaximumWidth(kWidth);
    auto* layout = new QVBoxLayout(column);
    auto* title = new QLabel(tr("Open a panel"), column);
    QFont font = title->font();
    font.setPointSizeF(font.pointSizeF() * 1.4);
    font.setWeight(QFont::DemiBold);
    title->setFont(font);
    layout->addStretch(2);
    layout->addWidget(title);
    layout->addSpacing(8);
    layout->addLayout(buttons_);
    layout->addStretch(3);
    auto* outer = new QHBoxLayout(this);
    outer->addStretch(1);
    outer->addWidget(column, 4);
    outer->addStretch(1);
}

void PanelChooser::setPanels(const std::vector<PluginInfo>& plugins) {
    while (QLayoutItem* item = buttons_->takeAt(0)) {
        delete item->widget();
        delete item;
    }
    for (const PluginInfo& info : plugins) {
        const bool refused = !info.problem.isEmpty();
        auto* button = new QCommandLinkButton(refused ? tr("%1 (refused)").arg(info.title) : info.title, refused ? info.problem : info.summary, this);
        button->setObjectName(QStringLiteral("choose-") + info.id);
        button->setEnabled(!refused);
        connect(button, &QCommandLinkButton::clicked, this, [this, id = info.id] { Q_EMIT chosen(id); });
        buttons_->addWidget(button);
    }
    if (plugins.empty()) buttons_->addWidget(new QLabel(tr("No panels are installed: build Driftscope again with its plugins."), this));
}

}  // namespace driftscope
