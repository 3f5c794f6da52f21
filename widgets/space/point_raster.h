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
/// A picture is made in slices (begin, advance...); the last finished one stays visible and pickable meanwhile.
class PointRaster {
  public:
    using Deadline = std::chrono::steady_clock::time_point;

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

    static constexpr int kTileWidth = 64, kTileHeight = 32;

    static int tilesAcross(const PixelGrid& grid);
    static int tilesDown(const PixelGrid& grid);
    void prepare(Picture& picture) const;
    void clearTouched(Picture& picture) const;
    static void markTiles(Picture& picture, const BlockOnGrid& placed, int reach);
    bool drawPoints(Deadline deadline);
    void drawBlock(std::size_t index, const Pass& pass);
    void stampBlock(const Block& block, const Pass& pass, int count);
    void splatBlock(const Block& block, const BlockOnGrid& placed, const Pass& pass, bool check, int count);
    void resolve(Picture& picture) const;
    void resolveSpan(const Picture& picture, const std::vector<std::uint32_t>& shares, QRgb* pixels, std::size_t begin,
                     std::size_t count) const;
    /// Weight of the point colour against the background (0..256) by points per pixel, logarithmic.
    static std::vector<std::uint32_t> densityShares(const Picture& picture);
    void drawEmphasised();
    /// Rebuilds palette_ when colours or the presence of a selection changed.
    void updatePalette();
    QRgb lineOf(StyleWord word, QRgb fill) const;

    std::shared_ptr<const PointCloud> cloud_;
    PointStyle style_;
    ColourTable colours_;
    std::vector<QRgb> palette_;  ///< colour of every style word
    bool paletteFades_ = false;
    Picture front_, back_;
    Stage stage_ = Stage::Idle;
    std::vector<Pass> passes_;
    std::size_t pass_ = 0;
    std::size_t block_ = 0;
    std::optional<DiscStamp> stamp_;
};

}  // namespace driftscope::space
