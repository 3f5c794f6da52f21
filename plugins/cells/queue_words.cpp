#include "plugins/cells/queue_words.h"

#include <QCoreApplication>

#include "plugins/cells/annotator.h"

namespace driftscope::cells {
namespace {

QString tr(const char* text) {
    return QCoreApplication::translate("QueueWords", text);
}

QString percent(float share) {
    return QString::number(100 * share, 'f', share < 0.095F ? 1 : 0);
}

}  // namespace

QString queueCaption(const embed::QueueItem& item) {
    switch (item.reason) {
        case embed::QueueReason::Typical: return tr("typical %1 %").arg(percent(item.share));
        case embed::QueueReason::Unsure: return tr("unsure %1 %").arg(percent(item.confidence));
        case embed::QueueReason::Audit: return tr("audit");
    }
    return {};
}

QString queueReason(const embed::QueueItem& item) {
    switch (item.reason) {
        case embed::QueueReason::Typical: return tr("Typical: stands for %1 % of the cells that no label is near").arg(percent(item.share));
        case embed::QueueReason::Unsure:
            return tr("Unsure: the best class leads by %1 %, and cells like this hold %2 % of the probe's doubt").arg(percent(item.margin), percent(item.share));
        case embed::QueueReason::Audit: return tr("Audit: drawn at random, so that accuracy on audits is unbiased");
    }
    return {};
}

QString queueTitle(const Annotator& annotator, bool predicted) {
    QString title = predicted ? tr("Next to label: cells the probe is unsure of, and every tenth a random audit") : tr("Next to label: typical cells, spread over the map");
    title += annotator.queueMode() ? tr(" · Q leaves the queue") : tr(" · Q labels from here");
    if (const QString score = annotator.audits().text(); !score.isEmpty()) title += QStringLiteral(" · ") + score;
    return title;
}

}  // namespace driftscope::cells
