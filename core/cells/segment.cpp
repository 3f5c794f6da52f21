#include "core/cells/segment.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <opencv2/imgproc.hpp>

#include "core/cells/watershed.h"

namespace driftscope::cells {
namespace {

/// Value below which the part `q` of the pixels lies.
float quantile(const cv::Mat& image, double q) {
    std::vector<float> values(image.begin<float>(), image.end<float>());
    const auto nth = values.begin() + static_cast<std::ptrdiff_t>(q * static_cast<double>(values.size() - 1));
    std::nth_element(values.begin(), nth, values.end());
    return *nth;
}

/// A copy with objects bright and every pixel finite.
cv::Mat prepared(const io::FloatImage& image, bool darkObjects) {
    cv::Mat copy(image.height, image.width, CV_32F);
    float background = std::numeric_limits<float>::infinity();
    std::size_t invalid = 0;
    for (std::size_t i = 0; i < image.pixels.size(); ++i) {
        const float value = darkObjects ? -image.pixels[i] : image.pixels[i];
        copy.ptr<float>()[i] = value;
        if (std::isfinite(value))
            background = std::min(background, value);
        else
            ++invalid;
    }
    if (invalid == image.pixels.size()) background = 0;
    if (invalid > 0)
        for (float& value : cv::Mat_<float>(copy)) value = std::isfinite(value) ? value : background;
    return copy;
}

/// The plane a + b y + c x nearest to the image (least squares).
cv::Mat nearestPlane(const cv::Mat& image) {
    cv::Mat place(static_cast<int>(image.total()), 3, CV_32F), value = image.reshape(1, place.rows), plane;
    for (int i = 0; i < place.rows; ++i) {
        float* row = place.ptr<float>(i);
        row[0] = 1, row[1] = static_cast<float>(i / image.cols), row[2] = static_cast<float>(i % image.cols);
    }
    if (!cv::solve(place, value, plane, cv::DECOMP_SVD)) return cv::Mat::zeros(image.size(), CV_32F);
    return cv::Mat(place * plane).reshape(1, image.rows);
}

/// The slowly varying part: a morphological opening wider than any object, on an image shrunk for speed. An opening
/// lies too low on the high side of a slope that the edge of the image cuts, so the slope is taken out before.
cv::Mat localBackground(const cv::Mat& image, double radius) {
    const double shrink = std::max(1.0, radius / 8);
    cv::Mat small;
    cv::resize(image, small, {}, 1 / shrink, 1 / shrink, cv::INTER_AREA);
    const int side = 2 * static_cast<int>(std::lround(radius / shrink)) + 1;
    const cv::Mat disc = cv::getStructuringElement(cv::MORPH_ELLIPSE, {side, side});
    const auto opened = [&](const cv::Mat& level) {
        cv::Mat result;
        cv::morphologyEx(level, result, cv::MORPH_OPEN, disc, {-1, -1}, 1, cv::BORDER_REPLICATE);
        return result;
    };
    cv::Mat slope = nearestPlane(opened(small));
    for (int refinement = 0; refinement < 3; ++refinement) slope += nearestPlane(opened(small - slope));
    cv::Mat level = opened(small - slope), background;
    cv::GaussianBlur(level, level, {}, radius / shrink / 2);
    cv::resize(level + slope, background, image.size(), 0, 0, cv::INTER_LINEAR);
    return background;
}

/// Smoothed intensity above background, not below zero.
cv::Mat foregroundSignal(const cv::Mat& image, const SegmentSettings& s) {
    cv::Mat signal = image;
    if (s.smoothing > 0) cv::GaussianBlur(image, signal, {}, s.smoothing, s.smoothing, cv::BORDER_REPLICATE);
    if (s.background == Background::Global) signal = signal - quantile(signal, 0.2);
    if (s.background == Background::Local) signal = signal - localBackground(signal, s.backgroundRadius);
    return cv::max(signal, 0.0F);
}

/// Otsu's level of the values: the bin border that maximises the variance between the two classes.
double otsu(const cv::Mat& values) {
    double low = 0, high = 0;
    cv::minMaxLoc(values, &low, &high);
    constexpr int kBins = 256;
    std::array<double, kBins> counts{};
    const double scale = kBins / std::max(high - low, 1e-30);
    for (const float value : cv::Mat_<float>(values))
        counts[static_cast<std::size_t>(std::min(kBins - 1.0, (value - low) * scale))] += 1;
    double total = 0, sum = 0;
    for (int i = 0; i < kBins; ++i) total += counts[i], sum += i * counts[i];
    double best = -1, weight = 0, partial = 0;
    int first = 0, last = 0;  // all borders between two modes with nothing in the gap are equally good: take the middle
    for (int i = 0; i + 1 < kBins; ++i) {
        weight += counts[i], partial += i * counts[i];
        if (weight == 0 || weight == total) continue;
        const double difference = partial / weight - (sum - partial) / (total - weight);
        const double between = weight * (total - weight) * difference * difference;
        if (between > best * (1 + 1e-12))
            best = between, first = last = i;
        else if (between >= best * (1 - 1e-12))
            last = i;
    }
    return low + ((first + last) / 2.0 + 1) / scale;
}

/// Standard deviation of white noise, from a kernel blind to edges and slopes (Immerkaer 1996).
double noiseLevel(const cv::Mat& image) {
    if (image.rows < 3 || image.cols < 3) return 0;
    const cv::Mat kernel = (cv::Mat_<float>(3, 3) << 1, -2, 1, -2, 4, -2, 1, -2, 1);
    cv::Mat response;
    cv::filter2D(image, response, CV_32F, kernel);
    return std::sqrt(std::acos(-1.0) / 2) / 6 * cv::mean(cv::abs(response))[0];
}

/// 255 where the frame is foreground. `signal` is intensity above background, `noise` its standard deviation.
cv::Mat foregroundMask(const cv::Mat& signal, double noise, const SegmentSettings& s) {
    // Below this a difference in intensity means nothing: three sigma of the noise, or 2 % of the bright end (halos).
    const double floor = std::max({3 * noise, 0.02 * quantile(signal, 0.995), 1e-20});
    if (s.threshold == Threshold::Manual) return signal > s.level;
    if (s.threshold == Threshold::Otsu) return signal > otsu(signal) * s.thresholdFactor;
    if (s.threshold == Threshold::OtsuLog) {
        cv::Mat logarithm;
        cv::log(signal / floor + 1.0, logarithm);
        return signal > (std::exp(otsu(logarithm)) - 1) * floor * s.thresholdFactor;
    }
    const int side = 2 * static_cast<int>(std::lround(s.adaptiveRadius)) + 1;
    cv::Mat mean;
    cv::boxFilter(signal, mean, CV_32F, {side, side}, {-1, -1}, true, cv::BORDER_REPLICATE);
    // Clearly above the surroundings: a flat region stays empty instead of showing its noise.
    const cv::Mat relative = mean * s.thresholdFactor, clear = mean + floor;
    return signal > cv::max(relative, clear);
}

/// Sets background components that do not reach the edge of the image (4-neighbourhood) to foreground.
void fillHoles(cv::Mat& mask) {
    cv::Mat labels, stats, centroids;
    const int count = cv::connectedComponentsWithStats(mask == 0, labels, stats, centroids, 4);
    std::vector<std::uint8_t> hole(static_cast<std::size_t>(count), 0);
    for (int i = 1; i < count; ++i) {
        const int* box = stats.ptr<int>(i);
        hole[static_cast<std::size_t>(i)] = box[cv::CC_STAT_LEFT] > 0 && box[cv::CC_STAT_TOP] > 0 &&
                                            box[cv::CC_STAT_LEFT] + box[cv::CC_STAT_WIDTH] < mask.cols &&
                                            box[cv::CC_STAT_TOP] + box[cv::CC_STAT_HEIGHT] < mask.rows;
    }
    for (std::size_t i = 0; i < mask.total(); ++i)
        if (hole[static_cast<std::size_t>(labels.ptr<int>()[i])]) mask.data[i] = 255;
}

/// The upper quartile of the signal of each label: how bright an object is, whatever its rim and its bright spots.
std::vector<float> brightness(const io::LabelImage& labels, const cv::Mat& signal) {
    std::vector<std::vector<float>> values(*std::ranges::max_element(labels.pixels) + 1);
    for (std::size_t i = 0; i < labels.pixels.size(); ++i)
        if (labels.pixels[i] != 0) values[labels.pixels[i]].push_back(signal.ptr<float>()[i]);
    std::vector<float> result(values.size(), 0);
    for (std::size_t label = 1; label < values.size(); ++label) {
        const auto upper = values[label].begin() + static_cast<std::ptrdiff_t>(values[label].size() * 3 / 4);
        std::nth_element(values[label].begin(), upper, values[label].end());
        result[label] = *upper;
    }
    return result;
}

io::LabelImage connected(const cv::Mat& mask) {
    cv::Mat labels;
    cv::connectedComponents(mask, labels, 8);
    io::LabelImage result(mask.cols, mask.rows);
    for (std::size_t i = 0; i < mask.total(); ++i) result.pixels[i] = static_cast<std::uint32_t>(labels.ptr<int>()[i]);
    return result;
}

/// Distance to the background, px; 0 outside the mask.
io::FloatImage halfWidth(const cv::Mat& mask) {
    // The edge of the image is not the edge of an object: one replicated pixel keeps cut objects from tapering there.
    cv::Mat padded, distance;
    cv::copyMakeBorder(mask, padded, 1, 1, 1, 1, cv::BORDER_REPLICATE);
    cv::distanceTransform(padded, distance, cv::DIST_L2, cv::DIST_MASK_PRECISE);
    cv::GaussianBlur(distance, distance, {}, 0.7);
    io::FloatImage height(mask.cols, mask.rows);
    for (int y = 0; y < mask.rows; ++y)
        for (int x = 0; x < mask.cols; ++x)
            height.at(y, x) = mask.at<std::uint8_t>(y, x) ? std::max(distance.at<float>(y + 1, x + 1), 1e-6F) : 0;
    return height;
}

/// Objects of the mask: split by shape, trimmed to their own edge, split again by shape and brightness.
io::LabelImage objects(cv::Mat& mask, const cv::Mat& signal, const SegmentSettings& s) {
    const auto depth = static_cast<float>(s.splitDepth);
    const io::LabelImage rough = s.split ? watershedPeaks(halfWidth(mask), depth) : connected(mask);
    const std::vector<float> bright = brightness(rough, signal);
    const auto relative = [&](std::size_t i) {
        return signal.ptr<float>()[i] / std::max(bright[rough.pixels[i]], 1e-20F);
    };
    if (s.edge > 0) {
        for (std::size_t i = 0; i < mask.total(); ++i)
            if (mask.data[i] && relative(i) < static_cast<float>(s.edge)) mask.data[i] = 0;
        if (s.fillHoles) fillHoles(mask);
    }
    if (!s.split) return connected(mask);
    io::FloatImage height = halfWidth(mask);
    // A pixel below the edge that is foreground still is a filled hole: its darkness is no waist.
    if (s.splitIntensity > 0)
        for (std::size_t i = 0; i < mask.total(); ++i)
            if (mask.data[i] && rough.pixels[i] != 0 && relative(i) >= std::max(static_cast<float>(s.edge), 1e-3F))
                height.pixels[i] *= std::pow(std::min(relative(i), 1.25F), static_cast<float>(s.splitIntensity));
    return watershedPeaks(height, depth);
}

/// Applies size and border rules and renumbers in reading order.
void keepObjects(io::LabelImage& labels, const SegmentSettings& s) {
    const std::uint32_t count = labels.pixels.empty() ? 0 : *std::ranges::max_element(labels.pixels);
    std::vector<int> area(count + 1, 0);
    std::vector<std::uint8_t> atEdge(count + 1, 0);
    for (int y = 0; y < labels.height; ++y)
        for (int x = 0; x < labels.width; ++x) {
            const std::uint32_t label = labels.at(y, x);
            ++area[label];
            if (y == 0 || x == 0 || y == labels.height - 1 || x == labels.width - 1) atEdge[label] = 1;
        }
    std::vector<std::uint32_t> number(count + 1, 0);
    std::uint32_t next = 0;
    for (std::uint32_t& label : labels.pixels) {
        if (label == 0) continue;
        const bool kept = area[label] >= s.minArea && (s.maxArea == 0 || area[label] <= s.maxArea) &&
                          !(s.dropBorder && atEdge[label]);
        if (kept && number[label] == 0) number[label] = ++next;
        label = number[label];
    }
}

Result<void> check(const io::FloatImage& image, const SegmentSettings& s) {
    if (image.width <= 0 || image.height <= 0 || image.pixels.empty())
        return fail(ErrorCode::BadInput, "The image has no pixels");
    const auto positive = [](double value) { return std::isfinite(value) && value > 0; };
    if (!(s.smoothing >= 0) || !positive(s.backgroundRadius) || !positive(s.adaptiveRadius) ||
        !positive(s.thresholdFactor) || !(s.splitDepth >= 0 && s.splitDepth <= 1) || !(s.splitIntensity >= 0) ||
        !(s.edge >= 0 && s.edge < 1) || !std::isfinite(s.level) || s.minArea < 0 || s.maxArea < 0)
        return fail(ErrorCode::Usage, "A segmentation setting is out of range",
                    "Lengths and the threshold factor are positive, 'edge' is at least 0 and below 1.");
    return {};
}

}  // namespace

Result<io::LabelImage> segmentFrame(const io::FloatImage& image, const SegmentSettings& settings) {
    DS_TRY(check(image, settings));
    try {
        const cv::Mat pixels = prepared(image, settings.darkObjects);
        const cv::Mat signal = foregroundSignal(pixels, settings);
        cv::Mat mask = foregroundMask(signal, noiseLevel(signal), settings);
        if (settings.fillHoles) fillHoles(mask);
        io::LabelImage labels = objects(mask, signal, settings);
        keepObjects(labels, settings);
        return labels;
    } catch (const cv::Exception& error) {
        return fail(ErrorCode::Internal, fmt::format("Segmentation failed in OpenCV: {}", error.what()));
    }
}

}  // namespace driftscope::cells
