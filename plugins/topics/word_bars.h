#pragma once

#include <vector>

#include "plugins/topics/picture_view.h"

namespace driftscope::topics {

class TopicLabels;
class Workspace;

/// The words of the chosen topic by relevance, or the most salient words of all when none is chosen: how often each occurs in
/// the corpus (pale) and how often the topic accounts for it (in its colour), as LDAvis draws them. Click chooses a word.
class WordBars : public PictureView {
    Q_OBJECT
  public:
    WordBars(Workspace& workspace, TopicLabels& labels, QWidget* parent = nullptr);

    double lambda() const { return lambda_; }
    void setLambda(double lambda);
    /// Words as shown, best first.
    const std::vector<std::uint32_t>& words() const { return words_; }

    bool isEmpty() const override { return words_.empty(); }
    QString csv() const override;
    QSize sizeHint() const override { return {320, 520}; }
    QSize minimumSizeHint() const override { return {200, 200}; }

  protected:
    void draw(QPainter& painter, const QSizeF& size, const QPalette& palette) const override;
    void mousePressEvent(QMouseEvent* event) override;
    bool event(QEvent* event) override;

  private:
    void refresh();
    double rowHeight(const QSizeF& size) const;
    int rowAt(const QPointF& point) const;
    double corpusCount(std::uint32_t word) const;  ///< tokens; shares when there is no corpus
    double topicCount(std::uint32_t word) const;   ///< tokens the topic accounts for
    double total() const;
    void drawRow(QPainter& painter, std::size_t row, const QRectF& box, double names, double perToken, const QPalette& palette) const;

    Workspace& workspace_;
    TopicLabels& labels_;
    double lambda_ = 0.6;  // what Sievert and Shirley's users read best
    std::vector<std::uint32_t> words_;
    std::vector<float> phi_;  ///< p(word | topic) of the chosen topic with what is merged into it
    double share_ = 0;        ///< of that topic
};

}  // namespace driftscope::topics
