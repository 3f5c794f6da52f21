#include "core/cells/analysis/alignment.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>

namespace driftscope::cells {
namespace {

constexpr double kConstant = 1e-10;  // a standard deviation below this counts as 1, as in VisCy
constexpr double kNothing = std::numeric_limits<double>::quiet_NaN();

double cosineDistance(std::span<const double> a, std::span<const double> b) {
    double ab = 0, aa = 0, bb = 0;
    for (std::size_t i = 0; i < a.size(); ++i) {
        ab += a[i] * b[i];
        aa += a[i] * a[i];
        bb += b[i] * b[i];
    }
    return aa > 0 && bb > 0 ? 1 - ab / std::sqrt(aa * bb) : 1;
}

/// Classic DTW (steps right, down, diagonal at equal weight) on cosine distances.
std::pair<double, embed::WarpingPath> cosineDtw(const embed::Series& a, const embed::Series& b, std::size_t offset, std::size_t length) {
    const std::size_t columns = length + 1;
    std::vector<double> costs((a.steps + 1) * columns, std::numeric_limits<double>::infinity());
    costs[0] = 0;
    for (std::size_t i = 0; i < a.steps; ++i)
        for (std::size_t j = 0; j < length; ++j)
            costs[(i + 1) * columns + j + 1] = cosineDistance(a.at(i), b.at(offset + j)) + std::min({costs[i * columns + j], costs[i * columns + j + 1], costs[(i + 1) * columns + j]});
    embed::WarpingPath path;
    for (std::size_t i = a.steps, j = length; i > 0 && j > 0;) {
        path.emplace_back(i - 1, offset + j - 1);
        const double diagonal = costs[(i - 1) * columns + j - 1], up = costs[(i - 1) * columns + j], left = costs[i * columns + j - 1];
        if (diagonal <= up && diagonal <= left) {
            --i;
            --j;
        } else if (up <= left) {
            --i;
        } else {
            --j;
        }
    }
    std::ranges::reverse(path);
    return {costs[a.steps * columns + length], std::move(path)};
}

}  // namespace

Result<Matrix> alignmentSpace(const Matrix& features, std::span<const std::int32_t> dataset, std::size_t components) {
    Matrix scaled(features.rows, features.columns);
    std::map<std::int32_t, std::vector<std::size_t>> rows;
    for (std::size_t row = 0; row < features.rows; ++row) rows[dataset[row]].push_back(row);
    for (const auto& [name, members] : rows)
        for (std::size_t c = 0; c < features.columns; ++c) {
            double mean = 0, square = 0;
            for (const std::size_t row : members) mean += features(row, c) / static_cast<double>(members.size());
            for (const std::size_t row : members) square += (features(row, c) - mean) * (features(row, c) - mean) / static_cast<double>(members.size());
            const double deviation = std::sqrt(square);
            for (const std::size_t row : members) scaled(row, c) = static_cast<float>((features(row, c) - mean) / (deviation < kConstant ? 1 : deviation));
        }
    Matrix reduced = scaled;
    if (components > 0) {
        DS_ASSIGN(const embed::Pca pca, embed::Pca::fit(scaled, {std::min({components, features.columns, features.rows - 1}), false, 0}));
        reduced = pca.transform(scaled);
    }
    for (std::size_t row = 0; row < reduced.rows; ++row) {
        double square = 0;
        for (const float value : reduced.row(row)) square += static_cast<double>(value) * value;
        if (square > 0)
            for (float& value : reduced.row(row)) value = static_cast<float>(value / std::sqrt(square));
    }
    return reduced;
}

nlohmann::json EventTemplate::toJson() const {
    return {{"steps", steps.steps}, {"dimensions", steps.dimensions}, {"values", steps.values}, {"frames_from_event", fromEvent}, {"tracks", tracks}, {"iterations", iterations}, {"medoid", medoid}};
}

Result<EventTemplate> EventTemplate::fromJson(const nlohmann::json& json) {
    try {
        EventTemplate out;
        out.steps = embed::Series(json.at("steps").get<std::size_t>(), json.at("dimensions").get<std::size_t>());
        const auto values = json.at("values").get<std::vector<double>>();
        out.fromEvent = json.at("frames_from_event").get<std::vector<double>>();
        if (values.size() != out.steps.values.size() || out.fromEvent.size() != out.steps.steps || out.steps.steps < 2)
            return fail(ErrorCode::BadInput, "The template's sizes do not fit each other.", "Use a template.json that cells.align wrote.");
        out.steps.values = values;
        out.tracks = json.value("tracks", std::size_t{0});
        out.medoid = json.value("medoid", "");
        return out;
    } catch (const nlohmann::json::exception& error) {
        return fail(ErrorCode::BadInput, fmt::format("The template cannot be read: {}.", error.what()), "Use a template.json that cells.align wrote.");
    }
}

Result<EventTemplate> makeTemplate(std::span<const EventCourse> courses) {
    std::vector<embed::Series> series;
    for (const EventCourse& course : courses) series.push_back(course.steps);
    embed::DbaOptions options;
    options.unitSteps = true;
    DS_ASSIGN(embed::Barycenter centre, embed::dtwBarycenter(series, options));
    EventTemplate out;
    out.tracks = courses.size();
    out.iterations = centre.iterations;
    out.medoid = courses[centre.medoid].entity;
    std::vector<double> sums(centre.average.steps), counts(centre.average.steps);
    for (const EventCourse& course : courses) {
        DS_ASSIGN(const embed::WarpingPath path, embed::dtwPath(centre.average, course.steps));
        for (const auto& [i, j] : path) {
            sums[i] += course.fromEvent[j];
            counts[i] += 1;
        }
    }
    for (std::size_t i = 0; i < sums.size(); ++i) out.fromEvent.push_back(sums[i] / counts[i]);
    out.steps = std::move(centre.average);
    return out;
}

double pathSkew(const embed::WarpingPath& path, std::size_t first, std::size_t second) {
    if (path.size() < 2) return 0;
    const auto [i0, j0] = path.front();
    const auto [i1, j1] = path.back();
    const auto x0 = static_cast<double>(i0), y0 = static_cast<double>(j0);
    const double width = static_cast<double>(i1) - x0, height = static_cast<double>(j1) - y0;
    double sum = 0;
    for (std::size_t k = 0; k < path.size(); ++k) {
        const double share = static_cast<double>(k) / static_cast<double>(path.size() - 1);
        sum += std::abs(static_cast<double>(path[k].first) - x0 - share * width) + std::abs(static_cast<double>(path[k].second) - y0 - share * height);
    }
    return sum / static_cast<double>(path.size()) / static_cast<double>(std::max(first, second));
}

Result<TrackAlignment> alignTrack(const EventTemplate& pattern, const embed::Series& track, double penalty) {
    DS_ASSIGN(const embed::Subsequence found, embed::alignSubsequence(pattern.steps, track, penalty));
    TrackAlignment out;
    out.value = found.value;
    out.normalizedCost = found.value / static_cast<double>(found.path.size());
    out.skew = pathSkew(found.path, pattern.steps.steps, track.steps);
    out.begin = found.begin;
    out.end = found.end;
    out.pseudotime.assign(track.steps, 0);
    out.templateTime.assign(track.steps, kNothing);
    const auto last = static_cast<double>(pattern.steps.steps - 1);
    for (std::size_t j = 0; j < track.steps; ++j) {
        if (j > found.end) out.pseudotime[j] = 1;
        out.region.push_back(j < found.begin ? AlignedRegion::Pre : j > found.end ? AlignedRegion::Post : AlignedRegion::Aligned);
    }
    // Later pairs of the path overwrite earlier ones: the last matched step of the template counts.
    for (const auto& [i, j] : found.path) {
        out.pseudotime[j] = last > 0 ? static_cast<double>(i) / last : 0;
        out.templateTime[j] = pattern.fromEvent[i];
    }
    for (std::size_t j = 0; j < track.steps; ++j) {
        const std::size_t before = j > 0 ? j - 1 : 0, after = std::min(j + 1, track.steps - 1);
        out.speed.push_back(after > before ? (out.pseudotime[after] - out.pseudotime[before]) / static_cast<double>(after - before) : 0);
    }
    return out;
}

Result<std::vector<WindowMatch>> windowMatches(const embed::Series& reference, const embed::Series& track, const WindowOptions& options) {
    if (reference.steps == 0 || reference.dimensions != track.dimensions)
        return fail(ErrorCode::BadInput, "The reference is empty or has other dimensions than the track.", "Both must come from the same features.");
    std::vector<WindowMatch> out;
    if (track.steps < reference.steps) return out;
    const auto stride = std::max<std::size_t>(1, static_cast<std::size_t>(options.stride * static_cast<double>(reference.steps)));
    for (std::size_t begin = 0; begin + reference.steps <= track.steps; begin += stride) {
        auto [cost, path] = cosineDtw(reference, track, begin, reference.steps);
        WindowMatch match{begin, cost / static_cast<double>(path.size()), pathSkew(path, reference.steps, reference.steps), std::move(path)};
        if (match.skew <= options.largestSkew) out.push_back(std::move(match));
    }
    std::ranges::stable_sort(out, [](const WindowMatch& a, const WindowMatch& b) { return std::pair(a.distance, a.skew) < std::pair(b.distance, b.skew); });
    if (out.size() > options.keep) out.resize(options.keep);
    return out;
}

std::vector<double> consensusPseudotime(std::span<const WindowMatch> matches, std::size_t referenceSteps, std::size_t trackSteps) {
    std::vector<double> sums(trackSteps), weights(trackSteps), out(trackSteps, kNothing);
    std::size_t first = trackSteps, last = 0;
    for (const WindowMatch& match : matches) {
        const double weight = 1 / std::max(match.distance, 1e-12);
        std::map<std::size_t, std::size_t> matched;
        for (const auto& [i, j] : match.path) matched[j] = i;
        for (const auto& [j, i] : matched) {
            sums[j] += weight * static_cast<double>(i) / static_cast<double>(std::max<std::size_t>(referenceSteps - 1, 1));
            weights[j] += weight;
            first = std::min(first, j);
            last = std::max(last, j);
        }
    }
    if (first == trackSteps) return out;
    for (std::size_t j = 0; j < trackSteps; ++j) {
        if (weights[j] > 0) out[j] = std::clamp(sums[j] / weights[j], 0.0, 1.0);
        if (j < first) out[j] = 0;
        if (j > last) out[j] = 1;
    }
    return out;
}

}  // namespace driftscope::cells
