#include "plugins/cells/csv_view.h"

#include <QApplication>
#include <QBuffer>
#include <QClipboard>
#include <QFileInfo>
#include <QHeaderView>
#include <QKeyEvent>
#include <algorithm>
#include <cmath>

#include "core/base/atomic_file.h"

namespace driftscope::cells {
namespace {

constexpr std::size_t kMostRows = 5000;  // what nobody reads is left to the file

QTableWidgetItem* itemOf(const std::string& text) {
    auto* item = new QTableWidgetItem;
    bool isNumber = false;
    const double value = QString::fromStdString(text).toDouble(&isNumber);
    if (isNumber) {
        item->setData(Qt::DisplayRole, std::abs(value) < 1e15 && value == std::floor(value) ? QString::number(value, 'f', 0) : QString::number(value, 'g', 4));
        item->setTextAlignment(Qt::AlignRight | Qt::AlignVCenter);
        item->setToolTip(QString::fromStdString(text));
    } else {
        item->setText(QString::fromStdString(text));
    }
    return item;
}

}  // namespace

CsvView::CsvView(const io::CsvTable& csv, QWidget* parent) : QTableWidget(parent), csv_(csv) {
    const std::size_t shown = std::min(csv_.rows.size(), kMostRows);
    setColumnCount(static_cast<int>(csv_.header.size()));
    setRowCount(static_cast<int>(shown));
    QStringList heads;
    for (const std::string& name : csv_.header) heads.push_back(QString::fromStdString(name).replace(QLatin1Char('_'), QLatin1Char(' ')));
    setHorizontalHeaderLabels(heads);
    for (std::size_t row = 0; row < shown; ++row)
        for (std::size_t column = 0; column < csv_.header.size(); ++column) setItem(static_cast<int>(row), static_cast<int>(column), itemOf(csv_.rows[row][column]));
    setEditTriggers(QAbstractItemView::NoEditTriggers);
    setSelectionBehavior(QAbstractItemView::SelectRows);
    setAlternatingRowColors(true);
    verticalHeader()->hide();
    resizeColumnsToContents();
    connect(this, &QTableWidget::itemSelectionChanged, this, [this] {
        if (!selectedItems().isEmpty()) chosen(selectedItems().front()->row());
    });
}

void CsvView::chosen(int row) {
    const auto& line = csv_.rows[static_cast<std::size_t>(row)];
    const auto field = [&](const char* name) { return csv_.find(name) ? QString::fromStdString(line[*csv_.find(name)]) : QString(); };
    QString entity = field("track");
    if (entity.isEmpty()) entity = field("before");
    if (entity.isEmpty() && csv_.find("fov_name") && csv_.find("track_id")) entity = field("fov_name") + QLatin1Char('#') + field("track_id");
    if (entity.isEmpty()) return;
    QString frame = field("event_frame");
    for (const char* name : {"last_frame", "t"})
        if (frame.isEmpty()) frame = field(name);
    Q_EMIT trackChosen(entity, frame.isEmpty() ? std::nullopt : std::optional<qint64>(frame.toLongLong()));
}

void CsvView::keyPressEvent(QKeyEvent* event) {
    if (!event->matches(QKeySequence::Copy)) {
        QTableWidget::keyPressEvent(event);
        return;
    }
    QString text;
    int last = -1;
    for (const QTableWidgetItem* item : selectedItems()) {
        if (item->row() == last) continue;
        last = item->row();
        QStringList fields;
        for (const std::string& one : csv_.rows[static_cast<std::size_t>(last)]) fields.push_back(QString::fromStdString(one));
        text += fields.join(QLatin1Char('\t')) + QLatin1Char('\n');
    }
    QApplication::clipboard()->setText(text);
}

Result<void> CsvView::exportTo(const QString& path) {
    const QString suffix = QFileInfo(path).suffix().toLower();
    if (suffix == QLatin1String("csv")) return io::writeCsv(path.toStdString(), csv_);
    if (suffix != QLatin1String("png")) return fail(ErrorCode::Usage, fmt::format("'{}' has no suffix a table can be written as.", path.toStdString()), "Use .csv or .png.");
    QByteArray bytes;
    QBuffer buffer(&bytes);
    buffer.open(QIODevice::WriteOnly);
    grab().save(&buffer, "PNG");
    return writeFileAtomically(path.toStdString(), {bytes.constData(), static_cast<std::size_t>(bytes.size())});
}

}  // namespace driftscope::cells
