#include "plugins/debate/number_table.h"

#include <QApplication>
#include <QClipboard>
#include <QHeaderView>
#include <QKeyEvent>

namespace driftscope::debate {

NumberTable::NumberTable(QWidget* parent) : QTableWidget(parent) {
    setEditTriggers(QAbstractItemView::NoEditTriggers);
    setSelectionBehavior(QAbstractItemView::SelectRows);
    setShowGrid(false);
    setFrameShape(QFrame::NoFrame);
    setTabKeyNavigation(false);
    verticalHeader()->hide();
    verticalHeader()->setDefaultSectionSize(fontMetrics().height() + 8);
    horizontalHeader()->setHighlightSections(false);
    horizontalHeader()->setDefaultAlignment(Qt::AlignLeft | Qt::AlignVCenter);
}

void NumberTable::setRows(const QStringList& heads, const std::vector<QStringList>& rows) {
    clear();
    setColumnCount(static_cast<int>(heads.size()));
    setRowCount(static_cast<int>(rows.size()));
    setHorizontalHeaderLabels(heads);
    for (int row = 0; row < rowCount(); ++row)
        for (int column = 0; column < columnCount(); ++column) {
            const QStringList& texts = rows[static_cast<std::size_t>(row)];
            auto* item = new QTableWidgetItem(column < texts.size() ? texts[column] : QString());
            item->setToolTip(item->text());
            setItem(row, column, item);
        }
    resizeColumnsToContents();
    horizontalHeader()->setStretchLastSection(true);
}

void NumberTable::keyPressEvent(QKeyEvent* event) {
    if (!event->matches(QKeySequence::Copy)) {
        QTableWidget::keyPressEvent(event);
        return;
    }
    QStringList lines;
    for (int row = 0; row < rowCount(); ++row) {
        if (!selectionModel()->isRowSelected(row)) continue;
        QStringList cells;
        for (int column = 0; column < columnCount(); ++column) cells << item(row, column)->text();
        lines << cells.join(QLatin1Char('\t'));
    }
    QApplication::clipboard()->setText(lines.join(QLatin1Char('\n')));
}

}  // namespace driftscope::debate
