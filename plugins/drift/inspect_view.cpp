#include "plugins/drift/inspect_view.h"

#include <QLabel>
#include <QVBoxLayout>

namespace driftscope::drift {

InspectView::InspectView(HostContext& host, QWidget* parent) : QWidget(parent), host_(host) {
    auto* empty = new QLabel(tr("Choose a run at the left to look inside it."));
    empty->setAlignment(Qt::AlignCenter);
    auto* column = new QVBoxLayout(this);
    column->addWidget(empty);
}

void InspectView::setRuns(const std::vector<DriftRun>& runs) {
    runs_ = runs;
}

void InspectView::showRun(const QString& folder) {
    shown_ = folder;
}

QJsonObject InspectView::saveState() const {
    return {{QStringLiteral("run"), shown_}};
}

void InspectView::restoreState(const QJsonObject& state) {
    shown_ = state[QStringLiteral("run")].toString();
}

std::vector<QAction*> InspectView::actions() const {
    return {};
}

}  // namespace driftscope::drift
