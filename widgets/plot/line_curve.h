#pragma once

#include <QColor>
#include <QString>
#include <QtGlobal>
#include <optional>
#include <vector>

class QCPGraph;
class QCustomPlot;
class QPalette;
class QPointF;

namespace driftscope::plot {

/// One curve of a LinePlot: the raw points, their moving average, and a band. Private to this room.
class LineCurve {
  public:
    LineCurve(QCustomPlot& plot, QString name, QColor color);
    ~LineCurve();
    LineCurve(const LineCurve&) = delete;
    LineCurve& operator=(const LineCurve&) = delete;

    const QString& name() const { return name_; }
    const QColor& color() const { return color_; }
    void setColor(const QColor& color) { color_ = color; }
    void append(double x, double y);
    void set(const std::vector<double>& x, const std::vector<double>& y, const std::vector<double>& lower,
             const std::vector<double>& upper);
    void setSmoothing(double weight);
    void setMarks(bool on) { marks_ = on; }
    void setVisible(bool visible);
    bool visible() const { return visible_; }
    int size() const;
    /// Points a logarithmic axis cannot show.
    int withoutLog(bool logX, bool logY) const { return (logX ? nonPositiveX_ : 0) + (logY ? nonPositiveY_ : 0); }
    void style(const QPalette& palette);
    QCPGraph* legendGraph() const { return shown_; }

    struct Nearest {
        double x, y, distance;  ///< distance in pixels
    };
    std::optional<Nearest> nearest(const QPointF& pixel) const;
    /// "name,x,y,lower,upper" lines.
    void writeCsv(QString& out) const;

  private:
    double average(double y);
    void resmooth();
    void count(double x, double y);
    void applyVisibility();

    QCustomPlot& plot_;
    QString name_;
    QColor color_;
    QCPGraph *lower_, *upper_, *raw_, *shown_;
    std::vector<double> bandX_, bandLower_, bandUpper_;
    double weight_ = 0, mean_ = 0, remaining_ = 1;
    int nonPositiveX_ = 0, nonPositiveY_ = 0;
    bool visible_ = true, marks_ = false;
};

}  // namespace driftscope::plot
