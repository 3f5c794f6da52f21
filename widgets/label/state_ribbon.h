#pragma once

#include <QWidget>
#include <cstdint>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "core/label/label_schema.h"
#include "widgets/label/ribbon_runs.h"

namespace driftscope::label {

/// The states of one trajectory along its steps: labels by hand are solid, predictions hatched and the paler the less
/// sure. A click goes to a step, a drag marks an interval, which stays until it is cleared. With the focus: arrows,
/// Home and End go; with Shift they mark; Escape clears.
class StateRibbon : public QWidget {
    Q_OBJECT
  public:
    explicit StateRibbon(QWidget* parent = nullptr);
    ~StateRibbon() override;

    void setSchema(const LabelSchema& schema);
    void setSteps(std::vector<RibbonStep> steps);  ///< any order; empty: nothing selected
    void setCurrentStep(std::int64_t step);
    std::int64_t currentStep() const;
    /// What a step is called: "frame".
    void setStepName(const QString& name);
    /// What to read while there are no steps.
    void setEmptyText(const QString& text);

    std::optional<std::pair<std::int64_t, std::int64_t>> interval() const;  ///< first and last marked step, inclusive
    void setInterval(std::int64_t first, std::int64_t last);
    void clearInterval();

    /// The middle of a step in widget coordinates, and the step at an x.
    double xOf(std::int64_t step) const;
    std::int64_t stepAt(double x) const;

    QSize sizeHint() const override;
    QSize minimumSizeHint() const override;

  Q_SIGNALS:
    void stepClicked(std::int64_t step);
    void intervalMarked(std::int64_t first, std::int64_t last);
    void intervalCleared();

  protected:
    void paintEvent(QPaintEvent* event) override;
    void mousePressEvent(QMouseEvent* event) override;
    void mouseMoveEvent(QMouseEvent* event) override;
    void mouseReleaseEvent(QMouseEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;
    bool event(QEvent* event) override;

  private:
    QRectF band() const;
    void paintRuns(QPainter& painter) const;
    void paintRun(QPainter& painter, const RibbonRun& run) const;
    void paintNames(QPainter& painter) const;
    void paintName(QPainter& painter, const RibbonRun& span) const;
    QRectF boxOf(std::int64_t first, std::int64_t last) const;
    void paintAxis(QPainter& painter) const;
    void paintInterval(QPainter& painter) const;
    void paintCursor(QPainter& painter) const;
    void go(std::int64_t step);
    void stretch(std::int64_t to);
    QString describe(std::int64_t step) const;
    void announce();

    struct State;
    std::unique_ptr<State> state_;
};

}  // namespace driftscope::label
