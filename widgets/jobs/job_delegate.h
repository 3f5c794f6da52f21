#pragma once

#include <QStyledItemDelegate>

namespace driftscope::jobs {

/// A job in two lines: state and title, then what it does now, with a thin bar while it runs.
class JobDelegate : public QStyledItemDelegate {
    Q_OBJECT
  public:
    using QStyledItemDelegate::QStyledItemDelegate;
    QSize sizeHint(const QStyleOptionViewItem& option, const QModelIndex& index) const override;
    void paint(QPainter* painter, const QStyleOptionViewItem& option, const QModelIndex& index) const override;
};

}  // namespace driftscope::jobs
