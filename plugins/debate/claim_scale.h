#pragma once

#include <QWidget>

#include "core/debate/play.h"

namespace driftscope::debate {

/// Claim and estimates on one line from 0 to 1, each estimate with the reach of its threshold: a claim outside Bob's reach
/// is challenged, one outside Vera's fails. Zooms in when all lie close together.
class ClaimScale : public QWidget {
    Q_OBJECT
  public:
    struct Marks {
        double claim = kNothing;
        double bob = kNothing, bobThreshold = 0;
        double vera = kNothing, veraThreshold = 0;
        double truth = kNothing;
        bool operator==(const Marks&) const = default;
    };
    explicit ClaimScale(QWidget* parent = nullptr);
    void setMarks(const Marks& marks);
    QSize sizeHint() const override;
    QSize minimumSizeHint() const override;

  protected:
    void paintEvent(QPaintEvent* event) override;

  private:
    struct Range {
        double low = 0, high = 1;
    };
    Range range() const;
    double xOf(double value) const;
    void paintAxis(QPainter& painter, double y) const;
    void paintEstimate(QPainter& painter, double y, double value, double reach, const QColor& colour, const QString& name) const;

    Marks marks_;
    Range shown_;
};

}  // namespace driftscope::debate
