#include "plugins/topics/word_bars.h"

#include <QHelpEvent>
#include <QMouseEvent>
#include <QPainter>
#include <QToolTip>
#include <algorithm>
#include <cmath>
#include <numeric>

#include "core/topics/view/topic_words.h"
#include "plugins/topics/topic_labels.h"
#include "plugins/topics/workspace.h"
#include "widgets/style/palette.h"

namespace driftscope::topics {
namespace {

constexpr std::size_t kWords = 30;  // as LDAvis
constexpr double kTop = 4;
constexpr double kFoot = 20;        // legend
constexpr double kNumber = 44;      // room for the figure behind a bar

QString countText(double count, bool tokens) {
    return tokens ? QString::number(std::lround(count)) : QStringLiteral("%1 %").arg(100 * count, 0, 'f', 2);
}

}  // namespace

WordBars::WordBars(Workspace& workspace, TopicLabels& labels, QWidget* parent) : PictureView(parent), workspace_(workspace), labels_(labels) {
    setObjectName(QStringLiteral("topicWords"));
    setAccessibleName(tr("Words of the topic"));
    connect(&workspace_, &Workspace::runChanged, this, &WordBars::refresh);
    connect(&workspace_, &Workspace::selectionChanged, this, &WordBars::refresh);
    connect(&labels_, &TopicLabels::changed, this, &WordBars::refresh);
}

void WordBars::setLambda(double lambda) {
    lambda_ = std::clamp(lambda, 0.0, 1.0);
    refresh();
}

double WordBars::total() const {
    const double tokens = workspace_.run()->tokens();
    return tokens > 0 ? tokens : 1;
}

double WordBars::corpusCount(std::uint32_t word) const {
    const TopicData& run = *workspace_.run();
    // A run on the training part alone counts what the model expects; else the corpus itself.
    const bool whole = run.corpus && run.corpusRow.size() == run.corpus->corpus.documents();
    return whole ? static_cast<double>(run.corpus->frequencies[word]) : run.wordShares[word] * total();
}

double WordBars::topicCount(std::uint32_t word) const {
    return phi_.empty() ? 0 : share_ * phi_[word] * total();
}

void WordBars::refresh() {
    words_.clear();
    phi_.clear();
    if (const auto& run = workspace_.run()) {
        if (const auto topic = workspace_.topic(); topic && *topic < labels_.groups().topics()) {
            phi_ = labels_.groups().mergedWords(run->run.beta, run->shares, *topic);
            share_ = labels_.groups().mergedShares(run->shares)[labels_.groups().root(*topic)];
            for (const RankedWord& word : relevantWords(phi_, run->wordShares, lambda_, kWords)) words_.push_back(word.word);
        } else {
            std::vector<std::uint32_t> order(run->saliency.size());
            std::iota(order.begin(), order.end(), 0);
            const std::size_t count = std::min(kWords, order.size());
            std::partial_sort(order.begin(), order.begin() + static_cast<std::ptrdiff_t>(count), order.end(),
                              [&](std::uint32_t a, std::uint32_t b) { return run->saliency[a] != run->saliency[b] ? run->saliency[a] > run->saliency[b] : a < b; });
            words_.assign(order.begin(), order.begin() + static_cast<std::ptrdiff_t>(count));
        }
    }
    update();
}

double WordBars::rowHeight(const QSizeF& size) const {
    const double least = fontMetrics().height() * 0.98;
    return std::clamp((size.height() - kTop - kFoot) / static_cast<double>(std::max<std::size_t>(words_.size(), 1)), least, least * 1.6);
}

void WordBars::draw(QPainter& painter, const QSizeF& size, const QPalette& palette) const {
    if (isEmpty()) {
        drawMessage(painter, size, palette, workspace_.run() ? tr("This topic has no words.") : tr("Words appear here when a run is open."));
        return;
    }
    const QFontMetricsF metrics(painter.font());
    double names = 40, most = 0;
    const double height = rowHeight(size);
    const auto rows = std::min(words_.size(), static_cast<std::size_t>(std::max(1.0, (size.height() - kTop - kFoot) / height)));
    for (std::size_t i = 0; i < rows; ++i) {
        names = std::max(names, metrics.horizontalAdvance(workspace_.run()->word(words_[i])));
        most = std::max({most, corpusCount(words_[i]), topicCount(words_[i])});
    }
    names = std::min(names + 12, size.width() * 0.42);
    const double perToken = (size.width() - names - kNumber - 8) / std::max(most, 1e-12);
    for (std::size_t i = 0; i < rows; ++i) drawRow(painter, i, QRectF(0, kTop + static_cast<double>(i) * height, size.width(), height), names, perToken, palette);
    painter.setPen(style::subtleText(palette));
    const QString unit = workspace_.run()->corpus ? tr("tokens") : tr("share of tokens");
    const QString text = workspace_.topic() ? tr("%1: corpus (pale), topic (colour)").arg(unit) : tr("%1 in the corpus").arg(unit);
    painter.drawText(QRectF(8, size.height() - kFoot, size.width() - 16, kFoot), Qt::AlignLeft | Qt::AlignVCenter, metrics.elidedText(text, Qt::ElideRight, size.width() - 16));
}

void WordBars::drawRow(QPainter& painter, std::size_t row, const QRectF& box, double names, double perToken, const QPalette& palette) const {
    const std::uint32_t word = words_[row];
    const bool chosen = workspace_.word() == word;
    if (chosen) {
        QColor back = palette.color(QPalette::Highlight);
        back.setAlphaF(0.18f);
        painter.fillRect(box, back);
    }
    const QFontMetricsF metrics(painter.font());
    painter.setPen(palette.color(QPalette::Text));
    painter.drawText(QRectF(4, box.top(), names - 10, box.height()), Qt::AlignRight | Qt::AlignVCenter, metrics.elidedText(workspace_.run()->word(word), Qt::ElideRight, names - 10));
    const double bar = box.height() * 0.68, y = box.top() + (box.height() - bar) / 2;
    const double all = corpusCount(word), own = topicCount(word);
    painter.setPen(Qt::NoPen);
    painter.setBrush(style::mix(palette.color(QPalette::Base), palette.color(QPalette::Text), 0.18));
    painter.drawRect(QRectF(names, y, all * perToken, bar));
    if (const auto topic = workspace_.topic()) {
        painter.setBrush(labels_.colour(*topic));
        painter.drawRect(QRectF(names, y, own * perToken, bar));
    }
    painter.setPen(style::subtleText(palette));
    const bool tokens = workspace_.run()->corpus != nullptr;
    painter.drawText(QRectF(names + std::max(all, own) * perToken + 4, box.top(), kNumber, box.height()), Qt::AlignLeft | Qt::AlignVCenter, countText(workspace_.topic() ? own : all, tokens));
}

int WordBars::rowAt(const QPointF& point) const {
    const int row = static_cast<int>(std::floor((point.y() - kTop) / rowHeight(size())));
    return row >= 0 && row < static_cast<int>(words_.size()) && point.y() < height() - kFoot ? row : -1;
}

void WordBars::mousePressEvent(QMouseEvent* event) {
    const int row = rowAt(event->position());
    const auto word = row < 0 ? std::nullopt : std::optional(words_[static_cast<std::size_t>(row)]);
    workspace_.selectWord(word == workspace_.word() ? std::nullopt : word);
}

bool WordBars::event(QEvent* event) {
    if (event->type() != QEvent::ToolTip || isEmpty()) return PictureView::event(event);
    const auto* help = static_cast<QHelpEvent*>(event);
    const int row = rowAt(help->pos());
    if (row < 0) {
        QToolTip::hideText();
        return true;
    }
    const std::uint32_t word = words_[static_cast<std::size_t>(row)];
    const TopicData& run = *workspace_.run();
    QString text = tr("%1\nsaliency %2 nats").arg(run.word(word)).arg(run.saliency[word], 0, 'g', 3);
    if (!phi_.empty()) {
        const double phi = phi_[word];
        text += tr("\np(word | topic) %1, lift %2").arg(phi, 0, 'g', 3).arg(phi / std::max(run.wordShares[word], 1e-300), 0, 'f', 1);
    }
    QToolTip::showText(help->globalPos(), text + tr("\nClick: its share in every topic"), this);
    return true;
}

QString WordBars::csv() const {
    QString out = QStringLiteral("rank,word,topic,lambda,tokens_in_corpus,tokens_of_topic,probability,relevance,saliency\n");
    if (isEmpty()) return out;
    const TopicData& run = *workspace_.run();
    const auto topic = workspace_.topic();
    for (std::size_t i = 0; i < words_.size(); ++i) {
        const std::uint32_t word = words_[i];
        const double phi = phi_.empty() ? 0 : phi_[word];
        const bool ranked = topic && phi > 0 && run.wordShares[word] > 0;
        out += QStringLiteral("%1,%2,%3,%4,%5,%6,%7,%8,%9\n").arg(i + 1).arg(csvField(run.word(word)), topic ? QString::number(*topic) : QString()).arg(lambda_)
                   .arg(corpusCount(word), 0, 'g', 9).arg(topicCount(word), 0, 'g', 9).arg(phi, 0, 'g', 9)
                   .arg(ranked ? QString::number(relevance(phi, run.wordShares[word], lambda_), 'g', 9) : QString()).arg(run.saliency[word], 0, 'g', 9);
    }
    return out;
}

}  // namespace driftscope::topics
