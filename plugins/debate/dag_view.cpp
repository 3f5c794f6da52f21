#include "plugins/debate/dag_view.h"

#include <QJsonArray>
#include <QPainter>
#include <QPainterPath>
#include <algorithm>
#include <cmath>
#include <map>

#include "core/debate/computation.h"
#include "widgets/session/json_bridge.h"
#include "widgets/style/palette.h"

namespace driftscope::debate {
namespace {

constexpr std::int64_t kMostSteps = 2000;
constexpr int kMostShown = 18;  // questions in one column
constexpr double kNodeHeight = 20;
constexpr double kNodeWidth = 108;

QString gateText(const QJsonObject& gate) {
    const QString op = gate[QStringLiteral("op")].toString();
    if (op == QLatin1String("threshold")) return DagView::tr("at least %1").arg(gate[QStringLiteral("threshold")].toDouble());
    if (op == QLatin1String("weighted_sum")) return DagView::tr("weighted ≥ %1").arg(gate[QStringLiteral("threshold")].toDouble());
    return op;
}

}  // namespace

DagView::DagView(QWidget* parent) : QWidget(parent) {
    setAccessibleName(tr("Drawing of the computation"));
}

void DagView::setComputation(const QJsonObject& computation) {
    nodes_.clear();
    edges_.clear();
    note_.clear();
    walk_ = false;
    const auto machine = readComputation(fromQt(computation));
    if (!machine) {
        note_ = tr("not drawn");
    } else if ((*machine)->steps() > kMostSteps) {
        note_ = tr("%1 steps: too many to draw").arg((*machine)->steps());
    } else {
        const QJsonObject compiled = toQt((*machine)->toJson());
        compiled[QStringLiteral("type")].toString() == QLatin1String("dag") ? buildGates(compiled) : buildWalk(compiled);
    }
    layOut();
    update();
}

void DagView::buildGates(const QJsonObject& dag) {
    std::map<QString, std::size_t> place;
    const QJsonArray questions = dag[QStringLiteral("questions")].toArray(), gates = dag[QStringLiteral("gates")].toArray();
    const int shown = std::min<int>(static_cast<int>(questions.size()), kMostShown);
    for (int i = 0; i < shown; ++i) {
        const QJsonObject one = questions.at(i).toObject();
        place[one[QStringLiteral("id")].toString()] = nodes_.size();
        nodes_.push_back({one[QStringLiteral("text")].toString(one[QStringLiteral("id")].toString()), one[QStringLiteral("probability")].toDouble()});
    }
    if (shown < questions.size()) note_ = tr("%1 more questions are not drawn").arg(questions.size() - shown);
    const QString output = dag[QStringLiteral("output")].toString(gates.isEmpty() ? questions.last().toObject()[QStringLiteral("id")].toString() : gates.last().toObject()[QStringLiteral("id")].toString());
    // Gates may stand in any order: go on while one can be placed.
    std::vector<bool> done(static_cast<std::size_t>(gates.size()), false);
    for (bool moved = true; moved;) {
        moved = false;
        for (int i = 0; i < gates.size(); ++i) {
            const QJsonObject gate = gates.at(i).toObject();
            const QJsonArray inputs = gate[QStringLiteral("inputs")].toArray();
            const auto known = [&](const QJsonValue& id) { return place.contains(id.toString()) || std::ranges::any_of(questions, [&](const QJsonValue& q) { return q.toObject()[QStringLiteral("id")] == id; }); };
            if (done[static_cast<std::size_t>(i)] || !std::ranges::all_of(inputs, known)) continue;
            Node node{gateText(gate), -1, gate[QStringLiteral("id")].toString() == output, 1};
            for (const auto& id : inputs)
                if (const auto found = place.find(id.toString()); found != place.end()) {
                    node.layer = std::max(node.layer, nodes_[found->second].layer + 1);
                    edges_.push_back({found->second, nodes_.size()});
                }
            place[gate[QStringLiteral("id")].toString()] = nodes_.size();
            nodes_.push_back(node);
            done[static_cast<std::size_t>(i)] = moved = true;
        }
    }
    if (const auto found = place.find(output); found != place.end()) nodes_[found->second].output = true;
}

void DagView::buildWalk(const QJsonObject& computation) {
    walk_ = true;
    const QJsonArray states = computation[QStringLiteral("states")].toArray();
    if (states.isEmpty()) {
        note_ = tr("%1 generations of up to %2, each with up to %3 offspring").arg(computation[QStringLiteral("generations")].toInt()).arg(computation[QStringLiteral("cap")].toInt()).arg(computation[QStringLiteral("offspring")].toInt());
        return;
    }
    if (states.size() > kMostShown + 1) {
        note_ = tr("%1 states").arg(states.size());
        return;
    }
    std::map<QString, std::size_t> place;
    for (const auto& state : states) {
        place[state.toObject()[QStringLiteral("name")].toString()] = nodes_.size();
        nodes_.push_back({state.toObject()[QStringLiteral("name")].toString(), -1, state.toObject()[QStringLiteral("accept")].toBool()});
    }
    for (const auto& value : states) {
        const QJsonObject state = value.toObject();
        for (const char* way : {"yes", "no"})
            if (const auto to = place.find(state[QLatin1String(way)].toString()); to != place.end()) edges_.push_back({place[state[QStringLiteral("name")].toString()], to->second, QLatin1String(way)});
    }
}

void DagView::layOut() {
    if (walk_) {
        for (std::size_t i = 0; i < nodes_.size(); ++i) {
            const double angle = 2 * M_PI * static_cast<double>(i) / static_cast<double>(nodes_.size()) - M_PI / 2;
            nodes_[i].at = {0.5 + 0.5 * std::cos(angle), 0.5 + 0.5 * std::sin(angle)};
        }
        return;
    }
    int layers = 0;
    for (const Node& node : nodes_) layers = std::max(layers, node.layer);
    for (int layer = 0; layer <= layers; ++layer) {
        std::vector<Node*> column;
        for (Node& node : nodes_)
            if (node.layer == layer) column.push_back(&node);
        for (std::size_t i = 0; i < column.size(); ++i)
            column[i]->at = {layers == 0 ? 0.5 : static_cast<double>(layer) / layers, (static_cast<double>(i) + 0.5) / static_cast<double>(column.size())};
    }
}

QPointF DagView::toWidget(const QPointF& at) const {
    const double side = walk_ ? 30 : kNodeWidth / 2 + 6, top = walk_ ? 26 : 8;
    return {side + at.x() * (width() - 2 * side), top + at.y() * (height() - 2 * top)};
}

void DagView::paintNode(QPainter& painter, const Node& node) const {
    const QPointF middle = toWidget(node.at);
    const bool gate = node.probability < 0;
    const double w = walk_ ? 40 : kNodeWidth;
    const QRectF box(middle.x() - w / 2, middle.y() - kNodeHeight / 2, w, kNodeHeight);
    const QColor accent = style::okabeIto()[node.output ? 2 : gate ? 0 : 4];
    painter.setPen(QPen(node.output ? accent : style::mix(palette().color(QPalette::Base), palette().color(QPalette::Text), 0.35), node.output ? 2 : 1));
    painter.setBrush(style::mix(palette().color(QPalette::Base), accent, gate || node.output ? 0.25 : 0.12));
    painter.drawRoundedRect(box, gate ? 9 : 3, gate ? 9 : 3);
    painter.setPen(palette().color(QPalette::Text));
    const QString number = gate ? QString() : QStringLiteral(" %1").arg(node.probability, 0, 'g', 3);
    const QString text = fontMetrics().elidedText(node.text, Qt::ElideRight, static_cast<int>(w) - 10 - fontMetrics().horizontalAdvance(number));
    painter.drawText(box, Qt::AlignCenter, text + number);
}

void DagView::paintEdge(QPainter& painter, const Edge& edge) const {
    QPointF from = toWidget(nodes_[edge.from].at), to = toWidget(nodes_[edge.to].at);
    if (!walk_) {
        from.rx() += kNodeWidth / 2;
        to.rx() -= kNodeWidth / 2;
        QPainterPath path(from);
        const double bend = (to.x() - from.x()) / 2;
        path.cubicTo(from + QPointF(bend, 0), to - QPointF(bend, 0), to);
        painter.drawPath(path);
        return;
    }
    if (edge.from == edge.to) {
        painter.drawEllipse(from + QPointF(0, -16), 8, 8);
        return;
    }
    const QPointF way = to - from;
    const double length = std::hypot(way.x(), way.y());
    const QPointF unit = way / length, side(-unit.y(), unit.x());
    const QPointF start = from + unit * 20 + side * 4, end = to - unit * 22 + side * 4;
    painter.drawLine(start, end);
    painter.drawLine(end, end - unit * 7 + side * 3);
    painter.drawLine(end, end - unit * 7 - side * 3);
}

void DagView::paintEvent(QPaintEvent*) {
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    const QColor yes = style::okabeIto()[2], no = style::okabeIto()[1], plain = style::mix(palette().color(QPalette::Window), palette().color(QPalette::WindowText), 0.4);
    for (const Edge& edge : edges_) {
        painter.setBrush(Qt::NoBrush);
        painter.setPen(QPen(edge.text.isEmpty() ? plain : edge.text == QLatin1String("yes") ? yes : no, 1.1));
        paintEdge(painter, edge);
    }
    for (const Node& node : nodes_) paintNode(painter, node);
    const QString legend = walk_ && !nodes_.empty() ? tr("green: yes, orange: no; framed states accept") : QString();
    painter.setPen(style::subtleText(palette()));
    painter.drawText(rect().adjusted(4, 2, -4, -2), Qt::AlignBottom | Qt::AlignHCenter, note_.isEmpty() ? legend : note_);
}

}  // namespace driftscope::debate
