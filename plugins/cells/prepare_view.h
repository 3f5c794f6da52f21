#pragma once

#include <QJsonObject>
#include <QTimer>
#include <QWidget>
#include <memory>

#include "core/io/time_lapse.h"

class QComboBox;
class QLabel;
class QPushButton;
class QSpinBox;

namespace driftscope {
class JobRunner;
}
namespace driftscope::form {
class ParamForm;
}
namespace driftscope::image {
class TimeLapseView;
}
namespace driftscope::plot {
class LinePlot;
}

namespace driftscope::cells {

class StepsView;
class Workflow;

/// A movie without cells yet: two questions (which channel, how large is a cell), the segmentation they give over the
/// movie, and one button that starts the way to the map; then the steps with their progress and the loss curve.
class PrepareView : public QWidget {
    Q_OBJECT
  public:
    PrepareView(Workflow& workflow, JobRunner& jobs, std::uint64_t cacheBytes, QWidget* parent = nullptr);
    ~PrepareView() override;

    void setImages(std::shared_ptr<const io::TimeLapse> images, const QString& title);
    void clear();
    /// Parameters for cells.segment, from the questions and the form.
    QJsonObject segmentParameters() const;

  Q_SIGNALS:
    void startRequested(const QJsonObject& segment, bool onlyTrack);

  private:
    QWidget* buildQuestions();
    void buildCurve(QWidget* side);
    void sizeAnswered();
    void preview();
    void followSteps();

    Workflow& workflow_;
    JobRunner& jobs_;
    std::shared_ptr<const io::TimeLapse> images_;
    image::TimeLapseView* view_;
    QLabel* title_;
    QComboBox* channel_;
    QSpinBox* diameter_;
    form::ParamForm* form_;
    QWidget* questions_;
    QPushButton* start_;
    StepsView* steps_;
    plot::LinePlot* curve_;
    QTimer debounce_;
    QString trainJob_;
};

}  // namespace driftscope::cells
