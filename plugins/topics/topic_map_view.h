#pragma once

#include <optional>
#include <vector>

#include "plugins/topics/picture_view.h"

namespace driftscope::topics {

class TopicLabels;
class Workspace;

/// Topics in the plane: near ones have similar words, and the area of a circle is the topic's share of all tokens. While a word
/// is chosen the area is the share of that word instead. Click chooses, wheel zooms, double-click shows all again.
class TopicMapView : public PictureView {
    Q_OBJECT
  public:
    TopicMapView(Workspace& workspace, TopicLabels& labels, QWidget* parent = nullptr);

    bool isEmpty() const override;
    QString csv() const override;
    QSize sizeHint() const override { return {380, 330}; }
    QSize minimumSizeHint() const override { return {200, 180}; }
    /// Where a topic's circle stands, in pixels of the widget; for tests and hints.
    QPointF centre(std::uint32_t topic) const;

  protected:
    void draw(QPainter& painter, const QSizeF& size, const QPalette& palette) const override;
    void mousePressEvent(QMouseEvent* event) override;
    void mouseMoveEvent(QMouseEvent* event) override;
    void mouseReleaseEvent(QMouseEvent* event) override;
    void mouseDoubleClickEvent(QMouseEvent* event) override;
    void wheelEvent(QWheelEvent* event) override;
    void leaveEvent(QEvent* event) override;
    bool event(QEvent* event) override;

  private:
    struct Circle {
        std::uint32_t topic;
        QPointF centre;
        double radius;
    };
    std::vector<Circle> circles(const QSizeF& size) const;  ///< large ones first
    std::vector<double> areas() const;
    std::optional<std::uint32_t> topicAt(const QPointF& point) const;
    void drawLegend(QPainter& painter, const QSizeF& size, const QPalette& palette) const;
    void resetView();

    Workspace& workspace_;
    TopicLabels& labels_;
    std::optional<std::uint32_t> hovered_;
    double zoom_ = 1;
    QPointF shift_, pressed_, dragged_;
    bool dragging_ = false;
};

}  // namespace driftscope::topics
