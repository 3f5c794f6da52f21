#pragma once

#include <QPolygonF>
#include <cstdint>
#include <vector>

#include "core/table/selection.h"
#include "widgets/space/point_cloud.h"
#include "widgets/space/projection.h"

namespace driftscope {
class ThreadTeam;
}

namespace driftscope::space {

/// Which pixels a polygon covers (non-zero winding, as a hand-drawn loop is meant), with the pixels its edges touch
/// marked apart: points there are decided by exact geometry, all others by one look-up.
class PolygonMask {
  public:
    enum Cell : std::uint8_t { Outside, Inside, Edge };

    PolygonMask(const QPolygonF& polygon, const PixelGrid& grid);

    Cell cell(std::int32_t index) const { return static_cast<Cell>(cells_[static_cast<std::size_t>(index)]); }
    /// Exact test of a position in pixels, for a point in row `row` of the grid (margin not included).
    bool containsExactly(double x, double y) const;
    const QRectF& bounds() const { return bounds_; }

  private:
    struct Line {
        double x0, y0, x1, y1;
    };
    void fillInside();
    void markEdges();
    int rowOf(double y) const;

    PixelGrid grid_;
    QRectF bounds_;
    std::vector<Line> lines_;
    std::vector<std::vector<std::uint32_t>> linesOfRow_;  ///< lines that touch each row of the grid
    std::vector<std::uint8_t> cells_;
};

/// Ids of the drawable points inside a polygon given in pixels of `view`; those with a flag of `exclude` in their style
/// word are left out. Whole blocks inside or outside are not looked at point by point. A team shares the blocks.
IdSet idsInside(const PointCloud& cloud, std::span<const std::uint16_t> words, std::uint16_t exclude,
                const ViewTransform& view, const QSize& size, const QPolygonF& polygon, ThreadTeam* team = nullptr);

}  // namespace driftscope::space
