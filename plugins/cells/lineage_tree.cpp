#include "plugins/cells/lineage_tree.h"

#include <QMouseEvent>
#include <QPainter>
#include <QToolTip>
#include <algorithm>
#include <functional>
#include <map>

#include "widgets/style/palette.h"

namespace driftscope::cells {
namespace {

constexpr double kBar = 14;
constexpr int kTop = 44, kBottom = 42, kLeft = 60, kRight = 20;
constexpr int kSwatch = 12;

}  // namespace

LineageTree::LineageTree(QWidget* parent) : PaintedPlot(parent) {
    setAccessibleName(tr("Lineage tree"));
    setToolTip(tr("A bar per track in the colours of its states; click it to go there"));
}

void LineageTree::setBranches(std::vector<Branch> branches) {
    branches_ = std::move(branches);
    placeBranches();
    update();
}

void LineageTree::setCurrent(std::optional<std::uint32_t> track, std::int64_t frame) {
    current_ = track;
    frame_ = frame;
    update();
}

/// Leaves one below the other; a mother stands in the middle of her daughters.
void LineageTree::placeBranches() {
    lane_.assign(branches_.size(), 0);
    double next = 0;
    const std::function<void(int)> place = [&](int branch) {
        double low = -1, high = -1;
        for (int child = 0; child < static_cast<int>(branches_.size()); ++child) {
            if (branches_[static_cast<std::size_t>(child)].mother != branch) continue;
            place(child);
            if (low < 0) low = lane_[static_cast<std::size_t>(child)];
            high = lane_[static_cast<std::size_t>(child)];
        }
        lane_[static_cast<std::size_t>(branch)] = low < 0 ? next++ : (low + high) / 2;
    };
    for (int branch = 0; branch < static_cast<int>(branches_.size()); ++branch)
        if (branches_[static_cast<std::size_t>(branch)].mother < 0) place(branch);
    lanes_ = std::max(next, 1.0);
    first_ = last_ = branches_.empty() ? 0 : branches_.front().cells.front().frame;
    for (const Branch& branch : branches_) {
        first_ = std::min(first_, branch.cells.front().frame);
        last_ = std::max(last_, branch.cells.back().frame);
    }
}

double LineageTree::x(const QRect& area, double frame) const {
    const double width = area.width() - kLeft - kRight;
    return area.left() + kLeft + (frame - static_cast<double>(first_)) / static_cast<double>(last_ - first_ + 1) * width;
}

double LineageTree::y(const QRect& area, int branch) const {
    const double height = area.height() - kTop - kBottom;
    return area.top() + kTop + (lane_[static_cast<std::size_t>(branch)] + 0.5) / lanes_ * height;
}

QRectF LineageTree::cellRect(const QRect& area, int branch, int cell) const {
    const auto frame = static_cast<double>(branches_[static_cast<std::size_t>(branch)].cells[static_cast<std::size_t>(cell)].frame);
    const double left = x(area, frame), right = x(area, frame + 1);
    return {left, y(area, branch) - kBar / 2, right - left, kBar};
}

QString LineageTree::csv() const {
    QString out = QStringLiteral("track,mother,frame,state\n");
    for (const Branch& branch : branches_)
        for (const Cell& cell : branch.cells)
            out += QStringLiteral("%1,%2,%3,%4\n").arg(branch.name, branch.mother >= 0 ? branches_[static_cast<std::size_t>(branch.mother)].name : QString()).arg(cell.frame).arg(cell.state);
    return out;
}

const LineageTree::Cell* LineageTree::cellAt(const QPoint& at, int* branch) const {
    for (int b = 0; b < static_cast<int>(branches_.size()); ++b)
        for (int c = 0; c < static_cast<int>(branches_[static_cast<std::size_t>(b)].cells.size()); ++c)
            if (cellRect(rect(), b, c).adjusted(0, -3, 0, 3).contains(at)) {
                *branch = b;
                return &branches_[static_cast<std::size_t>(b)].cells[static_cast<std::size_t>(c)];
            }
    return nullptr;
}

void LineageTree::mousePressEvent(QMouseEvent* event) {
    int branch = 0;
    if (const Cell* cell = cellAt(event->pos(), &branch); cell && event->button() == Qt::LeftButton) Q_EMIT rowClicked(cell->row);
}

void LineageTree::mouseMoveEvent(QMouseEvent* event) {
    int branch = 0;
    const Cell* cell = cellAt(event->pos(), &branch);
    if (!cell) {
        QToolTip::hideText();
        return;
    }
    QToolTip::showText(event->globalPosition().toPoint(), tr("%1, frame %2: %3").arg(branches_[static_cast<std::size_t>(branch)].name).arg(cell->frame).arg(cell->state.isEmpty() ? tr("unlabelled") : cell->state), this);
}

void LineageTree::paintLegend(QPainter& painter, const QRect& area, const QPalette& colours) const {
    std::map<QString, QColor> states;
    for (const Branch& branch : branches_)
        for (const Cell& cell : branch.cells) states.emplace(cell.state.isEmpty() ? tr("unlabelled") : cell.state, cell.colour);
    int left = area.left() + kLeft;
    for (const auto& [name, colour] : states) {
        painter.fillRect(QRect(left, area.top() + 8, kSwatch, kSwatch), colour);
        painter.setPen(colours.color(QPalette::WindowText));
        const int width = painter.fontMetrics().horizontalAdvance(name);
        painter.drawText(QRect(left + kSwatch + 5, area.top() + 4, width + 4, 20), Qt::AlignVCenter, name);
        left += kSwatch + width + 26;
    }
}

void LineageTree::paintPlot(QPainter& painter, const QRect& area, const QPalette& colours) const {
    paintLegend(painter, area, colours);
    painter.setRenderHint(QPainter::Antialiasing);
    for (int b = 0; b < static_cast<int>(branches_.size()); ++b) {
        const Branch& branch = branches_[static_cast<std::size_t>(b)];
        if (branch.mother >= 0) {
            const double left = x(area, static_cast<double>(branch.cells.front().frame));
            painter.setPen(QPen(style::subtleText(colours), 1.5));
            painter.drawLine(QPointF(left, y(area, branch.mother)), QPointF(left, y(area, b)));
            // The mother may have been lost before her daughters were found.
            painter.drawLine(QPointF(x(area, static_cast<double>(branches_[static_cast<std::size_t>(branch.mother)].cells.back().frame + 1)), y(area, branch.mother)), QPointF(left, y(area, branch.mother)));
        }
        for (int c = 0; c < static_cast<int>(branch.cells.size()); ++c) painter.fillRect(cellRect(area, b, c).adjusted(0, 0, 0.5, 0), branch.cells[static_cast<std::size_t>(c)].colour);
        const QRectF bar = cellRect(area, b, 0).united(cellRect(area, b, static_cast<int>(branch.cells.size()) - 1));
        if (current_ == branch.track) {
            painter.setPen(QPen(colours.color(QPalette::WindowText), 2));
            painter.drawRect(bar);
        }
        painter.setPen(colours.color(QPalette::WindowText));
        painter.drawText(QRectF(bar.left() + 2, bar.top() - 16, 160, 15), Qt::AlignLeft | Qt::AlignVCenter, branch.name);
    }
    const double at = x(area, static_cast<double>(frame_) + 0.5);
    if (frame_ >= first_ && frame_ <= last_) {
        painter.setPen(QPen(colours.color(QPalette::WindowText), 1, Qt::DashLine));
        painter.drawLine(QPointF(at, area.top() + kTop), QPointF(at, area.bottom() - kBottom));
    }
    painter.setPen(style::subtleText(colours));
    const auto step = std::max<std::int64_t>(1, (last_ - first_) / 10);
    for (std::int64_t frame = first_; frame <= last_; frame += step)
        painter.drawText(QRectF(x(area, static_cast<double>(frame) + 0.5) - 30, area.bottom() - kBottom + 6, 60, 16), Qt::AlignCenter, QString::number(frame));
    painter.setPen(colours.color(QPalette::WindowText));
    painter.drawText(QRect(area.left(), area.bottom() - 19, area.width(), 18), Qt::AlignCenter, tr("frame"));
}

}  // namespace driftscope::cells
