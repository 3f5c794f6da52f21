#pragma once

#include <QDialog>
#include <QElapsedTimer>

class QLabel;

namespace driftscope::debate {

class ValueSlider;

/// Asks a person one question of the computation: yes, no, or how probable a yes is. Not modal; answers are kept, and each
/// question is asked once.
class OracleDialog : public QDialog {
    Q_OBJECT
  public:
    explicit OracleDialog(QWidget* parent = nullptr);
    void ask(const QString& question, const QString& context);
    QString question() const { return question_; }

  Q_SIGNALS:
    void answered(const QString& question, double probability, double seconds);

  private:
    void answer(double probability);

    QString question_;
    QLabel *text_, *context_;
    ValueSlider* probability_;
    QElapsedTimer shown_;
};

}  // namespace driftscope::debate
