#include "core/io/time_lapse.h"

#include <algorithm>

namespace driftscope::io {

Result<std::vector<FloatImage>> TimeLapse::stack(std::int64_t t, std::int64_t c, std::int64_t zBegin, std::int64_t zEnd, const Region& region) const {
    if (region.y < 0 || region.x < 0 || region.height < 1 || region.width < 1 || region.height > info().height() - region.y ||
        region.width > info().width() - region.x || zBegin >= zEnd)
        return fail(ErrorCode::BadInput,
                    fmt::format("{}: rows {}+{}, columns {}+{}, planes {} to {} are not inside the image of {} x {} x {}.", path().string(), region.y,
                                region.height, region.x, region.width, zBegin, zEnd, info().depth(), info().height(), info().width()));
    std::vector<FloatImage> images;
    for (std::int64_t z = zBegin; z < zEnd; ++z) {
        DS_ASSIGN(const FloatImage whole, plane(t, c, z));
        FloatImage& image = images.emplace_back(region.width, region.height);
        for (int y = 0; y < region.height; ++y) {
            const auto row = whole.pixels.begin() + static_cast<std::ptrdiff_t>(region.y + y) * whole.width + region.x;
            std::copy_n(row, region.width, image.pixels.begin() + static_cast<std::ptrdiff_t>(y) * region.width);
        }
    }
    return images;
}

}  // namespace driftscope::io
