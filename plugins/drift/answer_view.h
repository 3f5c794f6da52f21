#pragma once

#include <QWidget>

class QTextBrowser;

namespace driftscope::label {
class LabelHistoryView;
}

namespace driftscope::drift {

class DriftLabels;
class InspectModel;
struct Answer;

/// One sample as a person reads it: what is asked, what the model answers before, now and in the run beside, the verdicts, and
/// who labelled it.
class AnswerView : public QWidget {
    Q_OBJECT
  public:
    AnswerView(InspectModel& model, DriftLabels& labels, QWidget* parent = nullptr);
    QString text() const;

  private:
    void refresh();

    InspectModel& model_;
    DriftLabels& labels_;
    QTextBrowser* text_;
    label::LabelHistoryView* history_;
};

/// An answer as rich text with its verdict.
QString answerHtml(const Answer* answer);

}  // namespace driftscope::drift
