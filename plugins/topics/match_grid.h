#pragma once

#include <optional>
#include <vector>

#include "core/topics/view/run_matching.h"
#include "plugins/topics/picture_view.h"

class QScrollBar;

namespace driftscope::topics {

class Comparison;
class Workspace;

/// Matched topics as rows and runs as columns, as TopicCheck shows them: a cell holds the topic's native number and first words,
/// coloured by how similar it is to the rest of its row; a blank says that the run did not recover the topic.
class MatchGrid : public PictureView {
    Q_OBJECT
  public:
    MatchGrid(Workspace& workspace, Comparison& comparison, QWidget* parent = nullptr);

    void setThreshold(double threshold);
    double threshold() const { return threshold_; }
    const std::vector<MatchedTopic>& rows() const { return rows_; }
    std::size_t recoveredByAll() const;

    bool isEmpty() const override { return rows_.empty(); }
    QString csv() const override;
    QSize pictureSize() const override;  ///< all rows, not only those in view

  Q_SIGNALS:
    void topicChosen(const QString& folder, std::uint32_t topic);

  protected:
    void draw(QPainter& painter, const QSizeF& size, const QPalette& palette) const override;
    void resizeEvent(QResizeEvent* event) override;
    void wheelEvent(QWheelEvent* event) override;
    void mousePressEvent(QMouseEvent* event) override;
    void mouseDoubleClickEvent(QMouseEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;
    bool event(QEvent* event) override;

  private:
    struct Place {
        std::size_t row = 0, run = 0;
    };
    void refresh();
    void layoutBar();
    double rowHeight() const;
    double headHeight() const;
    double columnWidth(double width) const;
    std::optional<Place> placeAt(const QPointF& point) const;
    double cellSimilarity(const MatchedTopic& row, std::size_t run) const;
    QString gist(std::size_t run, std::uint32_t topic, std::size_t count) const;
    void drawHead(QPainter& painter, const QSizeF& size, const QPalette& palette) const;
    void drawRow(QPainter& painter, std::size_t row, double top, const QSizeF& size, const QPalette& palette) const;

    Workspace& workspace_;
    Comparison& comparison_;
    QScrollBar* bar_;
    double threshold_ = 0.3;
    std::vector<MatchedTopic> rows_;
};

}  // namespace driftscope::topics
