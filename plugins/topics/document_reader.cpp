#include "plugins/topics/document_reader.h"

#include <QComboBox>
#include <QEvent>
#include <QLabel>
#include <QListWidget>
#include <QScrollBar>
#include <QSplitter>
#include <QVBoxLayout>
#include <algorithm>
#include <cmath>
#include <numeric>

#include "core/topics/view/nearest_documents.h"
#include "plugins/topics/dot.h"
#include "plugins/topics/topic_labels.h"
#include "plugins/topics/workspace.h"
#include "widgets/style/palette.h"

namespace driftscope::topics {
namespace {

constexpr std::size_t kNearest = 12;
constexpr std::size_t kShares = 5;
constexpr double kUnsure = 0.5;  // tokens below this probability are drawn paler

QString escaped(const std::string& text, std::size_t begin, std::size_t end) {
    return QString::fromUtf8(text.data() + begin, static_cast<qsizetype>(end - begin)).toHtmlEscaped().replace(QLatin1Char('\n'), QStringLiteral("<br>"));
}

}  // namespace

DocumentReader::DocumentReader(Workspace& workspace, TopicLabels& labels, QWidget* parent)
    : QWidget(parent), workspace_(workspace), labels_(labels), head_(new QLabel), how_(new QLabel), text_(new QTextBrowser), distance_(new QComboBox), nearest_(new QListWidget) {
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(0, 2, 0, 0);
    column->setSpacing(2);
    head_->setTextFormat(Qt::RichText);
    head_->setWordWrap(true);
    head_->setObjectName(QStringLiteral("topicDocumentHead"));
    connect(head_, &QLabel::linkActivated, this, [this](const QString& link) { workspace_.selectTopic(link.toUInt()); });
    text_->setObjectName(QStringLiteral("topicDocumentText"));
    text_->setAccessibleName(tr("Text of the document"));
    text_->setOpenLinks(false);
    text_->setFrameShape(QFrame::NoFrame);
    text_->document()->setDocumentMargin(6);
    connect(text_, &QTextBrowser::anchorClicked, this, [this](const QUrl& link) { workspace_.selectTopic(link.toString().toUInt()); });
    auto* side = new QWidget;
    auto* sideColumn = new QVBoxLayout(side);
    sideColumn->setContentsMargins(4, 0, 0, 0);
    distance_->addItem(tr("Nearest by Hellinger"));
    distance_->addItem(tr("Nearest by Jensen–Shannon"));
    distance_->setToolTip(tr("Distance between the topic shares of documents"));
    distance_->setAccessibleName(tr("Distance of documents"));
    nearest_->setObjectName(QStringLiteral("topicNearest"));
    nearest_->setAccessibleName(tr("Nearest documents"));
    nearest_->setFrameShape(QFrame::NoFrame);
    nearest_->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    nearest_->setTextElideMode(Qt::ElideRight);
    sideColumn->addWidget(distance_);
    sideColumn->addWidget(nearest_, 1);
    auto* split = new QSplitter(Qt::Horizontal);
    split->setChildrenCollapsible(false);
    split->addWidget(text_);
    split->addWidget(side);
    split->setStretchFactor(0, 1);
    split->setSizes({420, 190});
    column->addWidget(head_);
    column->addWidget(split, 1);
    how_->setForegroundRole(QPalette::PlaceholderText);
    how_->setWordWrap(true);
    column->addWidget(how_);
    connect(distance_, &QComboBox::currentIndexChanged, this, &DocumentReader::showNearest);
    connect(nearest_, &QListWidget::itemActivated, this, [this](QListWidgetItem* item) { workspace_.selectDocument(item->data(Qt::UserRole).toUInt()); });
    connect(nearest_, &QListWidget::itemClicked, this, [this](QListWidgetItem* item) { workspace_.selectDocument(item->data(Qt::UserRole).toUInt()); });
    connect(&workspace_, &Workspace::runChanged, this, [this] {
        shown_.reset();
        refresh();
    });
    connect(&workspace_, &Workspace::selectionChanged, this, &DocumentReader::refresh);
    connect(&labels_, &TopicLabels::changed, this, &DocumentReader::refresh);
    refresh();
}

void DocumentReader::changeEvent(QEvent* event) {
    if (event->type() == QEvent::PaletteChange) refresh();
    QWidget::changeEvent(event);
}

std::vector<TokenTopic> DocumentReader::topicsOf(std::uint32_t row) const {
    const TopicData& run = *workspace_.run();
    if (!run.corpus) return {};
    const std::uint32_t document = run.corpusRow[row];
    const auto words = run.corpus->corpus.document(document);
    if (!run.assignments) return likelyTopics(run.run, row, words);
    std::vector<TokenTopic> out;
    for (std::size_t i = 0; i < words.size(); ++i) out.push_back({(*run.assignments)[run.corpus->corpus.offsets[document] + i], 1});
    return out;
}

void DocumentReader::refresh() {
    const bool any = workspace_.run() && workspace_.document();
    nearest_->parentWidget()->setVisible(any);
    head_->setVisible(any);
    how_->setVisible(any && workspace_.run()->corpus);
    if (!any) {
        tokens_.clear();
        shown_.reset();
        text_->setHtml(QStringLiteral("<p style='color:%1'>%2</p>").arg(style::subtleText(palette()).name(), workspace_.run() ? tr("Choose a document above to read it with its topics.") : tr("Open a run to read documents.")));
        return;
    }
    const bool other = shown_ != workspace_.document();
    shown_ = workspace_.document();
    if (other) tokens_ = topicsOf(*shown_);
    const int scrolled = text_->verticalScrollBar()->value();
    showShares();
    showText();
    if (!other) text_->verticalScrollBar()->setValue(scrolled);
    if (other) showNearest();
}

QString DocumentReader::coloured(const std::string& text, std::size_t begin, std::size_t end, const TokenTopic& token) const {
    const QColor base = palette().color(QPalette::Base), ink = palette().color(QPalette::Text);
    const auto chosen = workspace_.topic();
    const bool focus = !chosen || labels_.groups().root(*chosen) == labels_.groups().root(token.topic);
    const double strength = (chosen ? focus ? 0.62 : 0.1 : 0.4) * (token.probability < kUnsure ? 0.55 : 1);
    const QColor back = style::mix(base, labels_.colour(token.topic), strength);
    return QStringLiteral("<a href='%1' style='text-decoration:none;color:%2;background-color:%3'>%4</a>").arg(token.topic).arg(ink.name(), back.name(), escaped(text, begin, end));
}

void DocumentReader::showText() {
    const TopicData& run = *workspace_.run();
    if (!run.corpus) {
        text_->setHtml(QStringLiteral("<p>%1</p>").arg(tr("The corpus of this run is not open, so there is no text to read. Open it in the Data tab.")));
        return;
    }
    const std::uint32_t document = run.corpusRow[*shown_];
    const std::string text = run.text(*shown_);
    QString html;
    if (run.corpus->texts) {
        std::size_t at = 0;
        const std::uint64_t first = run.corpus->corpus.offsets[document];
        for (std::size_t i = 0; i < tokens_.size(); ++i) {
            const TokenSpan span = run.corpus->texts->spans[first + i];
            if (span.begin > at) html += escaped(text, at, span.begin);
            html += coloured(text, std::max<std::size_t>(at, span.begin), span.end, tokens_[i]);
            at = span.end;
        }
        html += escaped(text, at, text.size());
    } else {
        const auto words = run.corpus->corpus.document(document);
        for (std::size_t i = 0; i < words.size(); ++i) {
            const std::string& word = run.run.vocabulary[words[i]];
            html += coloured(word, 0, word.size(), tokens_[i]) + QLatin1Char(' ');
        }
    }
    text_->setHtml(QStringLiteral("<div style='line-height:135%'>%1</div>").arg(html.isEmpty() ? tr("<i>This document has no words left after preprocessing.</i>") : html));
    how_->setText(run.assignments ? tr("Colours: topics sampled in training. Click a word to choose its topic.") : tr("Colours: likeliest topic p(topic | word, document); paler below 0.5. Click a word to choose its topic."));
}

void DocumentReader::showShares() {
    const TopicData& run = *workspace_.run();
    const auto theta = run.run.theta.row(*shown_);
    std::vector<std::uint32_t> order(theta.size());
    std::iota(order.begin(), order.end(), 0);
    std::stable_sort(order.begin(), order.end(), [&](std::uint32_t a, std::uint32_t b) { return theta[a] > theta[b]; });
    QStringList parts;
    for (std::size_t i = 0; i < std::min(kShares, order.size()); ++i) {
        const std::uint32_t k = order[i];
        if (theta[k] < 0.02f && i > 0) break;
        const QString title = (labels_.name(k).isEmpty() ? run.gist(k, 2) : labels_.name(k)).replace(QLatin1Char(' '), QChar(QChar::Nbsp));
        parts << QStringLiteral("<a href='%1' style='text-decoration:none;color:%2'><span style='color:%3'>⬤</span>&nbsp;%1&nbsp;%4&nbsp;<b>%5&nbsp;%</b></a>")
                     .arg(k).arg(palette().color(QPalette::Text).name(), labels_.colour(k).name(), title.toHtmlEscaped()).arg(std::lround(100 * theta[k]));
    }
    QString categories;
    for (const LabelLevel& level : run.run.documents.levels)
        if (const std::string text = level.categories.at(*shown_); !text.empty()) categories += QStringLiteral(" · %1: %2").arg(QString::fromStdString(level.name), QString::fromStdString(text)).toHtmlEscaped();
    head_->setText(QStringLiteral("<b>%1</b>%2<br>%3").arg(tr("Document %1").arg(run.documentName(*shown_).toHtmlEscaped()), categories, parts.join(QStringLiteral("&nbsp; "))));
}

void DocumentReader::showNearest() {
    nearest_->clear();
    if (!workspace_.run() || !shown_) return;
    const TopicData& run = *workspace_.run();
    const auto kind = distance_->currentIndex() == 0 ? ThetaDistance::Hellinger : ThetaDistance::JensenShannon;
    for (const NearDocument& near : nearestDocuments(run.run.theta, *shown_, kNearest, kind)) {
        auto* item = new QListWidgetItem(QStringLiteral("%1  %2  %3").arg(near.distance, 0, 'f', 2).arg(run.documentName(near.document), QString::fromStdString(run.text(near.document)).left(40).simplified()));
        item->setData(Qt::UserRole, near.document);
        item->setToolTip(QString::fromStdString(run.text(near.document)).left(300));
        item->setIcon(dot(labels_.colour(run.hard[near.document])));
        nearest_->addItem(item);
    }
}

}  // namespace driftscope::topics
