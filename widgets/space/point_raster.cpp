#include "widgets/space/point_raster.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>

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
    if (picture.image.size() != padded) picture.image = QImage(padded, QImage::Format_RGB32);
    picture.ids.assign(picture.grid.cells(), style_.noRank());
    if (frame.density)
        picture.counts.assign(picture.grid.cells(), 0);
    else
        picture.counts.clear();
    if (!frame.discs) return;
    if (frame.base != nullptr)
        std::memcpy(picture.image.bits(), frame.base->constBits(),
                    static_cast<std::size_t>(picture.image.sizeInBytes()));
    else
        picture.image.fill(colours_.background);
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
    if (!back_.counts.empty())
        for (int i = 0; i < count; ++i) ++back_.counts[static_cast<std::size_t>(cells[static_cast<std::size_t>(i)])];
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
    constexpr int kTileWidth = 64, kTileHeight = 32;
    const int stride = picture.grid.stride(), rows = picture.grid.rows();
    const std::vector<std::uint32_t> shares =
        picture.frame.density ? densityShares(picture) : std::vector<std::uint32_t>();
    for (int tileY = 0; tileY < rows; tileY += kTileHeight)
        for (int tileX = 0; tileX < stride; tileX += kTileWidth)
            for (int y = tileY; y < std::min(rows, tileY + kTileHeight); ++y) {
                const std::size_t row = static_cast<std::size_t>(y) * static_cast<std::size_t>(stride);
                resolveSpan(picture, shares, row + static_cast<std::size_t>(tileX),
                            row + static_cast<std::size_t>(std::min(stride, tileX + kTileWidth)));
            }
}

void PointRaster::resolveSpan(Picture& picture, const std::vector<std::uint32_t>& shares, std::size_t begin,
                              std::size_t end) const {
    auto* out = reinterpret_cast<QRgb*>(picture.image.bits());
    const QRgb* base = picture.frame.base ? reinterpret_cast<const QRgb*>(picture.frame.base->constBits()) : nullptr;
    const StyleWord* words = style_.words().data();
    const Rank* ids = picture.ids.data();
    // Without a branch per pixel: an empty pixel's rank reads the word that means background.
    for (std::size_t cell = begin; cell < end; ++cell) out[cell] = palette_[words[ids[cell]]];
    if (!shares.empty())
        for (std::size_t cell = begin; cell < end; ++cell) {
            const auto count = std::min<std::size_t>(picture.counts[cell], shares.size() - 1);
            out[cell] = mixRgb(colours_.background, out[cell], shares[count]);
        }
    if (base == nullptr) return;
    const Rank none = style_.noRank();
    for (std::size_t cell = begin; cell < end; ++cell) out[cell] = ids[cell] == none ? base[cell] : out[cell];
}

std::vector<std::uint32_t> PointRaster::densityShares(const Picture& picture) {
    const auto shown = static_cast<std::ptrdiff_t>(picture.grid.stride()) * picture.grid.rows();
    const std::uint32_t most = *std::max_element(picture.counts.begin(), picture.counts.begin() + shown);
    std::vector<std::uint32_t> shares(std::min<std::size_t>(most, 4095) + 1);
    const double span = std::log1p(static_cast<double>(std::max(most, 2U)));
    for (std::size_t count = 0; count < shares.size(); ++count)
        shares[count] =
            static_cast<std::uint32_t>(std::min(256.0, 56 + 200 * std::log1p(static_cast<double>(count)) / span));
    return shares;
}

bool PointRaster::recolour(const QImage* base) {
    if (front_.image.isNull() || front_.frame.discs || (style_.anyState() & kEmphasised) != 0) return false;
    front_.frame.base = base;
    updatePalette();
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
