#include "widgets/jobs/job_delegate.h"

#include <QPainter>

#include "widgets/jobs/job_list_model.h"
#include "widgets/jobs/job_text.h"
#include "widgets/style/palette.h"

namespace driftscope::jobs {
namespace {

constexpr int kMargin = 8;
constexpr int kIcon = 14;

}  // namespace

QSize JobDelegate::sizeHint(const QStyleOptionViewItem& option, const QModelIndex&) const {
    return {160, option.fontMetrics.lineSpacing() * 2 + 2 * kMargin};
}

void JobDelegate::paint(QPainter* painter, const QStyleOptionViewItem& option, const QModelIndex& index) const {
    painter->save();
    const QPalette& colours = option.palette;
    const QColor accent = colours.color(QPalette::Highlight);
    if (option.state & QStyle::State_Selected) {
        painter->fillRect(option.rect, style::mix(colours.color(QPalette::Base), accent, 0.16));
        painter->fillRect(QRect(option.rect.topLeft(), QSize(3, option.rect.height())), accent);
    }
    const QRect area = option.rect.adjusted(kMargin + 4, kMargin, -kMargin, -kMargin);
    const auto state = static_cast<JobView::State>(index.data(JobListModel::State).toInt());
    stateIcon(state, colours).paint(painter, QRect(area.left(), area.top() + 1, kIcon, kIcon));
    const QRect text = area.adjusted(kIcon + 8, 0, 0, 0);
    painter->setPen(colours.color(QPalette::Text));
    painter->drawText(text, Qt::AlignLeft | Qt::AlignTop, option.fontMetrics.elidedText(index.data().toString(), Qt::ElideRight, text.width()));
    painter->setPen(style::subtleText(colours));
    painter->drawText(text, Qt::AlignLeft | Qt::AlignBottom, option.fontMetrics.elidedText(index.data(JobListModel::Detail).toString(), Qt::ElideRight, text.width()));
    if (const double done = index.data(JobListModel::Fraction).toDouble(); done >= 0) {
        const QRect bar(text.left(), option.rect.bottom() - 3, text.width(), 2);
        painter->fillRect(bar, style::mix(colours.color(QPalette::Base), colours.color(QPalette::Text), 0.15));
        painter->fillRect(QRect(bar.topLeft(), QSize(static_cast<int>(bar.width() * done), 2)), accent);
    }
    painter->restore();
}

}  // namespace driftscope::jobs
