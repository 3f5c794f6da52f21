#pragma once

#include <QColor>
#include <QString>
#include <memory>
#include <vector>

#include "widgets/plot/plot_widget.h"

class QCheckBox;
class QCPAbstractLegendItem;
class QCPItemRect;
class QCPItemStraightLine;
class QSlider;
class QTimer;

namespace driftscope::plot {

class LineCurve;

/// Named curves over one x axis: training metrics that grow while a job runs, or finished series with bands. A million
/// points per curve stay fluid (drawn as one minimum and maximum per pixel column).
class LinePlot : public PlotWidget {
    Q_OBJECT
  public:
    explicit LinePlot(QWidget* parent = nullptr);
    ~LinePlot() override;

    /// Makes the curve if needed and gives it a colour; an invalid colour takes the next of the categorical palette.
    void setCurveColor(const QString& curve, const QColor& color);
    /// Adds one point; the curve is made on first use. Redraws are bundled, at most 25 a second.
    void append(const QString& curve, double x, double y);
    /// Replaces a curve; `lower` and `upper` (both empty or as long as x) draw a band.
    void setCurve(const QString& curve, const std::vector<double>& x, const std::vector<double>& y,
                  const std::vector<double>& lower = {}, const std::vector<double>& upper = {});
    void removeCurve(const QString& curve);
    void clear();
    QStringList curves() const;
    /// Points of one curve, 0 for an unknown name.
    int size(const QString& curve) const;

    void setLogX(bool on);
    void setLogY(bool on);
    /// Weight of the past in an exponential moving average, 0 (none) to 0.99, debiased at the start; the raw curve
    /// stays faint.
    void setSmoothing(double weight);
    double smoothing() const { return smoothing_; }
    void setCurveVisible(const QString& curve, bool visible);
    bool isCurveVisible(const QString& curve) const;
    void setLegendVisible(bool visible);
    /// Smoothing slider and log switch under the plot; off at first.
    void setControlsVisible(bool visible);
    /// Stretches of x behind the curves, such as the phases of an alternating training. Each name is told in the read-out.
    struct Span {
        double from = 0, to = 0;
        QColor color;
        QString name = {};
    };
    void setSpans(std::vector<Span> spans);
    /// The y axis shows at least this while nobody zooms: 0 to 100 for shares in percent. low >= high: what the data need.
    void setYIncludes(double low, double high);
    /// A disc at every point, for few points.
    void setMarksVisible(bool visible);
    /// A vertical line, for example at the current frame; NaN removes it.
    void setMarker(double x);

    bool isEmpty() const override;
    QString csv() const override;

  Q_SIGNALS:
    void xClicked(double x);

  protected:
    void restyle(const QPalette& palette) override;
    void fitRanges() override;
    std::optional<ReadOut> readOut(const QPointF& pixel) const override;
    void fillMenu(QMenu& menu) override;
    void clicked(const QPointF& pixel) override;

  private:
    LineCurve& curve(const QString& name);
    LineCurve* find(const QString& name) const;
    void buildControls();
    void legendClicked(QCPAbstractLegendItem* item);
    void refreshLegend();
    void refreshNote();
    void refresh();

    std::vector<std::unique_ptr<LineCurve>> curves_;
    QWidget* controls_ = nullptr;
    QSlider* smoothingSlider_ = nullptr;
    QCheckBox* logY_ = nullptr;
    QTimer* pending_;
    double smoothing_ = 0;
    QCPItemStraightLine* marker_;
    std::vector<Span> spans_;
    std::vector<QCPItemRect*> spanItems_;
    bool marks_ = false;
    double yLow_ = 0, yHigh_ = 0;
    bool legend_ = true;
};

}  // namespace driftscope::plot
