#pragma once

#include <QWidget>
#include <memory>
#include <stop_token>
#include <vector>

#include "core/table/embedding_table.h"

class QComboBox;
class QLabel;

namespace driftscope {
class EmbeddingView2D;
}

namespace driftscope::topics {

class Comparison;
class TopicLabels;
class Workspace;

/// Documents by their topics (theta), or topics by their words (beta) of the open run or of all compared ones, in the shared
/// embedding view; projected in the background.
class SpaceView : public QWidget {
    Q_OBJECT
  public:
    SpaceView(Workspace& workspace, TopicLabels& labels, Comparison& comparison, QWidget* parent = nullptr);
    ~SpaceView() override;

    EmbeddingView2D& map() const { return *map_; }
    QString csv() const;
    QString provenance() const;
    QJsonObject saveState() const;
    void restoreState(const QJsonObject& state);

  Q_SIGNALS:
    void failed(const QString& text);

  protected:
    void showEvent(QShowEvent* event) override;

  private:
    enum What { Documents, Topics, AllTopics };
    enum How { Pca, Umap };
    struct TopicOfRun {
        std::size_t run;
        std::uint32_t topic;
    };
    What what() const;
    void request();
    void fillColours();
    void showColours();
    void follow();
    QString describe(std::uint32_t point) const;

    Workspace& workspace_;
    TopicLabels& labels_;
    Comparison& comparison_;
    QComboBox *what_, *how_, *colour_;
    QLabel* note_;
    EmbeddingView2D* map_;
    std::stop_source stop_;
    std::uint64_t generation_ = 0;
    bool stale_ = true;
    What shown_ = Documents;
    Matrix places_;
    std::vector<TopicOfRun> points_;  ///< of topics
};

}  // namespace driftscope::topics
