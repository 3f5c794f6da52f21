#pragma once

#include <QTableWidget>
#include <memory>

namespace driftscope::debate {

struct Arena;
class SetupModel;

/// The questions of the computation with the probabilities in use, and answers that replace them: typed here, or given by a
/// person while playing.
class AnswersTable : public QTableWidget {
    Q_OBJECT
  public:
    AnswersTable(SetupModel& setup, QString annotator, QWidget* parent = nullptr);
    void setArena(const std::shared_ptr<const Arena>& arena);

  Q_SIGNALS:
    void failed(const QString& text);

  private:
    void edited(QTableWidgetItem* item);

    SetupModel& setup_;
    QString annotator_;
    bool filling_ = false;
};

/// The computation with one more answer; an invalid probability (below 0) takes the answer away.
QJsonObject withAnswer(QJsonObject computation, const QString& question, double probability, const QString& by, double seconds = -1);

}  // namespace driftscope::debate
