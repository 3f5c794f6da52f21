#pragma once

#include <QColor>
#include <cstdint>
#include <optional>
#include <vector>

#include "plugins/cells/painted_plot.h"

namespace driftscope::cells {

/// The family of one cell: time to the right, a bar per track in the colours of its states, daughters joined to their mother.
class LineageTree : public PaintedPlot {
    Q_OBJECT
  public:
    struct Cell {
        std::uint32_t row;
        std::int64_t frame;
        QColor colour;
        QString state;
    };
    struct Branch {
        QString name;
        int mother = -1;  ///< index of a branch that comes before this one
        std::uint32_t track = 0;
        std::vector<Cell> cells;  ///< by frame
    };
    explicit LineageTree(QWidget* parent = nullptr);

    /// Branches in any order in which mothers come first.
    void setBranches(std::vector<Branch> branches);
    void setCurrent(std::optional<std::uint32_t> track, std::int64_t frame);
    const std::vector<Branch>& branches() const { return branches_; }
    QRectF cellRect(int branch, int cell) const { return cellRect(rect(), branch, cell); }

    bool isEmpty() const override { return branches_.empty(); }
    QString csv() const override;

  Q_SIGNALS:
    void rowClicked(std::uint32_t row);

  protected:
    void paintPlot(QPainter& painter, const QRect& area, const QPalette& colours) const override;
    void mousePressEvent(QMouseEvent* event) override;
    void mouseMoveEvent(QMouseEvent* event) override;

  private:
    double x(const QRect& area, double frame) const;
    double y(const QRect& area, int branch) const;
    QRectF cellRect(const QRect& area, int branch, int cell) const;
    const Cell* cellAt(const QPoint& at, int* branch) const;
    void placeBranches();
    void paintLegend(QPainter& painter, const QRect& area, const QPalette& colours) const;

    std::vector<Branch> branches_;
    std::vector<double> lane_;  ///< of each branch, from 0 at the top
    double lanes_ = 1;
    std::int64_t first_ = 0, last_ = 0;
    std::optional<std::uint32_t> current_;
    std::int64_t frame_ = 0;
};

}  // namespace driftscope::cells
