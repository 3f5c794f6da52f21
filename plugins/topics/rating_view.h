#pragma once

#include <QWidget>
#include <memory>
#include <vector>

class QLabel;
class QProgressBar;
class QPushButton;

namespace driftscope::topics {

class Judgements;
struct TopicData;

/// One question after the other, in an order of the rater's own: how related are the words of a topic (keys 1 to 3), or which of
/// six words does not belong (keys 1 to 6). Numbers, names and scores of topics are not shown: they would sway the answer.
class RatingView : public QWidget {
    Q_OBJECT
  public:
    enum class Task { Rating, Intrusion };

    RatingView(Judgements& judgements, Task task, QWidget* parent = nullptr);
    std::uint32_t topic() const;  ///< of the question that is shown; for tests
    bool isFinished() const { return at_ >= order_.size(); }
    int answered() const;
    /// Shows the question about this topic again.
    void goTo(std::uint32_t topic);
    void step(int by);

  Q_SIGNALS:
    void failed(const QString& text);

  protected:
    void keyPressEvent(QKeyEvent* event) override;
    void showEvent(QShowEvent* event) override;

  private:
    QWidget* buildCard();
    void restart();
    void refresh();
    void refreshButtons();
    void answer(int which);
    int given(std::uint32_t topic) const;

    Judgements& judgements_;
    Task task_;
    std::vector<std::uint32_t> order_;  ///< topics (rating) or items (intrusion)
    std::size_t at_ = 0;
    std::shared_ptr<const TopicData> shown_;  ///< the run asked about
    QLabel *question_, *words_, *hint_, *progressText_;
    std::vector<QPushButton*> buttons_;
    QPushButton *back_, *skip_;
    QProgressBar* progress_;
};

}  // namespace driftscope::topics
