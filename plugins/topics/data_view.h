#pragma once

#include <QWidget>

namespace driftscope::topics {

class CorpusBox;
class TrainBox;
class TrainingView;
class Workspace;

/// Where texts become a corpus, and a corpus becomes topics.
class DataView : public QWidget {
    Q_OBJECT
  public:
    explicit DataView(Workspace& workspace, QWidget* parent = nullptr);
    CorpusBox& corpus() const { return *corpus_; }
    TrainBox& train() const { return *train_; }
    TrainingView& training() const { return *training_; }

  private:
    CorpusBox* corpus_;
    TrainBox* train_;
    TrainingView* training_;
};

}  // namespace driftscope::topics
