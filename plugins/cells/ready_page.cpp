#include "plugins/cells/ready_page.h"

#include <QStackedWidget>
#include <QTabBar>
#include <QVBoxLayout>

namespace driftscope::cells {

ReadyPage::ReadyPage(QWidget* explore, QWidget* analysis, QWidget* parent) : QWidget(parent), tabs_(new QTabBar), pages_(new QStackedWidget) {
    tabs_->addTab(tr("Explore and label"));
    tabs_->addTab(tr("Analysis"));
    tabs_->setObjectName(QStringLiteral("cells.places"));
    tabs_->setDocumentMode(true);
    tabs_->setDrawBase(false);
    tabs_->setExpanding(false);
    tabs_->setFocusPolicy(Qt::TabFocus);  // a click must not take the label keys away from the views
    pages_->addWidget(explore);
    pages_->addWidget(analysis);
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(0);
    layout->addWidget(tabs_);
    layout->addWidget(pages_, 1);
    connect(tabs_, &QTabBar::currentChanged, pages_, &QStackedWidget::setCurrentIndex);
}

void ReadyPage::showAnalysis(bool on) {
    tabs_->setCurrentIndex(on ? 1 : 0);
}

bool ReadyPage::showsAnalysis() const {
    return tabs_->currentIndex() == 1;
}

}  // namespace driftscope::cells
