#include "plugins/topics/people_view.h"

#include <QComboBox>
#include <QHBoxLayout>
#include <QLabel>
#include <QLineEdit>
#include <QSignalBlocker>
#include <QTabWidget>
#include <QVBoxLayout>

#include "plugins/topics/judgements.h"
#include "plugins/topics/rating_view.h"
#include "plugins/topics/results_view.h"
#include "plugins/topics/workspace.h"

namespace driftscope::topics {

PeopleView::PeopleView(Workspace& workspace, Judgements& judgements, QWidget* parent)
    : QWidget(parent), judgements_(judgements), rater_(new QComboBox), tabs_(new QTabWidget), rating_(new RatingView(judgements, RatingView::Task::Rating)), intrusion_(new RatingView(judgements, RatingView::Task::Intrusion)),
      results_(new ResultsView(workspace, judgements)) {
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(0, 4, 0, 0);
    rater_->setEditable(true);
    rater_->setInsertPolicy(QComboBox::NoInsert);
    rater_->setObjectName(QStringLiteral("topicRater"));
    rater_->setAccessibleName(tr("Rater"));
    rater_->setToolTip(tr("Who answers: type a name and press Return. Each rater has an order of questions of their own."));
    auto* corner = new QWidget;
    auto* row = new QHBoxLayout(corner);
    row->setContentsMargins(0, 0, 8, 2);
    row->addWidget(new QLabel(tr("Rater")));
    row->addWidget(rater_);
    tabs_->setCornerWidget(corner);
    tabs_->setDocumentMode(true);
    tabs_->setObjectName(QStringLiteral("topicPeopleTabs"));
    tabs_->addTab(rating_, tr("Rate topics"));
    tabs_->addTab(intrusion_, tr("Find intruders"));
    tabs_->addTab(results_, tr("Results"));
    column->addWidget(tabs_);
    const auto take = [this] {
        judgements_.setRater(rater_->currentText());
        if (tabs_->currentWidget() != results_) tabs_->currentWidget()->setFocus();
    };
    connect(rater_, &QComboBox::activated, this, take);
    connect(rater_->lineEdit(), &QLineEdit::returnPressed, this, take);
    connect(&judgements_, &Judgements::raterChanged, this, &PeopleView::refreshRaters);
    connect(&judgements_, &Judgements::changed, this, &PeopleView::refreshRaters);
    connect(tabs_, &QTabWidget::currentChanged, this, [this] { tabs_->currentWidget()->setFocus(); });
    for (RatingView* view : {rating_, intrusion_}) connect(view, &RatingView::failed, this, &PeopleView::failed);
    connect(results_, &ResultsView::failed, this, &PeopleView::failed);
    refreshRaters();
}

void PeopleView::refreshRaters() {
    if (rater_->lineEdit()->hasFocus() && rater_->lineEdit()->isModified()) return;
    const QSignalBlocker quiet(rater_);
    rater_->clear();
    for (const std::string& name : judgements_.raters()) rater_->addItem(QString::fromStdString(name));
    if (rater_->findText(judgements_.rater()) < 0) rater_->addItem(judgements_.rater());
    rater_->setCurrentText(judgements_.rater());
}

void PeopleView::showRating() {
    tabs_->setCurrentWidget(rating_);
}

void PeopleView::showIntrusion() {
    tabs_->setCurrentWidget(intrusion_);
}

void PeopleView::showResults() {
    tabs_->setCurrentWidget(results_);
}

int PeopleView::page() const {
    return tabs_->currentIndex();
}

void PeopleView::setPage(int page) {
    tabs_->setCurrentIndex(page);
}

}  // namespace driftscope::topics
