#include "plugins/topics/data_view.h"

#include <QSplitter>
#include <QVBoxLayout>

#include "plugins/topics/corpus_box.h"
#include "plugins/topics/train_box.h"
#include "plugins/topics/training_view.h"

namespace driftscope::topics {

DataView::DataView(Workspace& workspace, QWidget* parent) : QWidget(parent), corpus_(new CorpusBox(workspace)), train_(new TrainBox(workspace)), training_(new TrainingView(workspace)) {
    auto* split = new QSplitter(Qt::Horizontal);
    split->setChildrenCollapsible(false);
    split->addWidget(corpus_);
    split->addWidget(train_);
    split->addWidget(training_);
    split->setSizes({330, 320, 520});
    split->setStretchFactor(2, 1);
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->addWidget(split);
    connect(train_, &TrainBox::started, training_, &TrainingView::choose);
}

}  // namespace driftscope::topics
