#include "core/cells/regions.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <unordered_map>

namespace driftscope::cells {
namespace {

double medianOutside(const io::LabelImage& labels, const io::FloatImage& image) {
    std::vector<float> values;
    for (std::size_t i = 0; i < labels.pixels.size(); ++i)
        if (labels.pixels[i] == 0 && std::isfinite(image.pixels[i])) values.push_back(image.pixels[i]);
    if (values.empty()) return 0;
    const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
    std::nth_element(values.begin(), middle, values.end());
    return *middle;
}

void add(Region& region, int y, int x) {
    if (region.area == 0) region.top = region.bottom = y, region.left = region.right = x;
    region.area += 1;
    region.y += y;
    region.x += x;
    region.top = std::min(region.top, y), region.bottom = std::max(region.bottom, y);
    region.left = std::min(region.left, x), region.right = std::max(region.right, x);
}

}  // namespace

Result<std::vector<Region>> measureRegions(const io::LabelImage& labels, const io::FloatImage* image) {
    if (image && (image->width != labels.width || image->height != labels.height))
        return fail(ErrorCode::BadInput,
                    fmt::format("The label image is {} x {} px but its frame is {} x {} px", labels.width,
                                labels.height, image->width, image->height),
                    "Choose the labels that were made from these images.");
    const double background = image ? medianOutside(labels, *image) : 0;
    std::map<std::uint32_t, Region> regions;
    Region* current = nullptr;
    for (int y = 0; y < labels.height; ++y)
        for (int x = 0; x < labels.width; ++x) {
            const std::uint32_t label = labels.at(y, x);
            if (label == 0) continue;
            if (!current || current->label != label) current = &regions[label];
            current->label = label;
            add(*current, y, x);
            if (!image)
                current->total += 1;
            else if (const float value = image->at(y, x); std::isfinite(value))
                current->total += value - background;
        }
    std::vector<Region> result;
    for (auto& [label, region] : regions) {
        region.y /= region.area;
        region.x /= region.area;
        region.atEdge = region.top == 0 || region.left == 0 || region.bottom == labels.height - 1 ||
                        region.right == labels.width - 1;
        result.push_back(region);
    }
    return result;
}

std::vector<Overlap> overlaps(const io::LabelImage& first, const io::LabelImage& second) {
    std::unordered_map<std::uint64_t, std::uint32_t> counts;
    const std::size_t size = std::min(first.pixels.size(), second.pixels.size());
    for (std::size_t i = 0; i < size; ++i)
        if (first.pixels[i] != 0 && second.pixels[i] != 0)
            ++counts[(static_cast<std::uint64_t>(first.pixels[i]) << 32) | second.pixels[i]];
    std::vector<Overlap> result;
    result.reserve(counts.size());
    for (const auto& [pair, pixels] : counts)
        result.push_back({static_cast<std::uint32_t>(pair >> 32), static_cast<std::uint32_t>(pair), pixels});
    std::ranges::sort(result, {}, [](const Overlap& o) { return std::pair(o.first, o.second); });
    return result;
}

}  // namespace driftscope::cells
