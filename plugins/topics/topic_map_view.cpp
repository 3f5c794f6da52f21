#include "plugins/topics/topic_map_view.h"

#include <QHelpEvent>
#include <QMouseEvent>
#include <QPainter>
#include <QToolTip>
#include <algorithm>
#include <cmath>
#include <numbers>

#include "plugins/topics/topic_labels.h"
#include "plugins/topics/workspace.h"
#include "widgets/style/palette.h"

namespace driftscope::topics {
namespace {

constexpr double kMargin = 16;
constexpr double kInk = 0.22;         // of the map, when circles do not overlap
constexpr double kSmallest = 3;       // radius, pixels
constexpr double kDragStart = 4;      // pixels before a press is a drag
constexpr double kMostZoom = 40;

}  // namespace

TopicMapView::TopicMapView(Workspace& workspace, TopicLabels& labels, QWidget* parent) : PictureView(parent), workspace_(workspace), labels_(labels) {
    setObjectName(QStringLiteral("topicMap"));
    setAccessibleName(tr("Map of topics"));
    setMouseTracking(true);
    setFocusPolicy(Qt::ClickFocus);
    connect(&workspace_, &Workspace::runChanged, this, &TopicMapView::resetView);
    connect(&workspace_, &Workspace::selectionChanged, this, qOverload<>(&QWidget::update));
    connect(&labels_, &TopicLabels::changed, this, qOverload<>(&QWidget::update));
    connect(&workspace_, &Workspace::hoverChanged, this, [this](std::optional<std::uint32_t> topic) {
        hovered_ = topic;
        update();
    });
}

bool TopicMapView::isEmpty() const {
    return !workspace_.run();
}

void TopicMapView::resetView() {
    zoom_ = 1;
    shift_ = {};
    hovered_.reset();
    update();
}

std::vector<double> TopicMapView::areas() const {
    const TopicData& run = *workspace_.run();
    std::vector<double> areas = run.shares;
    if (const auto word = workspace_.word()) {
        const double all = run.wordShares[*word];
        for (std::size_t k = 0; k < areas.size(); ++k) areas[k] = all > 0 ? run.shares[k] * run.run.beta(k, *word) / all : 0;
    }
    return labels_.groups().mergedShares(areas);  // a merged topic stands where its root stands
}

std::vector<TopicMapView::Circle> TopicMapView::circles(const QSizeF& size) const {
    if (isEmpty()) return {};
    const PlaneMap& map = workspace_.run()->map;
    const auto [lowX, highX] = std::minmax_element(map.x.begin(), map.x.end());
    const auto [lowY, highY] = std::minmax_element(map.y.begin(), map.y.end());
    const std::vector<double> share = areas();
    const double legend = fontMetrics().height() * 1.6;
    const QRectF room(kMargin, kMargin, size.width() - 2 * kMargin, size.height() - 2 * kMargin - legend);
    const double largest = std::sqrt(*std::max_element(share.begin(), share.end()));
    const double perShare = std::sqrt(kInk * room.width() * room.height() / std::numbers::pi);
    const double rim = std::min({largest * perShare, room.width() / 5, room.height() / 5}) + 2;
    const double spanX = std::max(*highX - *lowX, 1e-9), spanY = std::max(*highY - *lowY, 1e-9);
    const double scale = std::min((room.width() - 2 * rim) / spanX, (room.height() - 2 * rim) / spanY);
    const QPointF middle = room.center(), origin((*lowX + *highX) / 2, (*lowY + *highY) / 2);
    std::vector<Circle> out;
    for (std::uint32_t k = 0; k < share.size(); ++k) {
        if (labels_.groups().isMerged(k) || labels_.groups().isHidden(k)) continue;
        const QPointF place = middle + shift_ + QPointF((map.x[k] - origin.x()) * scale, -(map.y[k] - origin.y()) * scale) * zoom_;
        out.push_back({k, place, std::max(kSmallest, std::sqrt(share[k]) * perShare)});
    }
    std::stable_sort(out.begin(), out.end(), [](const Circle& a, const Circle& b) { return a.radius > b.radius; });
    return out;
}

QPointF TopicMapView::centre(std::uint32_t topic) const {
    for (const Circle& circle : circles(size()))
        if (circle.topic == topic) return circle.centre;
    return {};
}

void TopicMapView::draw(QPainter& painter, const QSizeF& size, const QPalette& palette) const {
    if (isEmpty()) {
        drawMessage(painter, size, palette, tr("Topics appear here when a run is open."));
        return;
    }
    const auto all = circles(size);
    painter.setPen(QPen(style::mix(palette.color(QPalette::Base), palette.color(QPalette::Text), 0.12), 1));
    painter.drawLine(QPointF(size.width() / 2, 4), QPointF(size.width() / 2, size.height() - fontMetrics().height() * 1.8));
    painter.drawLine(QPointF(4, size.height() / 2), QPointF(size.width() - 4, size.height() / 2));
    const auto chosen = workspace_.topic() ? std::optional(labels_.groups().root(*workspace_.topic())) : std::nullopt;
    for (const Circle& circle : all) {
        const bool strong = chosen == circle.topic || hovered_ == circle.topic;
        QColor fill = labels_.colour(circle.topic);
        fill.setAlphaF(strong ? 0.95f : chosen ? 0.4f : 0.6f);
        painter.setBrush(fill);
        painter.setPen(QPen(strong ? palette.color(QPalette::Text) : labels_.colour(circle.topic), strong ? 2 : 1));
        painter.drawEllipse(circle.centre, circle.radius, circle.radius);
    }
    QFont small = painter.font();
    for (const Circle& circle : all) {
        const bool strong = chosen == circle.topic || hovered_ == circle.topic;
        small.setBold(strong);
        painter.setFont(small);
        painter.setPen(palette.color(QPalette::Text));
        const QString number = QString::number(circle.topic);
        const QString name = labels_.name(circle.topic);
        const QFontMetricsF metrics(small);
        const QPointF below(0, name.isEmpty() ? metrics.ascent() / 2 - 1 : -1);
        painter.drawText(circle.centre + QPointF(-metrics.horizontalAdvance(number) / 2, below.y()), number);
        if (name.isEmpty()) continue;
        painter.drawText(circle.centre + QPointF(-metrics.horizontalAdvance(name) / 2, metrics.ascent()), name);
    }
    drawLegend(painter, size, palette);
}

void TopicMapView::drawLegend(QPainter& painter, const QSizeF& size, const QPalette& palette) const {
    QFont plain = font();
    painter.setFont(plain);
    painter.setPen(style::subtleText(palette));
    const TopicData& run = *workspace_.run();
    const QString what = workspace_.word() ? tr("area: share of “%1”").arg(run.word(*workspace_.word())) : tr("area: tokens");
    const QString text = tr("JS distances by MDS, %1 % shown; %2").arg(std::lround(100 * run.map.shown)).arg(what);
    const QRectF line(8, size.height() - fontMetrics().height() - 5, size.width() - 16, fontMetrics().height() + 2);
    painter.drawText(line, Qt::AlignLeft | Qt::AlignVCenter, QFontMetricsF(plain).elidedText(text, Qt::ElideRight, line.width()));
}

std::optional<std::uint32_t> TopicMapView::topicAt(const QPointF& point) const {
    // Small circles lie on top.
    const auto all = circles(size());
    for (auto circle = all.rbegin(); circle != all.rend(); ++circle)
        if (std::hypot(point.x() - circle->centre.x(), point.y() - circle->centre.y()) <= circle->radius + 2) return circle->topic;
    return std::nullopt;
}

void TopicMapView::mousePressEvent(QMouseEvent* event) {
    pressed_ = event->position();
    dragged_ = shift_;
    dragging_ = false;
}

void TopicMapView::mouseMoveEvent(QMouseEvent* event) {
    if (event->buttons() != Qt::NoButton) {
        const QPointF moved = event->position() - pressed_;
        dragging_ = dragging_ || std::hypot(moved.x(), moved.y()) > kDragStart;
        if (dragging_) {
            shift_ = dragged_ + moved;
            update();
        }
        return;
    }
    const auto topic = topicAt(event->position());
    if (topic == hovered_) return;
    workspace_.hoverTopic(topic);
    setCursor(topic ? Qt::PointingHandCursor : Qt::ArrowCursor);
}

void TopicMapView::mouseReleaseEvent(QMouseEvent* event) {
    if (dragging_ || event->button() != Qt::LeftButton || isEmpty()) return;
    workspace_.selectTopic(topicAt(event->position()));
}

void TopicMapView::mouseDoubleClickEvent(QMouseEvent* event) {
    if (!topicAt(event->position())) resetView();
}

void TopicMapView::wheelEvent(QWheelEvent* event) {
    const double wanted = std::clamp(zoom_ * std::pow(1.0015, event->angleDelta().y()), 1.0, kMostZoom);
    const QPointF middle(width() / 2.0, (height() - fontMetrics().height() * 1.6) / 2.0);
    const QPointF at = event->position() - middle;
    shift_ = wanted <= 1.0 ? QPointF() : at - (at - shift_) * (wanted / zoom_);
    zoom_ = wanted;
    update();
    event->accept();
}

void TopicMapView::leaveEvent(QEvent*) {
    if (hovered_) workspace_.hoverTopic(std::nullopt);
}

bool TopicMapView::event(QEvent* event) {
    if (event->type() != QEvent::ToolTip || isEmpty()) return PictureView::event(event);
    const auto* help = static_cast<QHelpEvent*>(event);
    const auto topic = topicAt(help->pos());
    if (topic)
        QToolTip::showText(help->globalPos(), tr("Topic %1: %2 % of tokens\n%3").arg(labels_.title(*topic)).arg(100 * labels_.groups().mergedShares(workspace_.run()->shares)[*topic], 0, 'f', 1).arg(workspace_.run()->gist(*topic, 10)), this);
    else
        QToolTip::hideText();
    return true;
}

QString TopicMapView::csv() const {
    QString out = QStringLiteral("topic,name,x,y,share_of_tokens,merged_into,hidden\n");
    if (isEmpty()) return out;
    const TopicData& run = *workspace_.run();
    for (std::uint32_t k = 0; k < run.topics(); ++k)
        out += QStringLiteral("%1,%2,%3,%4,%5,%6,%7\n").arg(k).arg(csvField(labels_.name(k))).arg(run.map.x[k], 0, 'g', 9).arg(run.map.y[k], 0, 'g', 9).arg(run.shares[k], 0, 'g', 9)
                   .arg(labels_.groups().isMerged(k) ? QString::number(labels_.groups().root(k)) : QString()).arg(labels_.groups().isHidden(k) ? 1 : 0);
    return out;
}

}  // namespace driftscope::topics
