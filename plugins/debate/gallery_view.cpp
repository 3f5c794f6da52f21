#include "plugins/debate/gallery_view.h"

#include <QHBoxLayout>
#include <QLabel>
#include <QPushButton>
#include <QScrollArea>
#include <QVBoxLayout>

#include "core/debate/computation.h"
#include "plugins/debate/example_card.h"
#include "plugins/debate/words.h"
#include "widgets/session/json_bridge.h"

namespace driftscope::debate {
namespace {

constexpr int kColumnWidth = 620;

/// "T = 10   P(yes) = 0.8283   K ≤ 5.053 certified, 2.688 first order"
QString factsOf(const QJsonObject& computation) {
    const auto machine = readComputation(fromQt(computation));
    if (!machine) return {};
    const auto graph = StateGraph::build(**machine, 100'000);
    if (!graph) return {};
    const LipschitzConstants k = lipschitz(**machine, *graph);
    return GalleryView::tr("T = %1   P(yes) = %2   K ≤ %3 certified, %4 first order")
        .arg(countText((*machine)->steps()), probabilityText(graph->acceptance()[0][0]), numberText(k.certified), numberText(k.firstOrder));
}

}  // namespace

GalleryView::GalleryView(QWidget* parent) : QWidget(parent) {
    auto* content = new QWidget;
    auto* middle = new QHBoxLayout(content);
    auto* column = new QVBoxLayout;
    middle->addStretch(1);
    middle->addLayout(column, 6);
    middle->addStretch(1);
    column->addStretch(1);
    auto* head = new QLabel(tr("<h2>What is debated?</h2><p>Alice says that a computation over human judgements answers yes, Bob says no, and Vera decides with few "
                               "judgements of her own. Choose a computation to start from; everything can be changed afterwards.</p>"));
    head->setWordWrap(true);
    head->setMaximumWidth(kColumnWidth);
    column->addWidget(head);
    column->setSpacing(6);
    const QJsonObject examples = toQt(exampleComputations());
    for (auto it = examples.begin(); it != examples.end(); ++it) addExample(column, it.key(), it.value().toObject());
    auto* own = new QHBoxLayout;
    auto* make = new QPushButton(tr("Write your own…"));
    make->setObjectName(QStringLiteral("debateNew"));
    auto* open = new QPushButton(tr("Open a computation or a transcript…"));
    own->addWidget(make);
    own->addWidget(open);
    own->addStretch(1);
    column->addSpacing(10);
    column->addLayout(own);
    column->addStretch(2);
    connect(make, &QPushButton::clicked, this, &GalleryView::newRequested);
    connect(open, &QPushButton::clicked, this, &GalleryView::openRequested);
    auto* scroll = new QScrollArea;
    scroll->setWidget(content);
    scroll->setWidgetResizable(true);
    scroll->setFrameShape(QFrame::NoFrame);
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->addWidget(scroll);
}

void GalleryView::addExample(QVBoxLayout* column, const QString& id, const QJsonObject& computation) {
    auto* button = new ExampleCard(computation[QStringLiteral("title")].toString(), computation[QStringLiteral("about")].toString(), factsOf(computation));
    button->setObjectName(QStringLiteral("example.") + id);
    button->setMaximumWidth(kColumnWidth);
    column->addWidget(button);
    connect(button, &QAbstractButton::clicked, this, [this, computation] { Q_EMIT chosen(computation); });
}

}  // namespace driftscope::debate
