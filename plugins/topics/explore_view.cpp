#include "plugins/topics/explore_view.h"

#include <QHBoxLayout>
#include <QLabel>
#include <QSlider>
#include <QSplitter>
#include <QVBoxLayout>
#include <cmath>

#include "plugins/topics/documents_view.h"
#include "plugins/topics/topic_labels.h"
#include "plugins/topics/topic_map_view.h"
#include "plugins/topics/topic_table.h"
#include "plugins/topics/word_bars.h"
#include "plugins/topics/workspace.h"

namespace driftscope::topics {
namespace {

constexpr int kSteps = 100;  // of lambda: 0.01, as LDAvis

}  // namespace

ExploreView::ExploreView(Workspace& workspace, TopicLabels& labels, QWidget* parent)
    : QWidget(parent), workspace_(workspace), labels_(labels), map_(new TopicMapView(workspace, labels)), table_(new TopicTable(workspace, labels)), head_(new QLabel), lambdaText_(new QLabel),
      slider_(new QSlider(Qt::Horizontal)), bars_(new WordBars(workspace, labels)), documents_(new DocumentsView(workspace, labels)), split_(new QSplitter(Qt::Horizontal)) {
    auto* left = new QSplitter(Qt::Vertical);
    left->setChildrenCollapsible(false);
    left->addWidget(map_);
    left->addWidget(table_);
    left->setSizes({300, 280});
    split_->setChildrenCollapsible(false);
    split_->addWidget(left);
    split_->addWidget(buildWords());
    split_->addWidget(documents_);
    split_->setSizes({390, 280, 500});
    split_->setStretchFactor(2, 1);
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->addWidget(split_);
    table_->setContextMenuPolicy(Qt::CustomContextMenu);
    connect(table_, &QWidget::customContextMenuRequested, this, [this](const QPoint& at) { Q_EMIT menuRequested(table_->viewport()->mapToGlobal(at)); });
    map_->setContextMenuPolicy(Qt::CustomContextMenu);
    connect(map_, &QWidget::customContextMenuRequested, this, [this](const QPoint& at) { Q_EMIT menuRequested(map_->mapToGlobal(at)); });
    connect(&workspace_, &Workspace::runChanged, this, &ExploreView::refreshHead);
    connect(&workspace_, &Workspace::selectionChanged, this, &ExploreView::refreshHead);
    connect(&labels_, &TopicLabels::changed, this, &ExploreView::refreshHead);
    setLambda(bars_->lambda());
    refreshHead();
}

QWidget* ExploreView::buildWords() {
    auto* box = new QWidget;
    auto* column = new QVBoxLayout(box);
    column->setContentsMargins(4, 4, 4, 0);
    column->setSpacing(2);
    head_->setTextFormat(Qt::RichText);
    head_->setObjectName(QStringLiteral("topicHead"));
    head_->setTextInteractionFlags(Qt::TextSelectableByMouse);
    head_->setSizePolicy(QSizePolicy::Ignored, QSizePolicy::Preferred);
    column->addWidget(head_);
    auto* row = new QHBoxLayout;
    slider_->setRange(0, kSteps);
    slider_->setObjectName(QStringLiteral("topicLambda"));
    slider_->setAccessibleName(tr("Relevance lambda"));
    slider_->setToolTip(tr("Relevance λ ln p(word | topic) + (1 − λ) ln lift (Sievert and Shirley 2014). 1: the topic's commonest words; 0: the words hardly any other topic uses. They found 0.6 to be read best."));
    lambdaText_->setMinimumWidth(fontMetrics().horizontalAdvance(QStringLiteral("λ 0.00")) + 6);
    row->addWidget(new QLabel(tr("rare")));
    row->addWidget(slider_, 1);
    row->addWidget(new QLabel(tr("common")));
    row->addWidget(lambdaText_);
    column->addLayout(row);
    column->addWidget(bars_, 1);
    connect(slider_, &QSlider::valueChanged, this, [this](int value) {
        bars_->setLambda(static_cast<double>(value) / kSteps);
        lambdaText_->setText(QStringLiteral("λ %1").arg(bars_->lambda(), 0, 'f', 2));
    });
    return box;
}

double ExploreView::lambda() const {
    return bars_->lambda();
}

void ExploreView::setLambda(double lambda) {
    slider_->setValue(static_cast<int>(std::lround(lambda * kSteps)));
    lambdaText_->setText(QStringLiteral("λ %1").arg(bars_->lambda(), 0, 'f', 2));
}

void ExploreView::refreshHead() {
    const auto topic = workspace_.topic();
    slider_->setEnabled(topic.has_value());
    if (!workspace_.run()) {
        head_->setText(tr("<b>Words</b>"));
        return;
    }
    if (!topic) {
        head_->setText(tr("<b>Most salient words</b> of all topics"));
        head_->setToolTip(tr("p(w) Σ p(k | w) ln p(k | w) / p(k): words that are frequent and tell their topic (Chuang et al. 2012)"));
        return;
    }
    if (*topic >= labels_.groups().topics()) return;  // the labels of the run that was just opened are on their way
    const QString name = labels_.name(*topic);
    const std::vector<double> shares = labels_.groups().mergedShares(workspace_.run()->shares);
    head_->setText(QStringLiteral("<span style='color:%1'>⬤</span> <b>%2</b> · %3").arg(labels_.colour(*topic).name(), tr("Topic %1").arg(*topic) + (name.isEmpty() ? QString() : QStringLiteral("  ") + name.toHtmlEscaped()),
                                                                                       tr("%1 % of tokens").arg(100 * shares[labels_.groups().root(*topic)], 0, 'f', 1)));
    head_->setToolTip(workspace_.run()->gist(*topic, 20));
}

QByteArray ExploreView::saveLayout() const {
    return split_->saveState();
}

void ExploreView::restoreLayout(const QByteArray& layout) {
    split_->restoreState(layout);
}

}  // namespace driftscope::topics
