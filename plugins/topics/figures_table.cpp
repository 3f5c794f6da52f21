#include "plugins/topics/figures_table.h"

#include <QApplication>
#include <QClipboard>
#include <QHeaderView>
#include <QKeyEvent>
#include <algorithm>

#include "plugins/topics/picture_view.h"

namespace driftscope::topics {

FiguresTable::FiguresTable(QWidget* parent) : QTableWidget(parent) {
    setEditTriggers(QAbstractItemView::NoEditTriggers);
    setSelectionBehavior(QAbstractItemView::SelectRows);
    setShowGrid(false);
    setAlternatingRowColors(true);
    setWordWrap(false);
    setFrameShape(QFrame::NoFrame);
    setTabKeyNavigation(false);
    verticalHeader()->hide();
    verticalHeader()->setDefaultSectionSize(fontMetrics().height() + 6);
    horizontalHeader()->setHighlightSections(false);
    horizontalHeader()->setDefaultAlignment(Qt::AlignLeft | Qt::AlignVCenter);
}

void FiguresTable::setRows(const QStringList& heads, const std::vector<QStringList>& rows, const std::vector<int>& texts) {
    clear();
    setColumnCount(static_cast<int>(heads.size()));
    setRowCount(static_cast<int>(rows.size()));
    setHorizontalHeaderLabels(heads);
    for (int row = 0; row < rowCount(); ++row)
        for (int column = 0; column < columnCount(); ++column) {
            const QStringList& cells = rows[static_cast<std::size_t>(row)];
            auto* item = new QTableWidgetItem(column < cells.size() ? cells[column] : QString());
            item->setToolTip(item->text());
            const bool left = column == 0 || std::ranges::find(texts, column) != texts.end();
            item->setTextAlignment(left ? Qt::AlignLeft | Qt::AlignVCenter : Qt::AlignRight | Qt::AlignVCenter);
            setItem(row, column, item);
        }
    const bool prose = std::ranges::find(texts, columnCount() - 1) != texts.end();
    horizontalHeader()->setStretchLastSection(prose);
    for (int column = 0; column < columnCount(); ++column) {
        const bool left = column == 0 || std::ranges::find(texts, column) != texts.end();
        horizontalHeaderItem(column)->setTextAlignment(left ? Qt::AlignLeft | Qt::AlignVCenter : Qt::AlignRight | Qt::AlignVCenter);
        horizontalHeader()->setSectionResizeMode(column, prose ? QHeaderView::Interactive : column == 0 ? QHeaderView::ResizeToContents : QHeaderView::Stretch);
    }
    if (prose) resizeColumnsToContents();
}

QString FiguresTable::csv() const {
    QString out;
    const auto line = [&](auto text) {
        QStringList cells;
        for (int column = 0; column < columnCount(); ++column) cells << csvField(text(column));
        out += cells.join(QLatin1Char(',')) + QLatin1Char('\n');
    };
    line([&](int column) { return horizontalHeaderItem(column) ? horizontalHeaderItem(column)->text() : QString(); });
    for (int row = 0; row < rowCount(); ++row) line([&](int column) { return item(row, column) ? item(row, column)->text() : QString(); });
    return out;
}

void FiguresTable::keyPressEvent(QKeyEvent* event) {
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

}  // namespace driftscope::topics
