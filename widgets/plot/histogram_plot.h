#pragma once

#include <QColor>
#include <QString>
#include <vector>

#include "widgets/plot/plot_widget.h"

namespace driftscope::plot {

/// Counts over equal bins, one translucent layer per named group.
class HistogramPlot : public PlotWidget {
    Q_OBJECT
  public:
    explicit HistogramPlot(QWidget* parent = nullptr);

    /// Replaces all groups. All share `bins` equal bins between the smallest and the largest finite value; values that
    /// are not finite are left out and counted in a note. An invalid colour takes the next of the categorical palette.
    struct Group {
        QString name;
        std::vector<double> values;
        QColor color = {};
    };
    void setGroups(const std::vector<Group>& groups, int bins = 50);
    void setValues(const std::vector<double>& values, int bins = 50) { setGroups({{QString(), values}}, bins); }
    /// One group with counts made elsewhere; `edges` has one entry more than `counts`.
    void setCounts(const std::vector<double>& edges, const std::vector<double>& counts, const QString& name = {});
    void clear();
    void setLogCounts(bool on);

    bool isEmpty() const override;
    QString csv() const override;
    const std::vector<double>& edges() const { return edges_; }
    const std::vector<double>& counts(int group) const { return series_[static_cast<std::size_t>(group)].counts; }

  protected:
    void restyle(const QPalette& palette) override;
    void fitRanges() override;
    std::optional<ReadOut> readOut(const QPointF& pixel) const override;
    void fillMenu(QMenu& menu) override;

  private:
    struct Series {
        QString name;
        QColor color;
        std::vector<double> counts;
    };
    void rebuild();

    std::vector<double> edges_;
    std::vector<Series> series_;
    bool logCounts_ = false;
};

}  // namespace driftscope::plot
