#include "plugins/topics/match_grid.h"

#include <QHelpEvent>
#include <QKeyEvent>
#include <QMouseEvent>
#include <QPainter>
#include <QScrollBar>
#include <QToolTip>
#include <algorithm>
#include <cmath>

#include "plugins/topics/comparison.h"
#include "plugins/topics/workspace.h"
#include "widgets/style/palette.h"

namespace driftscope::topics {
namespace {

constexpr double kSide = 92;         // "runs" and "similarity" at the left
constexpr double kLeastColumn = 74;

QColor shade(double similarity, const QPalette& palette) {
    const QColor base = palette.color(QPalette::Base);
    return style::mix(base, style::okabeIto()[0], 0.08 + 0.62 * std::clamp(similarity, 0.0, 1.0));
}

}  // namespace

MatchGrid::MatchGrid(Workspace& workspace, Comparison& comparison, QWidget* parent) : PictureView(parent), workspace_(workspace), comparison_(comparison), bar_(new QScrollBar(Qt::Vertical, this)) {
    setObjectName(QStringLiteral("topicMatches"));
    setAccessibleName(tr("Topics matched across runs"));
    setFocusPolicy(Qt::StrongFocus);
    setMinimumSize(220, 160);
    connect(bar_, &QScrollBar::valueChanged, this, qOverload<>(&QWidget::update));
    connect(&comparison_, &Comparison::changed, this, &MatchGrid::refresh);
    connect(&workspace_, &Workspace::selectionChanged, this, qOverload<>(&QWidget::update));
    connect(&workspace_, &Workspace::runChanged, this, qOverload<>(&QWidget::update));
    refresh();
}

double MatchGrid::rowHeight() const {
    return fontMetrics().height() + 8;
}

double MatchGrid::headHeight() const {
    return 2 * fontMetrics().height() + 10;
}

double MatchGrid::columnWidth(double width) const {
    const auto& result = comparison_.result();
    const double bar = bar_->isHidden() ? 0 : bar_->width();
    return result ? std::max(kLeastColumn, (width - kSide - bar) / static_cast<double>(result->runs.size())) : kLeastColumn;
}

QSize MatchGrid::pictureSize() const {
    const auto runs = comparison_.result() ? static_cast<double>(comparison_.result()->runs.size()) : 1.0;
    return {static_cast<int>(std::max<double>(width(), kSide + runs * 150)), static_cast<int>(headHeight() + static_cast<double>(rows_.size()) * rowHeight()) + 4};
}

void MatchGrid::setThreshold(double threshold) {
    threshold_ = threshold;
    refresh();
}

void MatchGrid::refresh() {
    rows_ = comparison_.result() ? comparison_.result()->matching->rows(threshold_) : std::vector<MatchedTopic>();
    layoutBar();
    update();
}

std::size_t MatchGrid::recoveredByAll() const {
    if (!comparison_.result()) return 0;
    return static_cast<std::size_t>(std::ranges::count_if(rows_, [&](const MatchedTopic& row) { return row.runs() == row.topicOf.size(); }));
}

void MatchGrid::layoutBar() {
    const int room = height() - static_cast<int>(headHeight());
    const int all = static_cast<int>(static_cast<double>(rows_.size()) * rowHeight()) + 4;
    bar_->setGeometry(width() - bar_->sizeHint().width(), static_cast<int>(headHeight()), bar_->sizeHint().width(), std::max(room, 0));
    bar_->setVisible(all > room);
    bar_->setRange(0, std::max(0, all - room));
    bar_->setPageStep(std::max(1, room));
    bar_->setSingleStep(static_cast<int>(rowHeight()));
}

void MatchGrid::resizeEvent(QResizeEvent*) {
    layoutBar();
}

void MatchGrid::wheelEvent(QWheelEvent* event) {
    bar_->setValue(bar_->value() - event->angleDelta().y());
    event->accept();
}

void MatchGrid::keyPressEvent(QKeyEvent* event) {
    switch (event->key()) {
        case Qt::Key_Down: bar_->setValue(bar_->value() + bar_->singleStep()); break;
        case Qt::Key_Up: bar_->setValue(bar_->value() - bar_->singleStep()); break;
        case Qt::Key_PageDown: bar_->setValue(bar_->value() + bar_->pageStep()); break;
        case Qt::Key_PageUp: bar_->setValue(bar_->value() - bar_->pageStep()); break;
        default: PictureView::keyPressEvent(event);
    }
}

double MatchGrid::cellSimilarity(const MatchedTopic& row, std::size_t run) const {
    const RunMatching& matching = *comparison_.result()->matching;
    double sum = 0, count = 0;
    for (std::size_t other = 0; other < row.topicOf.size(); ++other)
        if (other != run && row.topicOf[other]) sum += matching.similarity(run, *row.topicOf[run], other, *row.topicOf[other]), ++count;
    return count > 0 ? sum / count : 0;
}

QString MatchGrid::gist(std::size_t run, std::uint32_t topic, std::size_t count) const {
    const ComparedRun& compared = comparison_.result()->runs[run];
    QStringList words;
    for (std::size_t i = 0; i < std::min(count, compared.words[topic].size()); ++i) words << QString::fromStdString(compared.run->vocabulary[compared.words[topic][i]]);
    return words.join(QLatin1Char(' '));
}

void MatchGrid::draw(QPainter& painter, const QSizeF& size, const QPalette& palette) const {
    if (isEmpty()) {
        drawMessage(painter, size, palette, comparison_.busy() ? tr("Matching topics…") : tr("Tick two runs or more at the left to see which topics come back."));
        return;
    }
    const bool whole = size.height() >= pictureSize().height();
    const double offset = whole ? 0 : bar_->value();
    painter.save();
    painter.setClipRect(QRectF(0, headHeight(), size.width(), size.height() - headHeight()));
    for (std::size_t row = 0; row < rows_.size(); ++row) {
        const double top = headHeight() + static_cast<double>(row) * rowHeight() - offset;
        if (top > size.height()) break;
        if (top + rowHeight() >= headHeight()) drawRow(painter, row, top, size, palette);
    }
    painter.restore();
    drawHead(painter, size, palette);
}

void MatchGrid::drawHead(QPainter& painter, const QSizeF& size, const QPalette& palette) const {
    const QRectF box(0, 0, size.width(), headHeight());
    painter.fillRect(box, palette.color(QPalette::AlternateBase));
    painter.setPen(style::subtleText(palette));
    painter.drawText(QRectF(6, 0, kSide - 8, headHeight()), Qt::AlignLeft | Qt::AlignVCenter, tr("runs\nsimilarity"));
    const double column = columnWidth(size.width());
    const auto& runs = comparison_.result()->runs;
    for (std::size_t run = 0; run < runs.size(); ++run) {
        const bool current = workspace_.run() && workspace_.run()->folder == runs[run].folder;
        QFont font = this->font();
        font.setBold(current);
        painter.setFont(font);
        painter.setPen(palette.color(QPalette::Text));
        const QRectF cell(kSide + static_cast<double>(run) * column + 4, 2, column - 8, headHeight() - 4);
        painter.drawText(cell, Qt::AlignLeft | Qt::AlignVCenter | Qt::TextWordWrap, runs[run].title);
    }
    painter.setFont(font());
}

void MatchGrid::drawRow(QPainter& painter, std::size_t index, double top, const QSizeF& size, const QPalette& palette) const {
    const MatchedTopic& row = rows_[index];
    const double column = columnWidth(size.width());
    painter.setPen(style::subtleText(palette));
    painter.drawText(QRectF(6, top, 40, rowHeight()), Qt::AlignLeft | Qt::AlignVCenter, QStringLiteral("%1/%2").arg(row.runs()).arg(row.topicOf.size()));
    if (row.runs() > 1) painter.drawText(QRectF(46, top, kSide - 52, rowHeight()), Qt::AlignRight | Qt::AlignVCenter, QString::number(row.similarity, 'f', 2));
    const QFontMetricsF metrics(painter.font());
    for (std::size_t run = 0; run < row.topicOf.size(); ++run) {
        const QRectF cell(kSide + static_cast<double>(run) * column + 1, top + 1, column - 2, rowHeight() - 2);
        if (!row.topicOf[run]) {
            painter.setPen(QPen(style::mix(palette.color(QPalette::Base), palette.color(QPalette::Text), 0.15), 1, Qt::DotLine));
            painter.drawLine(QPointF(cell.left() + 6, cell.center().y()), QPointF(cell.right() - 6, cell.center().y()));
            continue;
        }
        const QColor back = row.runs() > 1 ? shade(cellSimilarity(row, run), palette) : palette.color(QPalette::AlternateBase);
        painter.setPen(Qt::NoPen);
        painter.setBrush(back);
        painter.drawRoundedRect(cell, 3, 3);
        const bool current = workspace_.run() && workspace_.run()->folder == comparison_.result()->runs[run].folder && workspace_.topic() == row.topicOf[run];
        if (current) {
            painter.setPen(QPen(palette.color(QPalette::Text), 2));
            painter.setBrush(Qt::NoBrush);
            painter.drawRoundedRect(cell.adjusted(1, 1, -1, -1), 3, 3);
        }
        painter.setPen(qGray(back.rgb()) > 140 ? QColor(0x10, 0x10, 0x10) : QColor(Qt::white));
        const QString text = QStringLiteral("%1  %2").arg(*row.topicOf[run]).arg(gist(run, *row.topicOf[run], 6));
        painter.drawText(cell.adjusted(5, 0, -4, 0), Qt::AlignLeft | Qt::AlignVCenter, metrics.elidedText(text, Qt::ElideRight, cell.width() - 9));
    }
}

std::optional<MatchGrid::Place> MatchGrid::placeAt(const QPointF& point) const {
    if (isEmpty() || point.y() < headHeight() || point.x() < kSide) return std::nullopt;
    const auto row = static_cast<std::size_t>((point.y() - headHeight() + bar_->value()) / rowHeight());
    const auto run = static_cast<std::size_t>((point.x() - kSide) / columnWidth(width()));
    if (row >= rows_.size() || run >= rows_[row].topicOf.size() || !rows_[row].topicOf[run]) return std::nullopt;
    return Place{row, run};
}

void MatchGrid::mousePressEvent(QMouseEvent* event) {
    const auto place = placeAt(event->position());
    if (!place) return;
    const QString folder = comparison_.result()->runs[place->run].folder;
    if (workspace_.run() && workspace_.run()->folder == folder) workspace_.selectTopic(rows_[place->row].topicOf[place->run]);
}

void MatchGrid::mouseDoubleClickEvent(QMouseEvent* event) {
    if (const auto place = placeAt(event->position())) Q_EMIT topicChosen(comparison_.result()->runs[place->run].folder, *rows_[place->row].topicOf[place->run]);
}

bool MatchGrid::event(QEvent* event) {
    if (event->type() != QEvent::ToolTip || isEmpty()) return PictureView::event(event);
    const auto* help = static_cast<QHelpEvent*>(event);
    const auto place = placeAt(help->pos());
    if (!place) {
        QToolTip::hideText();
        return true;
    }
    const MatchedTopic& row = rows_[place->row];
    QToolTip::showText(help->globalPos(), tr("%1, topic %2\n%3\nmean similarity to the rest of the row: %4\nDouble-click opens it.")
                                              .arg(comparison_.result()->runs[place->run].title).arg(*row.topicOf[place->run]).arg(gist(place->run, *row.topicOf[place->run], 15))
                                              .arg(cellSimilarity(row, place->run), 0, 'f', 3), this);
    return true;
}

QString MatchGrid::csv() const {
    QString out = QStringLiteral("row,runs,similarity");
    if (isEmpty()) return out + QLatin1Char('\n');
    for (const ComparedRun& run : comparison_.result()->runs) out += QStringLiteral(",") + csvField(run.title) + QStringLiteral(",") + csvField(run.title + QStringLiteral(" words"));
    out += QLatin1Char('\n');
    for (std::size_t i = 0; i < rows_.size(); ++i) {
        out += QStringLiteral("%1,%2,%3").arg(i).arg(rows_[i].runs()).arg(rows_[i].runs() > 1 ? QString::number(rows_[i].similarity, 'g', 6) : QString());
        for (std::size_t run = 0; run < rows_[i].topicOf.size(); ++run) {
            const auto topic = rows_[i].topicOf[run];
            out += topic ? QStringLiteral(",%1,%2").arg(*topic).arg(csvField(gist(run, *topic, 10))) : QStringLiteral(",,");
        }
        out += QLatin1Char('\n');
    }
    return out;
}

}  // namespace driftscope::topics
