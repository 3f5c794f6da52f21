#pragma once

#include <QJsonObject>
#include <QString>
#include <QWidget>

class QComboBox;
class QLabel;
class QPushButton;
class QTableWidget;

namespace driftscope {
class JobRunner;
}
namespace driftscope::plot {
class LinePlot;
class MatrixPlot;
class ScatterPlot;
}

namespace driftscope::cells {

/// How far the probe can be believed: confusion, scores of each class and calibration on groups it has not seen, and how many
/// labels the queue saves beside random order. Both are jobs; a window of its own, beside the panel.
class EvaluationView : public QWidget {
    Q_OBJECT
  public:
    explicit EvaluationView(JobRunner& jobs, QWidget* parent = nullptr);

    /// What is evaluated: a table, the project's labels, and a schema.
    void setSubject(const QString& table, const QString& labels, const QString& column, const QString& dataset);
    void evaluate();
    void drawCurve();
    const QJsonObject& scores() const { return scores_; }
    const QJsonObject& curve() const { return curve_; }

  private:
    void finished(const QString& job);
    void showScores();
    void showCurve();

    JobRunner& jobs_;
    QString table_, labels_, column_, dataset_, evaluateJob_, curveJob_;
    QJsonObject scores_, curve_;
    QComboBox *groups_, *holdout_;
    QPushButton *evaluate_, *draw_;
    QLabel* summary_;
    plot::MatrixPlot* confusion_;
    plot::ScatterPlot* reliability_;
    plot::LinePlot* learning_;
    QTableWidget* classes_;
};

}  // namespace driftscope::cells
