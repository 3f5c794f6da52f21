#include "core/cells/analysis/cell_features.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>
#include <set>

#include "core/cells/analysis/statistics.h"

namespace driftscope::cells {
namespace {

constexpr double kNothing = std::numeric_limits<double>::quiet_NaN();
constexpr std::size_t kEntropyBins = 64;
constexpr std::size_t kShells = 3;

/// The object in its bounding box with a border of background.
struct Mask {
    int height, width;
    std::vector<std::uint8_t> inside;

    explicit Mask(const ObjectPixels& object) {
        const int top = *std::ranges::min_element(object.y), left = *std::ranges::min_element(object.x);
        height = *std::ranges::max_element(object.y) - top + 3;
        width = *std::ranges::max_element(object.x) - left + 3;
        inside.assign(static_cast<std::size_t>(height) * static_cast<std::size_t>(width), 0);
        for (std::size_t i = 0; i < object.y.size(); ++i) at(object.y[i] - top + 1, object.x[i] - left + 1) = 1;
    }
    std::uint8_t& at(int y, int x) { return inside[static_cast<std::size_t>(y) * static_cast<std::size_t>(width) + static_cast<std::size_t>(x)]; }
    std::uint8_t at(int y, int x) const { return inside[static_cast<std::size_t>(y) * static_cast<std::size_t>(width) + static_cast<std::size_t>(x)]; }
};

/// Benkrid and Crookes (2000), as scikit-image: border pixels weigh by how the border passes through them.
double perimeter(const Mask& mask) {
    std::vector<std::uint8_t> border(mask.inside.size());
    const auto index = [&](int y, int x) { return static_cast<std::size_t>(y) * static_cast<std::size_t>(mask.width) + static_cast<std::size_t>(x); };
    for (int y = 1; y + 1 < mask.height; ++y)
        for (int x = 1; x + 1 < mask.width; ++x)
            border[index(y, x)] = mask.at(y, x) && !(mask.at(y - 1, x) && mask.at(y + 1, x) && mask.at(y, x - 1) && mask.at(y, x + 1));
    double sum = 0;
    for (int y = 1; y + 1 < mask.height; ++y)
        for (int x = 1; x + 1 < mask.width; ++x) {
            if (!border[index(y, x)]) continue;
            int straight = 0, diagonal = 0;
            for (const auto& [dy, dx] : {std::pair{-1, 0}, {1, 0}, {0, -1}, {0, 1}}) straight += border[index(y + dy, x + dx)];
            for (const auto& [dy, dx] : {std::pair{-1, -1}, {-1, 1}, {1, -1}, {1, 1}}) diagonal += border[index(y + dy, x + dx)];
            const int code = 1 + 2 * straight + 10 * diagonal;
            if (code == 5 || code == 7 || code == 15 || code == 17 || code == 25 || code == 27) sum += 1;
            else if (code == 21 || code == 33) sum += std::numbers::sqrt2;
            else if (code == 13 || code == 23) sum += (1 + std::numbers::sqrt2) / 2;
        }
    return sum;
}

/// Area of the convex hull of all pixel corners (Andrew's monotone chain).
double hullArea(const ObjectPixels& object) {
    std::set<std::pair<int, int>> corners;
    for (std::size_t i = 0; i < object.y.size(); ++i)
        for (int dy = 0; dy < 2; ++dy)
            for (int dx = 0; dx < 2; ++dx) corners.emplace(object.x[i] + dx, object.y[i] + dy);
    std::vector<std::pair<int, int>> points(corners.begin(), corners.end()), hull;
    const auto turn = [](const auto& o, const auto& a, const auto& b) { return static_cast<long>(a.first - o.first) * (b.second - o.second) - static_cast<long>(a.second - o.second) * (b.first - o.first); };
    for (int side = 0; side < 2; ++side) {
        const std::size_t floor = hull.size() + 2;
        for (const auto& point : points) {
            while (hull.size() >= floor && turn(hull[hull.size() - 2], hull.back(), point) <= 0) hull.pop_back();
            hull.push_back(point);
        }
        hull.pop_back();
        std::ranges::reverse(points);
    }
    double twice = 0;
    for (std::size_t i = 0; i < hull.size(); ++i) {
        const auto& [ax, ay] = hull[i];
        const auto& [bx, by] = hull[(i + 1) % hull.size()];
        twice += static_cast<double>(ax) * by - static_cast<double>(bx) * ay;
    }
    return std::abs(twice) / 2;
}

std::vector<double> valuesOf(const ObjectPixels& object, const io::FloatImage& image) {
    std::vector<double> out;
    for (std::size_t i = 0; i < object.y.size(); ++i) out.push_back(image.pixels[static_cast<std::size_t>(object.y[i]) * static_cast<std::size_t>(image.width) + static_cast<std::size_t>(object.x[i])]);
    return out;
}

double entropyOf(const std::vector<double>& shares) {
    double sum = 0;
    for (const double share : shares)
        if (share > 0) sum -= share * std::log2(share);
    return sum;
}

struct Centre {
    double y = 0, x = 0;
};

Centre centreOf(const ObjectPixels& object) {
    Centre out;
    for (std::size_t i = 0; i < object.y.size(); ++i) {
        out.y += object.y[i] / static_cast<double>(object.y.size());
        out.x += object.x[i] / static_cast<double>(object.y.size());
    }
    return out;
}

/// Haralick's numbers of one co-occurrence matrix.
std::vector<double> haralick(const std::vector<double>& p) {
    constexpr int n = kGreyLevels;
    double contrast = 0, dissimilarity = 0, homogeneity = 0, asm_ = 0, mean = 0, variance = 0, correlation = 0, sumAverage = 0, sumVariance = 0;
    std::vector<double> difference(n), sums(2 * n - 1);
    for (int i = 0; i < n; ++i)
        for (int j = 0; j < n; ++j) {
            const double value = p[static_cast<std::size_t>(i * n + j)];
            contrast += value * (i - j) * (i - j);
            dissimilarity += value * std::abs(i - j);
            homogeneity += value / (1 + (i - j) * (i - j));
            asm_ += value * value;
            mean += value * i;
            difference[static_cast<std::size_t>(std::abs(i - j))] += value;
            sums[static_cast<std::size_t>(i + j)] += value;
        }
    for (int i = 0; i < n; ++i)
        for (int j = 0; j < n; ++j) {
            const double value = p[static_cast<std::size_t>(i * n + j)];
            variance += value * (i - mean) * (i - mean);
            correlation += value * (i - mean) * (j - mean);
        }
    for (std::size_t k = 0; k < sums.size(); ++k) sumAverage += sums[k] * static_cast<double>(k);
    for (std::size_t k = 0; k < sums.size(); ++k) sumVariance += sums[k] * (static_cast<double>(k) - sumAverage) * (static_cast<double>(k) - sumAverage);
    return {contrast, dissimilarity, homogeneity, std::sqrt(asm_), variance > 0 ? correlation / variance : 1, asm_, entropyOf(p), sumAverage, sumVariance, entropyOf(difference)};
}

}  // namespace

const std::vector<std::string>& shapeNames() {
    static const std::vector<std::string> names{"area", "height", "width", "perimeter", "equivalent_diameter", "major_axis", "minor_axis", "eccentricity", "orientation", "extent", "solidity", "circularity"};
    return names;
}

const std::vector<std::string>& intensityNames() {
    static const std::vector<std::string> names{"mean", "sd", "min", "max", "median", "q05", "q95", "sum", "entropy", "centre_shift"};
    return names;
}

const std::vector<std::string>& textureNames() {
    static const std::vector<std::string> names{"contrast", "dissimilarity", "homogeneity", "energy", "correlation", "asm", "glcm_entropy", "sum_average", "sum_variance", "difference_entropy", "radial_inner", "radial_middle", "radial_outer"};
    return names;
}

const std::vector<std::string>& motionNames() {
    static const std::vector<std::string> names{"speed", "displacement", "path_length", "straightness", "turning_angle", "persistence"};
    return names;
}

std::map<std::uint32_t, ObjectPixels> objectsOf(const io::LabelImage& labels) {
    std::map<std::uint32_t, ObjectPixels> out;
    for (int y = 0; y < labels.height; ++y)
        for (int x = 0; x < labels.width; ++x)
            if (const std::uint32_t label = labels.pixels[static_cast<std::size_t>(y) * static_cast<std::size_t>(labels.width) + static_cast<std::size_t>(x)]; label != 0) {
                out[label].y.push_back(y);
                out[label].x.push_back(x);
            }
    return out;
}

FeatureRow shapeFeatures(const ObjectPixels& object) {
    const auto area = static_cast<double>(object.y.size());
    const Centre centre = centreOf(object);
    double yy = 0, xx = 0, xy = 0;  // of pixel centres, as scikit-image
    for (std::size_t i = 0; i < object.y.size(); ++i) {
        const double dy = object.y[i] - centre.y, dx = object.x[i] - centre.x;
        yy += dy * dy / area;
        xx += dx * dx / area;
        xy += dy * dx / area;
    }
    const double half = (yy + xx) / 2, root = std::sqrt((yy - xx) * (yy - xx) / 4 + xy * xy), large = half + root, small = std::max(half - root, 0.0);
    const double orientation = yy == xx ? (xy < 0 ? std::numbers::pi / 4 : -std::numbers::pi / 4) : 0.5 * std::atan2(2 * xy, yy - xx);
    const Mask mask(object);
    const double around = perimeter(mask);
    const double height = mask.height - 2, width = mask.width - 2;
    return {area, height, width, around, std::sqrt(4 * area / std::numbers::pi), 4 * std::sqrt(large), 4 * std::sqrt(small), large > 0 ? std::sqrt(std::max(0.0, 1 - small / large)) : 0,
            orientation, area / (height * width), area / hullArea(object), around > 0 ? std::min(1.0, 4 * std::numbers::pi * area / (around * around)) : 1};
}

FeatureRow intensityFeatures(const ObjectPixels& object, const io::FloatImage& image) {
    const std::vector<double> all = valuesOf(object, image);
    std::vector<double> values;
    for (const double value : all)
        if (std::isfinite(value)) values.push_back(value);
    if (values.empty()) return FeatureRow(intensityNames().size(), kNothing);
    const auto n = static_cast<double>(values.size());
    const auto [low, high] = std::ranges::minmax(values);
    double sum = 0, square = 0;
    for (const double value : values) sum += value;
    std::vector<double> bins(kEntropyBins);
    for (const double value : values) {
        square += (value - sum / n) * (value - sum / n);
        bins[high > low ? std::min(kEntropyBins - 1, static_cast<std::size_t>((value - low) / (high - low) * kEntropyBins)) : 0] += 1 / n;
    }
    const Centre centre = centreOf(object);
    double y = 0, x = 0, weight = 0;
    for (std::size_t i = 0; i < all.size(); ++i)
        if (std::isfinite(all[i])) {
            y += (all[i] - low) * object.y[i];
            x += (all[i] - low) * object.x[i];
            weight += all[i] - low;
        }
    const double radius = std::sqrt(static_cast<double>(object.y.size()) / std::numbers::pi);
    const double shift = weight > 0 ? std::hypot(y / weight - centre.y, x / weight - centre.x) / radius : 0;
    return {sum / n, std::sqrt(square / n), low, high, quantile(values, 0.5), quantile(values, 0.05), quantile(values, 0.95), sum, entropyOf(bins), shift};
}

std::vector<double> coOccurrence(const ObjectPixels& object, const std::vector<int>& levels, int dy, int dx) {
    std::map<std::pair<int, int>, int> levelAt;
    for (std::size_t i = 0; i < object.y.size(); ++i)
        if (levels[i] >= 0) levelAt[{object.y[i], object.x[i]}] = levels[i];
    std::vector<double> p(kGreyLevels * kGreyLevels);
    double total = 0;
    for (const auto& [place, level] : levelAt) {
        const auto other = levelAt.find({place.first + dy, place.second + dx});
        if (other == levelAt.end()) continue;
        p[static_cast<std::size_t>(level * kGreyLevels + other->second)] += 1;
        p[static_cast<std::size_t>(other->second * kGreyLevels + level)] += 1;
        total += 2;
    }
    for (double& value : p) value = total > 0 ? value / total : 0;
    return p;
}

FeatureRow textureFeatures(const ObjectPixels& object, const io::FloatImage& image) {
    const std::vector<double> values = valuesOf(object, image);
    double low = std::numeric_limits<double>::infinity(), high = -low, mean = 0, count = 0;
    for (const double value : values)
        if (std::isfinite(value)) {
            low = std::min(low, value);
            high = std::max(high, value);
            mean += value;
            count += 1;
        }
    if (count == 0) return FeatureRow(textureNames().size(), kNothing);
    mean /= count;
    std::vector<int> levels;
    for (const double value : values)
        levels.push_back(!std::isfinite(value) ? -1 : high > low ? std::min(kGreyLevels - 1, static_cast<int>((value - low) / (high - low) * kGreyLevels)) : 0);
    FeatureRow out(10);
    for (const auto& [dy, dx] : {std::pair{0, 1}, {-1, 1}, {-1, 0}, {-1, -1}}) {
        const std::vector<double> one = haralick(coOccurrence(object, levels, dy, dx));
        for (std::size_t i = 0; i < out.size(); ++i) out[i] += one[i] / 4;
    }
    const Centre centre = centreOf(object);
    double farthest = 0;
    for (std::size_t i = 0; i < object.y.size(); ++i) farthest = std::max(farthest, std::hypot(object.y[i] - centre.y, object.x[i] - centre.x));
    std::array<double, kShells> sums{}, counts{};
    for (std::size_t i = 0; i < object.y.size(); ++i) {
        if (!std::isfinite(values[i])) continue;
        const double share = farthest > 0 ? std::hypot(object.y[i] - centre.y, object.x[i] - centre.x) / farthest : 0;
        const std::size_t shell = std::min(kShells - 1, static_cast<std::size_t>(share * kShells));
        sums[shell] += values[i];
        counts[shell] += 1;
    }
    for (std::size_t k = 0; k < kShells; ++k) out.push_back(counts[k] > 0 && mean != 0 ? sums[k] / counts[k] / mean : kNothing);
    return out;
}

std::vector<FeatureRow> motionFeatures(const Trajectory& track, const Matrix& positions) {
    std::vector<FeatureRow> out;
    std::vector<double> before;
    double path = 0, cosines = 0, turns = 0;
    for (std::size_t i = 0; i < track.rows.size(); ++i) {
        FeatureRow row(motionNames().size(), kNothing);
        std::vector<double> step(positions.columns), away(positions.columns);
        for (std::size_t c = 0; c < positions.columns; ++c) {
            if (i > 0) step[c] = static_cast<double>(positions(track.rows[i], c)) - positions(track.rows[i - 1], c);
            away[c] = static_cast<double>(positions(track.rows[i], c)) - positions(track.rows[0], c);
        }
        const auto length = [](const std::vector<double>& v) {
            double sum = 0;
            for (const double one : v) sum += one * one;
            return std::sqrt(sum);
        };
        if (i > 0) {
            path += length(step);
            row[0] = length(step) / static_cast<double>(track.steps[i] - track.steps[i - 1]);
            if (path > 0) row[3] = length(away) / path;
            if (i > 1 && length(step) > 0 && length(before) > 0) {
                double dot = 0;
                for (std::size_t c = 0; c < step.size(); ++c) dot += step[c] * before[c];
                const double cosine = std::clamp(dot / (length(step) * length(before)), -1.0, 1.0);
                row[4] = std::acos(cosine);
                cosines += cosine;
                turns += 1;
            }
            if (turns > 0) row[5] = cosines / turns;
        }
        row[1] = length(away);
        row[2] = path;
        before = std::move(step);
        out.push_back(std::move(row));
    }
    return out;
}

}  // namespace driftscope::cells
