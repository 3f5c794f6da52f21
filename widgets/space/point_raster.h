#pragma once

#include <QImage>
#include <QPoint>
#include <QRgb>
#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "widgets/space/disc_stamp.h"
#include "widgets/space/point_cloud.h"
#include "widgets/space/point_style.h"
#include "widgets/space/projection.h"

namespace driftscope::space {

/// Colours by code, for each way a point can stand out or step back. All opaque.
struct ColourTable {
    std::vector<QRgb> normal;  ///< one per code; the other lists are as long
    std::vector<QRgb> faded;   ///< normal points while something else is selected
    std::vector<QRgb> dimmed;  ///< filtered out
    QRgb background = 0xFFFFFFFFU;
    QRgb selectedLine = 0xFF000000U;  ///< outline of selected and emphasised discs
    bool outlines = true;             ///< discs of unselected points get a darker rim too
};

/// What one picture shows. Sizes are device pixels.
struct RasterFrame {
    QSize size;
    ViewTransform view;
    float radius = 1;                          ///< of a point
    bool discs = false;                        ///< antialiased discs; otherwise squares of 2 radius pixels
    bool density = false;                      ///< shade squares by the number of points in the pixel (log)
    unsigned prefix = PointCloud::kBlockSize;  ///< points drawn per block; fewer is an unbiased sample
    const QImage* base =
        nullptr;  ///< what lies under the points, with the margin of PixelGrid; null is plain background
};

/// Draws points on the CPU: one sequential pass writes the rank of the topmost point into an id buffer, one pass over
/// the pixels turns ranks into colours. Picking reads the id buffer, and a change of colours needs no work per point.
/// A picture is made in slices (begin, advance...); the last finished one stays visible and pickable meanwhile. Threads
/// share it out by bands of rows: within a band points are drawn in one fixed order, so any team gives the same picture.
class PointRaster {
  public:
    using Deadline = std::chrono::steady_clock::time_point;

    /// Threads to draw with; none draws on the caller's alone.
    void setTeam(std::shared_ptr<ThreadTeam> team);
    void setCloud(std::shared_ptr<const PointCloud> cloud);
    const std::shared_ptr<const PointCloud>& cloud() const { return cloud_; }
    PointStyle& style() { return style_; }
    const PointStyle& style() const { return style_; }
    void setColours(ColourTable colours);
    const ColourTable& colours() const { return colours_; }

    /// Starts a picture, dropping one in progress.
    void begin(const RasterFrame& frame);
    /// Goes on until done (true: it is now the visible picture) or past the deadline (false).
    bool advance(Deadline deadline);
    bool inProgress() const { return stage_ != Stage::Idle; }
    /// Recolours the visible picture from its id buffer; no work per point. False when that is not possible (discs were
    /// blended, or states changed what lies on top): begin a new picture then.
    bool recolour(const QImage* base);

    /// The visible picture: size() pixels starting at (PixelGrid::kMargin, PixelGrid::kMargin).
    const QImage& image() const { return front_.image; }
    const RasterFrame& frame() const { return front_.frame; }
    /// Id of the point nearest to a pixel within `reach` pixels, the topmost at the pixel itself. Dimmed ones do not
    /// count.
    std::optional<std::uint32_t> pick(const QPoint& pixel, int reach) const;
    /// Points drawn into the visible picture, before overdraw.
    std::size_t drawn() const { return front_.drawn; }
    /// What the points alone took, when the visible picture was drawn in one go.
    std::chrono::steady_clock::duration drawingTime() const { return drawingTime_; }
    /// Puts new colours into drawing order, up to the deadline; true when done.
    bool settleColours(Deadline deadline) { return style_.settle(deadline); }

  private:
    enum class Stage { Idle, Points, Resolve, Emphasis };
    struct Pass {
        StyleWord mask, value;
    };
    struct Picture {
        RasterFrame frame;
        PixelGrid grid;
        QImage image;
        std::vector<Rank> ids;
        std::vector<std::uint16_t> counts;  ///< points per cell, saturating; only for density
        std::size_t drawn = 0;
        // Half of a typical embedding is empty: tiles that no point touched are neither cleared nor resolved again.
        std::vector<std::uint8_t> touched;  ///< per tile: holds points of this picture
        std::vector<std::uint8_t> stale;    ///< per tile: the image shows something older there
        Rank none = 0;                      ///< what empty cells of ids hold
        QRgb ground = 0;                    ///< what the image shows where it is neither touched nor stale
        bool based = false;                 ///< ... or a base picture
    };

    /// Rows of tiles that one thread draws at a time, with the blocks that reach into them in drawing order.
    struct Band {
        int top = 0, bottom = 0;  ///< rows of tiles, bottom exclusive
        std::vector<std::uint32_t> blocks;
        std::size_t pass = 0, next = 0;  ///< how far it has come
        std::size_t drawn = 0;
    };
    /// Rows of tiles a block may touch.
    struct TileRows {
        std::uint16_t top = 1, bottom = 0;  ///< inclusive; none when top > bottom
    };

    static constexpr int kTileWidth = 64, kTileHeight = 32;

    static int tilesAcross(const PixelGrid& grid);
    static int tilesDown(const PixelGrid& grid);
    int reach() const;      ///< pixels from a point's pixel to the edge of its stamp
    int stampSize() const;  ///< side of the squares, pixels
    void prepare(Picture& picture) const;
    void clearTouched(Picture& picture) const;
    static TileRows tileRows(const PixelGrid& grid, const BlockOnGrid& placed, int reach);
    static void markTiles(Picture& picture, const BlockOnGrid& placed, int reach, int top, int bottom);
    void planBands();
    bool drawPoints(Deadline deadline);
    void drawBand(std::size_t number, Deadline deadline);
    void drawBlock(std::size_t number, std::size_t index, const Pass& pass);
    void stampBlock(const Block& block, const Pass& pass, int count);
    void splatBlock(std::size_t number, const Block& block, const BlockOnGrid& placed, const Pass& pass, bool check,
                    int count);
    void resolve(Picture& picture) const;
    void resolveTiles(Picture& picture, const std::vector<std::uint32_t>& shares, int row) const;
    void resolveSpan(const Picture& picture, const std::vector<std::uint32_t>& shares, QRgb* pixels, std::size_t begin,
                     std::size_t count) const;
    /// Colours of points whose codes are not in drawing order yet.
    void lookUpColours(const Picture& picture, QRgb* pixels, std::size_t begin, std::size_t end) const;
    /// Weight of the point colour against the background (0..256) by points per pixel, logarithmic.
    std::vector<std::uint32_t> densityShares(const Picture& picture) const;
    void drawEmphasised();
    /// Rebuilds palette_ when colours or the presence of a selection changed.
    void updatePalette();
    QRgb lineOf(StyleWord word, QRgb fill) const;

    std::shared_ptr<ThreadTeam> team_;
    std::shared_ptr<const PointCloud> cloud_;
    PointStyle style_;
    ColourTable colours_;
    std::vector<QRgb> palette_;  ///< colour of every style word
    bool paletteFades_ = false;
    Picture front_, back_;
    Stage stage_ = Stage::Idle;
    std::chrono::steady_clock::duration drawingTime_{};
    std::vector<Pass> passes_;
    std::vector<Band> bands_;
    std::vector<TileRows> rowsOfBlock_;  ///< working space of planBands()
    std::optional<DiscStamp> stamp_;
};

}  // namespace driftscope::space
