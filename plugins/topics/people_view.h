#pragma once

#include <QWidget>

class QComboBox;
class QTabWidget;

namespace driftscope::topics {

class Judgements;
class RatingView;
class ResultsView;
class Workspace;

/// People judge topics: ratings, word intrusion, and what comes of them. Several raters take turns.
class PeopleView : public QWidget {
    Q_OBJECT
  public:
    PeopleView(Workspace& workspace, Judgements& judgements, QWidget* parent = nullptr);
    RatingView& rating() const { return *rating_; }
    RatingView& intrusion() const { return *intrusion_; }
    ResultsView& results() const { return *results_; }
    void showRating();
    void showIntrusion();
    void showResults();
    int page() const;
    void setPage(int page);

  Q_SIGNALS:
    void failed(const QString& text);

  private:
    void refreshRaters();

    Judgements& judgements_;
    QComboBox* rater_;
    QTabWidget* tabs_;
    RatingView *rating_, *intrusion_;
    ResultsView* results_;
};

}  // namespace driftscope::topics
