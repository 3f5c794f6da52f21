#include "widgets/space/point_raster.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>
#include <utility>

namespace driftscope::space {

namespace {

constexpr StyleWord kLayerMask = kHidden | kDimmed | kSelected;
/// Blocks drawn between two looks at the clock: about 20 microseconds.
constexpr std::size_t kBlocksPerLook = 64;

/// Writes a rank into Size x Size pixels around each cell; later ranks of a block lie below earlier ones, so that a
/// sample (a prefix) and the full picture agree on what is on top.
template <int Size>
void splat(const std::int32_t* cells, int count, Rank first, int stride, Rank* ids) {
    constexpr int kBefore = (Size - 1) / 2;
    for (int i = count - 1; i >= 0; --i) {
        const Rank rank = first + static_cast<Rank>(i);
        Rank* corner = ids + cells[i] - kBefore * stride - kBefore;
        for (int dy = 0; dy < Size; ++dy)
            for (int dx = 0; dx < Size; ++dx) corner[dy * stride + dx] = rank;
    }
}

}  // namespace

int PointRaster::tilesAcross(const PixelGrid& grid) {
    return (grid.stride() + kTileWidth - 1) / kTileWidth;
}

int PointRaster::tilesDown(const PixelGrid& grid) {
    return (grid.rows() + kTileHeight - 1) / kTileHeight;
}

void PointRaster::setCloud(std::shared_ptr<const PointCloud> cloud) {
    cloud_ = std::move(cloud);
    style_.reset(cloud_);
    stage_ = Stage::Idle;
    front_ = {};
}

void PointRaster::begin(const RasterFrame& frame) {
    back_.frame = frame;
    updatePalette();
    prepare(back_);
    passes_.clear();
    const StyleWord any = style_.anyState();
    if (any & kDimmed) passes_.push_back({kHidden | kDimmed, kDimmed});
    passes_.push_back({kLayerMask, 0});
    if (any & kSelected) passes_.push_back({kLayerMask, kSelected});
    pass_ = block_ = 0;
    stamp_.reset();
    if (frame.discs) stamp_.emplace(frame.radius, colours_.outlines ? std::max(0.8F, frame.radius * 0.2F) : 0.0F);
    stage_ = Stage::Points;
}

void PointRaster::prepare(Picture& picture) const {
    const RasterFrame& frame = picture.frame;
    picture.grid = {frame.size.width(), frame.size.height()};
    picture.drawn = 0;
    const QSize padded(picture.grid.stride(), picture.grid.rows());
    const bool based = frame.base != nullptr;
    if (picture.image.size() == padded && picture.none == style_.noRank()) {
        clearTouched(picture);
    } else {
        picture.image = QImage(padded, QImage::Format_RGB32);
        picture.ids.assign(picture.grid.cells(), style_.noRank());
        picture.counts.clear();
        picture.none = style_.noRank();
        const auto tiles = static_cast<std::size_t>(tilesAcross(picture.grid) * tilesDown(picture.grid));
        picture.touched.assign(tiles, 0);
        picture.stale.assign(tiles, 1);
    }
    // A base picture, or another background, concerns every tile.
    if (based || picture.based || picture.ground != colours_.background)
        std::fill(picture.stale.begin(), picture.stale.end(), 1);
    picture.based = based;
    picture.ground = colours_.background;
    if (!frame.density)
        picture.counts.clear();
    else if (picture.counts.empty())
        picture.counts.assign(picture.grid.cells(), 0);
    if (!frame.discs) return;
    std::fill(picture.stale.begin(), picture.stale.end(), 0);  // painted over here, not resolved
    if (frame.base != nullptr)
        std::memcpy(picture.image.bits(), frame.base->constBits(),
                    static_cast<std::size_t>(picture.image.sizeInBytes()));
    else
        picture.image.fill(colours_.background);
}

void PointRaster::clearTouched(Picture& picture) const {
    const PixelGrid& grid = picture.grid;
    const int across = tilesAcross(grid), stride = grid.stride();
    for (std::size_t tile = 0; tile < picture.touched.size(); ++tile) {
        if (picture.touched[tile] == 0) continue;
        const int left = static_cast<int>(tile) % across * kTileWidth,
                  top = static_cast<int>(tile) / across * kTileHeight;
        const int width = std::min(kTileWidth, stride - left);
        for (int y = top; y < std::min(grid.rows(), top + kTileHeight); ++y) {
            const std::ptrdiff_t start = static_cast<std::ptrdiff_t>(y) * stride + left;
            std::fill_n(picture.ids.begin() + start, width, picture.none);
            if (!picture.counts.empty()) std::fill_n(picture.counts.begin() + start, width, std::uint16_t{0});
        }
    }
    // Kept until the image is resolved: a picture may be begun again before that.
    for (std::size_t tile = 0; tile < picture.touched.size(); ++tile)
        picture.stale[tile] |= std::exchange(picture.touched[tile], 0);
}

void PointRaster::markTiles(Picture& picture, const BlockOnGrid& placed, int reach) {
    const PixelGrid& grid = picture.grid;
    const auto tile = [](float pixel, int size, int count) {
        return std::clamp(static_cast<int>(std::clamp(pixel, 0.0F, 1e6F)) / size, 0, count - 1);
    };
    const auto margin = static_cast<float>(reach + 1);
    const int across = tilesAcross(grid), down = tilesDown(grid);
    const int left = tile(placed.x - margin, kTileWidth, across),
              right = tile(placed.x + 65535 * placed.perX + margin, kTileWidth, across);
    const int top = tile(placed.y - 65535 * placed.perY - margin, kTileHeight, down),
              bottom = tile(placed.y + margin, kTileHeight, down);
    for (int y = top; y <= bottom; ++y)
        std::fill_n(picture.touched.begin() + y * across + left, right - left + 1, std::uint8_t{1});
}

bool PointRaster::advance(Deadline deadline) {
    if (stage_ == Stage::Idle) return true;
    if (stage_ == Stage::Points) {
        if (!drawPoints(deadline)) return false;
        stage_ = back_.frame.discs ? Stage::Emphasis : Stage::Resolve;
    }
    if (stage_ == Stage::Resolve) {
        resolve(back_);
        stage_ = Stage::Emphasis;
    }
    drawEmphasised();
    std::swap(front_, back_);
    stage_ = Stage::Idle;
    return true;
}

bool PointRaster::drawPoints(Deadline deadline) {
    const std::size_t blocks = cloud_ ? cloud_->blocks().size() : 0;
    for (; pass_ < passes_.size(); ++pass_, block_ = 0)
        for (; block_ < blocks; ++block_) {
            if (block_ % kBlocksPerLook == kBlocksPerLook - 1 && std::chrono::steady_clock::now() > deadline) {
                drawBlock(block_++, passes_[pass_]);
                return false;
            }
            drawBlock(block_, passes_[pass_]);
        }
    return true;
}

void PointRaster::drawBlock(std::size_t index, const Pass& pass) {
    const PointStyle::BlockStates& states = style_.blockStates(index);
    // Some point can match only if every wanted flag occurs and no unwanted flag is on all points.
    if ((states.any & pass.value) != pass.value || (states.all & pass.mask & ~pass.value) != 0) return;
    const Block& block = cloud_->blocks()[index];
    const BlockOnGrid placed = placeBlock(block, back_.frame.view, back_.grid);
    if (!placed.visible) return;
    const int count = std::min<int>(block.count, static_cast<int>(back_.frame.prefix));
    back_.drawn += static_cast<std::size_t>(count);
    const bool check = (states.any & pass.mask) != pass.value || (states.all & pass.value) != pass.value;
    markTiles(back_, placed, stamp_ ? stamp_->reach() : PixelGrid::kGuard);
    if (stamp_)
        stampBlock(block, pass, count);
    else
        splatBlock(block, placed, pass, check, count);
}

void PointRaster::splatBlock(const Block& block, const BlockOnGrid& placed, const Pass& pass, bool check, int count) {
    std::array<std::int32_t, PointCloud::kBlockSize> cells;
    const PixelGrid& grid = back_.grid;
    projectToCells(*cloud_, block, placed, back_.frame.view, grid, count, cells.data());
    if (check)
        keepMatching(style_.words().data() + block.first, pass.mask, pass.value, grid.bin(), count, cells.data());
    Rank* ids = back_.ids.data();
    switch (std::clamp(static_cast<int>(std::lround(back_.frame.radius * 2)), 1, 5)) {
        case 1:
            splat<1>(cells.data(), count, block.first, grid.stride(), ids);
            break;
        case 2:
            splat<2>(cells.data(), count, block.first, grid.stride(), ids);
            break;
        case 3:
            splat<3>(cells.data(), count, block.first, grid.stride(), ids);
            break;
        case 4:
            splat<4>(cells.data(), count, block.first, grid.stride(), ids);
            break;
        default:
            splat<5>(cells.data(), count, block.first, grid.stride(), ids);
    }
    if (back_.counts.empty()) return;
    for (int i = 0; i < count; ++i) {
        std::uint16_t& points = back_.counts[static_cast<std::size_t>(cells[static_cast<std::size_t>(i)])];
        points = static_cast<std::uint16_t>(points + (points != 0xFFFF));
    }
}

void PointRaster::stampBlock(const Block& block, const Pass& pass, int count) {
    const PixelGrid& grid = back_.grid;
    const ViewTransform& view = back_.frame.view;
    const DiscStamp::Target target{reinterpret_cast<QRgb*>(back_.image.bits()), back_.ids.data(), grid.stride()};
    const float low = static_cast<float>(stamp_->reach());
    const float right = static_cast<float>(grid.stride()) - low - 1, bottom = static_cast<float>(grid.rows()) - low - 1;
    for (int i = count - 1; i >= 0; --i) {
        const Rank rank = block.first + static_cast<Rank>(i);
        const StyleWord word = style_.words()[rank];
        if ((word & pass.mask) != pass.value) continue;
        const std::uint32_t id = cloud_->id(rank);
        const auto x = static_cast<float>(cloud_->x(id) * view.scaleX + view.offsetX + PixelGrid::kMargin);
        const auto y = static_cast<float>(view.offsetY - cloud_->y(id) * view.scaleY + PixelGrid::kMargin);
        if (x < low || x >= right || y < low || y >= bottom) continue;
        stamp_->draw(target, x, y, palette_[word], lineOf(word, palette_[word]), rank);
    }
}

void PointRaster::setColours(ColourTable colours) {
    colours_ = std::move(colours);
    palette_.clear();
}

void PointRaster::updatePalette() {
    const bool fades = (style_.anyState() & kSelected) != 0;
    if (!palette_.empty() && fades == paletteFades_) return;
    paletteFades_ = fades;
    palette_.assign(std::size_t{kCodeMask + 1} * 16, colours_.background);
    for (std::size_t flags = 0; flags < 16; ++flags) {
        const auto state = static_cast<StyleWord>(flags << 12);
        const auto& list = (state & kDimmed)                                   ? colours_.dimmed
                           : fades && (state & (kSelected | kEmphasised)) == 0 ? colours_.faded
                                                                               : colours_.normal;
        std::copy_n(list.begin(), std::min(list.size(), kMaxCodes),
                    palette_.begin() + static_cast<std::ptrdiff_t>(state));
        palette_[flags << 12 | kBackgroundCode] = colours_.background;
    }
}

QRgb PointRaster::lineOf(StyleWord word, QRgb fill) const {
    if (word & kDimmed) return fill;
    if (word & (kSelected | kEmphasised)) return colours_.selectedLine;
    return paletteFades_ ? mixRgb(fill, colours_.background, 96) : mixRgb(fill, 0xFF000000U, 72);
}

void PointRaster::resolve(Picture& picture) const {
    // In tiles, because neighbours on screen are neighbours on the Z-order curve: a tile's words stay in the cache.
    const int stride = picture.grid.stride(), rows = picture.grid.rows(), across = tilesAcross(picture.grid);
    const std::vector<std::uint32_t> shares =
        picture.frame.density ? densityShares(picture) : std::vector<std::uint32_t>();
    auto* pixels = reinterpret_cast<QRgb*>(picture.image.bits());
    for (std::size_t tile = 0; tile < picture.touched.size(); ++tile) {
        if ((picture.touched[tile] | picture.stale[tile]) == 0) continue;
        const int left = static_cast<int>(tile) % across * kTileWidth,
                  top = static_cast<int>(tile) / across * kTileHeight;
        const int width = std::min(kTileWidth, stride - left);
        for (int y = top; y < std::min(rows, top + kTileHeight); ++y)
            resolveSpan(picture, shares, pixels, static_cast<std::size_t>(y * stride + left),
                        static_cast<std::size_t>(width));
    }
    std::fill(picture.stale.begin(), picture.stale.end(), 0);
}

void PointRaster::resolveSpan(const Picture& picture, const std::vector<std::uint32_t>& shares, QRgb* pixels,
                              std::size_t begin, std::size_t count) const {
    const QRgb* base = picture.frame.base ? reinterpret_cast<const QRgb*>(picture.frame.base->constBits()) : nullptr;
    const StyleWord* words = style_.words().data();
    const Rank* ids = picture.ids.data();
    const QRgb* palette = palette_.data();
    const QRgb background = colours_.background;
    const std::size_t end = begin + count;
    // Without a branch per pixel: an empty pixel's rank reads the word that means background.
    for (std::size_t cell = begin; cell < end; ++cell) pixels[cell] = palette[words[ids[cell]]];
    if (!shares.empty()) {
        const std::uint32_t* share = shares.data();
        const std::uint16_t* counts = picture.counts.data();
        const std::size_t last = shares.size() - 1;
        for (std::size_t cell = begin; cell < end; ++cell)
            pixels[cell] = mixRgb(background, pixels[cell], share[std::min<std::size_t>(counts[cell], last)]);
    }
    if (base == nullptr) return;
    for (std::size_t cell = begin; cell < end; ++cell)
        pixels[cell] = ids[cell] == picture.none ? base[cell] : pixels[cell];
}

std::vector<std::uint32_t> PointRaster::densityShares(const Picture& picture) {
    const std::size_t shown =
        static_cast<std::size_t>(picture.grid.stride()) * static_cast<std::size_t>(picture.grid.rows());
    std::uint16_t most = 2;
    for (std::size_t cell = 0; cell < shown; ++cell) most = std::max(most, picture.counts[cell]);
    std::vector<std::uint32_t> shares(std::min<std::size_t>(most, 4095) + 1);
    const double span = std::log1p(static_cast<double>(most));
    for (std::size_t points = 0; points < shares.size(); ++points)
        shares[points] =
            static_cast<std::uint32_t>(std::min(256.0, 56 + 200 * std::log1p(static_cast<double>(points)) / span));
    return shares;
}

bool PointRaster::recolour(const QImage* base) {
    if (front_.image.isNull() || front_.frame.discs || (style_.anyState() & kEmphasised) != 0) return false;
    updatePalette();
    if (base != nullptr || front_.ground != colours_.background) std::fill(front_.stale.begin(), front_.stale.end(), 1);
    front_.frame.base = base;
    front_.ground = colours_.background;
    resolve(front_);
    return true;
}

void PointRaster::drawEmphasised() {
    if ((style_.anyState() & kEmphasised) == 0) return;
    // Larger discs on top of everything, so that the current frame's points are found among a million.
    const float radius = std::clamp(back_.frame.radius * 1.5F + 1.2F, 3.5F, 12.0F);
    const DiscStamp larger(radius, std::max(1.0F, radius * 0.25F));
    stamp_ = larger;
    for (std::size_t b = 0; b < cloud_->blocks().size(); ++b)
        drawBlock(b, {kHidden | kDimmed | kEmphasised, kEmphasised});
    stamp_.reset();
}

std::optional<std::uint32_t> PointRaster::pick(const QPoint& pixel, int reach) const {
    const PixelGrid& grid = front_.grid;
    if (front_.ids.empty() || pixel.x() < 0 || pixel.y() < 0 || pixel.x() >= grid.width || pixel.y() >= grid.height)
        return {};
    int best = reach * reach + 1;
    Rank nearest = style_.noRank();
    for (int dy = -reach; dy <= reach; ++dy)
        for (int dx = -reach; dx <= reach; ++dx) {
            const int distance = dx * dx + dy * dy;
            const int x = pixel.x() + dx, y = pixel.y() + dy;
            if (distance >= best || x < 0 || y < 0 || x >= grid.width || y >= grid.height) continue;
            const Rank rank = front_.ids[static_cast<std::size_t>(grid.at(x, y))];
            if (rank == style_.noRank() || (style_.words()[rank] & (kDimmed | kHidden)) != 0) continue;
            best = distance;
            nearest = rank;
        }
    if (nearest == style_.noRank()) return {};
    return cloud_->id(nearest);
}

}  // namespace driftscope::space
