#include "plugins/drift/compare_view.h"

#include <QStackedWidget>
#include <QTabBar>
#include <QVBoxLayout>

#include "plugins/drift/pair_view.h"
#include "plugins/drift/results_view.h"

namespace driftscope::drift {

CompareView::CompareView(RunCatalog& catalog, CurveCache& cache, QWidget* parent)
    : QWidget(parent), views_(new QTabBar), pages_(new QStackedWidget), results_(new ResultsView(catalog, cache)), pair_(new PairView(catalog, cache)) {
    views_->addTab(tr("Results"));
    views_->addTab(tr("Two runs"));
    views_->setDrawBase(false);
    views_->setExpanding(false);
    views_->setObjectName(QStringLiteral("driftCompareViews"));
    pages_->addWidget(results_);
    pages_->addWidget(pair_);
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(0, 4, 0, 0);
    column->setSpacing(0);
    column->addWidget(views_);
    column->addWidget(pages_, 1);
    connect(views_, &QTabBar::currentChanged, pages_, &QStackedWidget::setCurrentIndex);
    connect(results_, &ResultsView::runChosen, this, &CompareView::runChosen);
    connect(results_, &ResultsView::exportRequested, this, &CompareView::exportRequested);
    connect(pair_, &PairView::failed, this, &CompareView::failed);
}

void CompareView::showRun(const QString& folder) {
    results_->showRun(folder);
    pair_->showRun(folder);
}

void CompareView::showPair(bool pair) { views_->setCurrentIndex(pair ? 1 : 0); }
bool CompareView::pairShown() const { return views_->currentIndex() == 1; }

QJsonObject CompareView::saveState() const {
    return {{QStringLiteral("view"), views_->currentIndex()}, {QStringLiteral("measure"), results_->measure()}, {QStringLiteral("pair"), pair_->saveState()}};
}

void CompareView::restoreState(const QJsonObject& state) {
    if (state.isEmpty()) return;
    views_->setCurrentIndex(state[QStringLiteral("view")].toInt());
    results_->setMeasure(state[QStringLiteral("measure")].toString());
    pair_->restoreState(state[QStringLiteral("pair")].toObject());
}

}  // namespace driftscope::drift
