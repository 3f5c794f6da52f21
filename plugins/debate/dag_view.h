#pragma once

#include <QJsonObject>
#include <QWidget>
#include <vector>

namespace driftscope::debate {

/// A drawing of a computation: questions on the left, gates in layers, the output on the right; for walks, their states and
/// arrows. Long computations show their first and last questions.
class DagView : public QWidget {
    Q_OBJECT
  public:
    explicit DagView(QWidget* parent = nullptr);
    void setComputation(const QJsonObject& computation);
    QSize sizeHint() const override { return {360, 260}; }
    QSize minimumSizeHint() const override { return {180, 120}; }

  protected:
    void paintEvent(QPaintEvent* event) override;

  private:
    struct Node {
        QString text;
        double probability = -1;  ///< of a question; negative for gates and states
        bool output = false;
        int layer = 0;
        QPointF at;               ///< in 0 … 1
    };
    struct Edge {
        std::size_t from, to;
        QString text;
    };
    void buildGates(const QJsonObject& dag);
    void buildWalk(const QJsonObject& computation);
    void layOut();
    QPointF toWidget(const QPointF& at) const;
    void paintNode(QPainter& painter, const Node& node) const;
    void paintEdge(QPainter& painter, const Edge& edge) const;

    std::vector<Node> nodes_;
    std::vector<Edge> edges_;
    bool walk_ = false;
    QString note_;
};

}  // namespace driftscope::debate
