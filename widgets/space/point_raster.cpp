#include "widgets/space/point_raster.h"

#include <algorithm>
#include <array>
#include <atomic>
#include <cmath>
#include <cstring>
#include <utility>

#include "core/base/thread_team.h"
#include "widgets/space/shade.h"

namespace driftscope::space {

namespace {

constexpr StyleWord kLayerMask = kHidden | kDimmed | kSelected;
/// Blocks drawn between two looks at the clock: about 20 microseconds.
constexpr std::size_t kBlocksPerLook = 64;
/// More bands than threads, so that nobody waits long for the last one; not many more, because blocks across a border
/// are drawn twice.
constexpr std::size_t kBandsPerThread = 3;
/// So few codes are put into drawing order on the way.
constexpr std::size_t kSettleAtOnce = 200000;

/// Cells [low, high) of the id buffer: the rows that one thread may write.
struct CellRange {
    std::ptrdiff_t low, high;
    bool contains(std::ptrdiff_t cell) const { return cell >= low && cell < high; }
};

/// Writes a rank into Size x Size pixels around each cell; later ranks of a block lie below earlier ones, so that a
/// sample (a prefix) and the full picture agree on what is on top. Clipped: only rows within the range.
template <int Size, bool Clipped>
void splat(const std::int32_t* cells, int count, Rank first, int stride, Rank* ids, const CellRange& range) {
    constexpr int kBefore = (Size - 1) / 2;
    for (int i = count - 1; i >= 0; --i) {
        const Rank rank = first + static_cast<Rank>(i);
        const std::ptrdiff_t corner = std::ptrdiff_t{cells[i]} - kBefore * stride - kBefore;
        for (int dy = 0; dy < Size; ++dy) {
            const std::ptrdiff_t row = corner + dy * stride;
            if (Clipped && !range.contains(row)) continue;
            for (int dx = 0; dx < Size; ++dx) ids[row + dx] = rank;
        }
    }
}

template <bool Clipped>
void splatAny(int size, const std::int32_t* cells, int count, Rank first, int stride, Rank* ids,
              const CellRange& range) {
    switch (size) {
        case 1: return splat<1, Clipped>(cells, count, first, stride, ids, range);
        case 2: return splat<2, Clipped>(cells, count, first, stride, ids, range);
        case 3: return splat<3, Clipped>(cells, count, first, stride, ids, range);
        case 4: return splat<4, Clipped>(cells, count, first, stride, ids, range);
        default: return splat<5, Clipped>(cells, count, first, stride, ids, range);
    }
}

template <bool Clipped>
void countPoints(const std::int32_t* cells, int count, std::uint16_t* counts, const CellRange& range) {
    for (int i = 0; i < count; ++i) {
        if (Clipped && !range.contains(cells[i])) continue;
        std::uint16_t& points = counts[cells[i]];
        points = static_cast<std::uint16_t>(points + (points != 0xFFFF));
    }
}

int tileOf(float pixel, int size, int count) {
    return std::clamp(static_cast<int>(std::clamp(pixel, 0.0F, 1e6F)) / size, 0, count - 1);
}

}  // namespace

int PointRaster::tilesAcross(const PixelGrid& grid) {
    return (grid.stride() + kTileWidth - 1) / kTileWidth;
}

int PointRaster::tilesDown(const PixelGrid& grid) {
    return (grid.rows() + kTileHeight - 1) / kTileHeight;
}

void PointRaster::setTeam(std::shared_ptr<ThreadTeam> team) {
    team_ = std::move(team);
    style_.setTeam(team_);
}

void PointRaster::setCloud(std::shared_ptr<const PointCloud> cloud) {
    cloud_ = std::move(cloud);
    style_.reset(cloud_);
    stage_ = Stage::Idle;
    front_ = {};
}

void PointRaster::begin(const RasterFrame& frame) {
    back_.frame = frame;
    if (cloud_ && cloud_->drawable() <= kSettleAtOnce) style_.settle(Deadline::max());
    updatePalette();
    prepare(back_);
    passes_.clear();
    const StyleWord any = style_.anyState();
    if (any & kDimmed) passes_.push_back({kHidden | kDimmed, kDimmed});
    passes_.push_back({kLayerMask, 0});
    if (any & kSelected) passes_.push_back({kLayerMask, kSelected});
    stamp_.reset();
    if (frame.discs) stamp_.emplace(frame.radius, colours_.outlines ? std::max(0.8F, frame.radius * 0.2F) : 0.0F);
    planBands();
    stage_ = Stage::Points;
}

int PointRaster::reach() const {
    return stamp_ ? stamp_->reach() : stampSize() / 2;
}

int PointRaster::stampSize() const {
    return std::clamp(static_cast<int>(std::lround(back_.frame.radius * 2)), 1, 5);
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
    const auto clearRow = [&](std::size_t tileRow) {
        const int top = static_cast<int>(tileRow) * kTileHeight;
        for (int column = 0; column < across; ++column) {
            const std::size_t tile = tileRow * static_cast<std::size_t>(across) + static_cast<std::size_t>(column);
            // Stale until the image is resolved: a picture may be begun again before that.
            if (picture.touched[tile] == 0) continue;
            picture.stale[tile] |= std::exchange(picture.touched[tile], 0);
            const int left = column * kTileWidth, width = std::min(kTileWidth, stride - left);
            for (int y = top; y < std::min(grid.rows(), top + kTileHeight); ++y) {
                const std::ptrdiff_t start = static_cast<std::ptrdiff_t>(y) * stride + left;
                std::fill_n(picture.ids.begin() + start, width, picture.none);
                if (!picture.counts.empty()) std::fill_n(picture.counts.begin() + start, width, std::uint16_t{0});
            }
        }
    };
    shareOut(team_.get(), static_cast<std::size_t>(tilesDown(grid)), clearRow);
}

PointRaster::TileRows PointRaster::tileRows(const PixelGrid& grid, const BlockOnGrid& placed, int reach) {
    if (!placed.visible) return {};
    const auto margin = static_cast<float>(reach + 1);
    const int down = tilesDown(grid);
    return {static_cast<std::uint16_t>(tileOf(placed.y - 65535 * placed.perY - margin, kTileHeight, down)),
            static_cast<std::uint16_t>(tileOf(placed.y + margin, kTileHeight, down))};
}

void PointRaster::markTiles(Picture& picture, const BlockOnGrid& placed, int reach, int top, int bottom) {
    const auto margin = static_cast<float>(reach + 1);
    const int across = tilesAcross(picture.grid);
    const int left = tileOf(placed.x - margin, kTileWidth, across),
              right = tileOf(placed.x + 65535 * placed.perX + margin, kTileWidth, across);
    for (int y = top; y <= bottom; ++y)
        std::fill_n(picture.touched.begin() + y * across + left, right - left + 1, std::uint8_t{1});
}

/// Cuts the picture into bands with about equally many points and lists the blocks of each. Blended discs are few, and
/// stay in one band.
void PointRaster::planBands() {
    const PixelGrid& grid = back_.grid;
    const std::span blocks = cloud_ ? cloud_->blocks() : std::span<const Block>();
    const int down = tilesDown(grid), margin = reach();
    rowsOfBlock_.resize(blocks.size());
    std::vector<std::size_t> points(static_cast<std::size_t>(down), 0);
    std::size_t all = 0;
    for (std::size_t b = 0; b < blocks.size(); ++b) {
        const TileRows rows = rowsOfBlock_[b] = tileRows(grid, placeBlock(blocks[b], back_.frame.view, grid), margin);
        if (rows.top > rows.bottom) continue;
        points[(rows.top + rows.bottom) / 2U] += blocks[b].count;
        all += blocks[b].count;
    }
    const std::size_t threads = team_ ? team_->size() : 1;
    const std::size_t wanted =
        stamp_ || threads == 1 ? 1 : std::min<std::size_t>(PixelGrid::kBins, kBandsPerThread * threads);
    bands_.resize(wanted);
    std::vector<std::uint16_t> bandOfRow(static_cast<std::size_t>(down));
    std::size_t band = 0, sum = 0;
    for (int row = 0; row < down; ++row) {
        if (sum * wanted >= all * (band + 1) && band + 1 < wanted && sum > 0) ++band;
        bandOfRow[static_cast<std::size_t>(row)] = static_cast<std::uint16_t>(band);
        sum += points[static_cast<std::size_t>(row)];
    }
    for (Band& one : bands_) {
        one.top = one.bottom = 0;
        one.blocks.clear();
        one.pass = one.next = one.drawn = 0;
    }
    for (int row = 0; row < down; ++row) {
        Band& one = bands_[bandOfRow[static_cast<std::size_t>(row)]];
        if (one.bottom == 0) one.top = row;
        one.bottom = row + 1;
    }
    for (std::size_t b = 0; b < blocks.size(); ++b) {
        const TileRows rows = rowsOfBlock_[b];
        if (rows.top > rows.bottom) continue;
        for (std::size_t at = bandOfRow[rows.top]; at <= bandOfRow[rows.bottom]; ++at)
            bands_[at].blocks.push_back(static_cast<std::uint32_t>(b));
    }
}

bool PointRaster::advance(Deadline deadline) {
    if (stage_ == Stage::Idle) return true;
    if (stage_ == Stage::Points) {
        const auto start = std::chrono::steady_clock::now();
        if (!drawPoints(deadline)) return false;
        drawingTime_ = std::chrono::steady_clock::now() - start;
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
    shareOut(team_.get(), bands_.size(), [&](std::size_t number) { drawBand(number, deadline); });
    back_.drawn = 0;
    for (const Band& band : bands_) {
        if (band.pass < passes_.size()) return false;
        back_.drawn += band.drawn;
    }
    return true;
}

void PointRaster::drawBand(std::size_t number, Deadline deadline) {
    Band& band = bands_[number];
    for (; band.pass < passes_.size(); ++band.pass, band.next = 0)
        while (band.next < band.blocks.size()) {
            const std::size_t end = std::min(band.blocks.size(), band.next + kBlocksPerLook);
            for (; band.next < end; ++band.next) drawBlock(number, band.blocks[band.next], passes_[band.pass]);
            if (std::chrono::steady_clock::now() > deadline) return;
        }
}

void PointRaster::drawBlock(std::size_t number, std::size_t index, const Pass& pass) {
    const PointStyle::BlockStates& states = style_.blockStates(index);
    // Some point can match only if every wanted flag occurs and no unwanted flag is on all points.
    if ((states.any & pass.value) != pass.value || (states.all & pass.mask & ~pass.value) != 0) return;
    const Block& block = cloud_->blocks()[index];
    const BlockOnGrid placed = placeBlock(block, back_.frame.view, back_.grid);
    if (!placed.visible) return;
    Band& band = bands_[number];
    const TileRows rows = tileRows(back_.grid, placed, reach());
    const int count = std::min<int>(block.count, static_cast<int>(back_.frame.prefix));
    if (rows.top >= band.top) band.drawn += static_cast<std::size_t>(count);  // once, by the uppermost of its bands
    const bool check = (states.any & pass.mask) != pass.value || (states.all & pass.value) != pass.value;
    markTiles(back_, placed, reach(), std::max<int>(rows.top, band.top), std::min<int>(rows.bottom, band.bottom - 1));
    if (stamp_)
        stampBlock(block, pass, count);
    else
        splatBlock(number, block, placed, pass, check, count);
}

void PointRaster::splatBlock(std::size_t number, const Block& block, const BlockOnGrid& placed, const Pass& pass,
                             bool check, int count) {
    std::array<std::int32_t, PointCloud::kBlockSize> cells;
    const PixelGrid& grid = back_.grid;
    const Band& band = bands_[number];
    const std::int32_t bin = grid.bin(static_cast<int>(number));
    projectToCells(*cloud_, block, placed, back_.frame.view, grid, bin, count, cells.data());
    if (check)
        keepMatching(style_.words().data() + block.first, pass.mask, pass.value, bin, count, cells.data());
    const TileRows rows = tileRows(grid, placed, reach());
    const std::ptrdiff_t perTileRow = static_cast<std::ptrdiff_t>(kTileHeight) * grid.stride();
    const std::ptrdiff_t end = static_cast<std::ptrdiff_t>(grid.rows()) * grid.stride();
    const CellRange range{band.top * perTileRow, std::min(end, band.bottom * perTileRow)};
    const int size = stampSize();
    // A block within the band needs no looking at rows; what falls outside the picture goes to the band's own bin.
    const bool across = rows.top < band.top || rows.bottom >= band.bottom, clipped = across && size > 1;
    if (across && !clipped)
        for (int i = 0; i < count; ++i) cells[static_cast<std::size_t>(i)] =
                range.contains(cells[static_cast<std::size_t>(i)]) ? cells[static_cast<std::size_t>(i)] : bin;
    if (clipped)
        splatAny<true>(size, cells.data(), count, block.first, grid.stride(), back_.ids.data(), range);
    else
        splatAny<false>(size, cells.data(), count, block.first, grid.stride(), back_.ids.data(), range);
    if (back_.counts.empty()) return;
    if (clipped)
        countPoints<true>(cells.data(), count, back_.counts.data(), range);
    else
        countPoints<false>(cells.data(), count, back_.counts.data(), range);
}

void PointRaster::stampBlock(const Block& block, const Pass& pass, int count) {
    const PixelGrid& grid = back_.grid;
    const ViewTransform& view = back_.frame.view;
    const DiscStamp::Target target{reinterpret_cast<QRgb*>(back_.image.bits()), back_.ids.data(), grid.stride()};
    const float low = static_cast<float>(stamp_->reach());
    const float right = static_cast<float>(grid.stride()) - low - 1, bottom = static_cast<float>(grid.rows()) - low - 1;
    for (int i = count - 1; i >= 0; --i) {
        const Rank rank = block.first + static_cast<Rank>(i);
        if ((style_.words()[rank] & pass.mask) != pass.value) continue;
        const StyleWord word = style_.word(rank);
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
    const std::vector<std::uint32_t> shares =
        picture.frame.density ? densityShares(picture) : std::vector<std::uint32_t>();
    (void)picture.image.bits();  // detach here, not in several threads at once
    shareOut(team_.get(), static_cast<std::size_t>(tilesDown(picture.grid)),
             [&](std::size_t row) { resolveTiles(picture, shares, static_cast<int>(row)); });
}

void PointRaster::resolveTiles(Picture& picture, const std::vector<std::uint32_t>& shares, int row) const {
    // In tiles, because neighbours on screen are neighbours on the Z-order curve: a tile's words stay in the cache.
    const int stride = picture.grid.stride(), rows = picture.grid.rows(), across = tilesAcross(picture.grid);
    auto* pixels = reinterpret_cast<QRgb*>(const_cast<uchar*>(picture.image.constBits()));
    const int top = row * kTileHeight;
    for (int column = 0; column < across; ++column) {
        const auto tile = static_cast<std::size_t>(row * across + column);
        if ((picture.touched[tile] | picture.stale[tile]) == 0) continue;
        const int left = column * kTileWidth, width = std::min(kTileWidth, stride - left);
        for (int y = top; y < std::min(rows, top + kTileHeight); ++y)
            resolveSpan(picture, shares, pixels, static_cast<std::size_t>(y * stride + left),
                        static_cast<std::size_t>(width));
        picture.stale[tile] = 0;
    }
}

void PointRaster::lookUpColours(const Picture& picture, QRgb* pixels, std::size_t begin, std::size_t end) const {
    const std::uint16_t* codes = style_.pendingCodes();
    const StyleWord* words = style_.words().data();
    const std::span order = cloud_->order();
    std::array<std::uint32_t, kTileWidth> ids;
    for (std::size_t cell = begin; cell < end; ++cell) {
        const Rank rank = picture.ids[cell];
        ids[cell - begin] = rank == picture.none ? 0 : order[rank];
        __builtin_prefetch(&codes[ids[cell - begin]]);  // scattered: all of a span are on their way at once
    }
    for (std::size_t cell = begin; cell < end; ++cell) {
        const Rank rank = picture.ids[cell];
        const auto flags = static_cast<StyleWord>(words[rank] & ~kCodeMask);
        const auto code = static_cast<StyleWord>(codes[ids[cell - begin]] & kCodeMask);
        pixels[cell] = rank == picture.none ? colours_.background : palette_[flags | code];
    }
}

void PointRaster::resolveSpan(const Picture& picture, const std::vector<std::uint32_t>& shares, QRgb* pixels,
                              std::size_t begin, std::size_t count) const {
    const QRgb* base = picture.frame.base ? reinterpret_cast<const QRgb*>(picture.frame.base->constBits()) : nullptr;
    const Rank* ids = picture.ids.data();
    const std::size_t end = begin + count;
    if (style_.settled())
        colourCells(ids + begin, style_.words().data(), palette_.data(), count, pixels + begin);
    else
        lookUpColours(picture, pixels, begin, end);
    if (!shares.empty())
        shadeCells(picture.counts.data() + begin, shares.data(), static_cast<std::uint32_t>(shares.size() - 1),
                   colours_.background, count, pixels + begin);
    if (base == nullptr) return;
    for (std::size_t cell = begin; cell < end; ++cell)
        pixels[cell] = ids[cell] == picture.none ? base[cell] : pixels[cell];
}

std::vector<std::uint32_t> PointRaster::densityShares(const Picture& picture) const {
    const std::size_t shown =
        static_cast<std::size_t>(picture.grid.stride()) * static_cast<std::size_t>(picture.grid.rows());
    std::atomic<std::uint16_t> mostSeen{2};
    shareOutRanges(team_.get(), shown, std::size_t{1} << 17, [&](std::size_t begin, std::size_t end) {
        std::uint16_t most = 2;
        for (std::size_t cell = begin; cell < end; ++cell) most = std::max(most, picture.counts[cell]);
        for (std::uint16_t known = mostSeen; known < most && !mostSeen.compare_exchange_weak(known, most);) {}
    });
    const std::uint16_t most = mostSeen;
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
    bands_.assign(1, Band{0, tilesDown(back_.grid), {}, 0, 0, 0});
    for (std::size_t b = 0; b < cloud_->blocks().size(); ++b)
        drawBlock(0, b, {kHidden | kDimmed | kEmphasised, kEmphasised});
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
