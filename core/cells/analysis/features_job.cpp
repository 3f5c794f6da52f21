#include <algorithm>
#include <cmath>
#include <limits>
#include <map>

#include "core/cells/analysis/cell_features.h"
#include "core/cells/analysis/job_kinds.h"
#include "core/cells/analysis/statistics.h"
#include "core/cells/analysis/tracked_cells.h"
#include "core/cells/movie.h"
#include "core/cells/track_table.h"
#include "core/embed/pca.h"
#include "core/io/csv.h"
#include "core/io/h5ad.h"

namespace driftscope::cells {
namespace {

using nlohmann::json;

/// A position: its images, its masks and its cells.
struct Field {
    std::shared_ptr<const io::TimeLapse> images, masks;
    TrackTable tracks;
};

Result<std::vector<Field>> openFields(JobContext& job) {
    const Params& params = job.params();
    std::vector<std::string> warnings;
    DS_ASSIGN(const std::vector<Movie> movies, openMovies(params.text("images"), params.texts("fovs"), warnings));
    const std::filesystem::path plate = params.text("tracks");
    DS_ASSIGN(const io::TimeLapseListing listing, io::listTimeLapses(plate));
    warnings.insert(warnings.end(), listing.warnings.begin(), listing.warnings.end());
    std::vector<Field> out;
    for (const Movie& movie : movies) {
        const std::string name = movies.size() == 1 && listing.names.size() == 1 ? listing.names.front() : movie.position;
        if (std::ranges::find(listing.names, name) == listing.names.end()) {
            warnings.push_back(fmt::format("{} has no position {}: its cells are left out.", plate.string(), name));
            continue;
        }
        Field field{movie.lapse, nullptr, {}};
        DS_ASSIGN(field.masks, io::openTimeLapse(plate, name));
        DS_ASSIGN(const std::filesystem::path csv, findTracksCsv(plate, name));
        DS_ASSIGN(field.tracks, readTracks(csv, name));
        const auto &a = field.images->info().shape, &b = field.masks->info().shape;
        if (a[0] != b[0] || a[3] != b[3] || a[4] != b[4])
            return fail(ErrorCode::BadInput, fmt::format("{} has {} frames of {} x {} pixels, its masks have {} of {} x {}.", name, a[0], a[3], a[4], b[0], b[3], b[4]), "Choose the tracks that were made from these images.");
        warnings.insert(warnings.end(), field.tracks.warnings.begin(), field.tracks.warnings.end());
        std::ranges::stable_sort(field.tracks.detections, {}, &Detection::t);
        out.push_back(std::move(field));
    }
    for (const std::string& warning : warnings) job.warn(warning);
    if (out.empty()) return fail(ErrorCode::BadInput, "No position has both images and tracks.", "Choose the tracks that belong to these images.");
    return out;
}

/// Names of all columns: shape, then intensity and texture of every channel.
std::vector<std::string> columnNames(const std::vector<std::string>& channels) {
    std::vector<std::string> out;
    for (const std::string& name : shapeNames()) out.push_back("shape_" + name);
    for (const std::string& channel : channels) {
        for (const std::string& name : intensityNames()) out.push_back(channel + "_" + name);
        for (const std::string& name : textureNames()) out.push_back(channel + "_" + name);
    }
    return out;
}

/// Image features of every detection of a field, in the order of its tracks.
Result<std::vector<FeatureRow>> measureField(JobContext& job, const Field& field, const std::vector<std::int64_t>& channels, std::size_t columns, SliceChoice slice, double& done, double total, std::size_t& absent) {
    std::vector<FeatureRow> out(field.tracks.detections.size(), FeatureRow(columns, std::numeric_limits<double>::quiet_NaN()));
    const std::vector<Detection>& cells = field.tracks.detections;
    for (std::size_t begin = 0; begin < cells.size();) {
        if (job.cancelled()) return JobContext::cancel();
        std::size_t end = begin;
        while (end < cells.size() && cells[end].t == cells[begin].t) ++end;
        const std::int64_t t = cells[begin].t;
        if (t < 0 || t >= field.images->info().frames()) return fail(ErrorCode::BadInput, fmt::format("A cell of {} is in frame {}, which the images do not have.", field.tracks.fovName, t), "Choose the tracks that belong to these images.");
        DS_ASSIGN(const io::LabelImage labels, readLabels(*field.masks, t, 0, std::nullopt));
        const auto objects = objectsOf(labels);
        std::vector<io::FloatImage> images;
        for (const std::int64_t channel : channels) {
            DS_ASSIGN(io::FloatImage image, readFrame(*field.images, t, channel, slice));
            images.push_back(std::move(image));
        }
        for (std::size_t i = begin; i < end; ++i) {
            const auto object = objects.find(static_cast<std::uint32_t>(cells[i].trackId));
            if (object == objects.end()) {
                ++absent;
                continue;
            }
            FeatureRow row = shapeFeatures(object->second);
            for (const io::FloatImage& image : images)
                for (const FeatureRow& part : {intensityFeatures(object->second, image), textureFeatures(object->second, image)}) row.insert(row.end(), part.begin(), part.end());
            out[i] = std::move(row);
        }
        done += static_cast<double>(end - begin);
        job.progress(done, total, "cell");
        begin = end;
    }
    return out;
}

Result<void> addMotion(EmbeddingTable& table, std::vector<FeatureRow>& rows, double pixel) {
    DS_ASSIGN(const std::vector<Trajectory> tracks, trajectories(table, {"fov_name", "track_id"}, "t"));
    DS_ASSIGN(const Matrix positions, positionsOf(table, pixel, pixel));
    std::vector<FeatureRow> motion(rows.size());
    for (const Trajectory& track : tracks) {
        std::vector<FeatureRow> measured = motionFeatures(track, positions);
        for (std::size_t k = 0; k < track.rows.size(); ++k) motion[track.rows[k]] = std::move(measured[k]);
    }
    for (std::size_t i = 0; i < rows.size(); ++i) rows[i].insert(rows[i].end(), motion[i].begin(), motion[i].end());
    return {};
}

/// Lengths and areas in units of the pixel size.
void scaleShapes(std::vector<FeatureRow>& rows, double pixel) {
    static const std::map<std::string, int> kPowers{{"area", 2}, {"height", 1}, {"width", 1}, {"perimeter", 1}, {"equivalent_diameter", 1}, {"major_axis", 1}, {"minor_axis", 1}};
    for (std::size_t c = 0; c < shapeNames().size(); ++c)
        if (const auto power = kPowers.find(shapeNames()[c]); power != kPowers.end())
            for (FeatureRow& row : rows) row[c] *= std::pow(pixel, power->second);
}

std::string cellKey(const std::string& fov, std::int64_t track, std::int64_t t) {
    return fmt::format("{}#{}@{}", fov.starts_with('/') ? fov.substr(1) : fov, track, t);
}

struct Correlated {
    std::size_t component, feature;
    double r, p;
    std::size_t cells;
};

/// Principal components of an embedding of the same cells beside every feature.
Result<json> correlate(JobContext& job, const EmbeddingTable& measured, const std::vector<std::string>& names) {
    const Params& params = job.params();
    DS_ASSIGN(const TrackedCells cells, readTrackedCells(job));
    Matrix packed(cells.rows.size(), cells.features.columns);
    for (std::size_t i = 0; i < cells.rows.size(); ++i) std::ranges::copy(cells.features.row(cells.rows[i]), packed.row(i).begin());
    const auto wanted = static_cast<std::size_t>(params.integer("pca_components"));
    if (packed.rows < 3) return fail(ErrorCode::BadInput, "The embedding has fewer than three rows.", "Embed more cells first.");
    DS_ASSIGN(const embed::Pca pca, embed::Pca::fit(packed, {std::min({wanted, packed.columns, packed.rows - 1}), params.flag("standardize"), 0}, {job.stopToken(), {}}));
    const Matrix components = pca.transform(packed);
    DS_ASSIGN(const auto fovs, measured.texts("fov_name"));
    DS_ASSIGN(const auto tracks, measured.integers("track_id"));
    DS_ASSIGN(const auto frames, measured.integers("t"));
    std::map<std::string, std::size_t> rowOf;
    for (std::size_t row = 0; row < measured.rows(); ++row) rowOf[cellKey(fovs[row], tracks[row], frames[row])] = row;
    DS_ASSIGN(const auto otherFovs, cells.table.texts("fov_name"));
    DS_ASSIGN(const auto otherTracks, cells.table.integers("track_id"));
    DS_ASSIGN(const auto otherFrames, cells.table.integers("t"));
    std::vector<std::pair<std::size_t, std::size_t>> pairs;  // component row, feature row
    for (std::size_t i = 0; i < cells.rows.size(); ++i)
        if (const auto found = rowOf.find(cellKey(otherFovs[cells.rows[i]], otherTracks[cells.rows[i]], otherFrames[cells.rows[i]])); found != rowOf.end()) pairs.emplace_back(i, found->second);
    if (pairs.size() < 3) return fail(ErrorCode::BadInput, "The embedding and the images have fewer than three cells in common.", "Choose the table that was made from these tracks.");
    std::vector<Correlated> all;
    std::vector<double> p;
    for (std::size_t k = 0; k < components.columns; ++k)
        for (std::size_t f = 0; f < names.size(); ++f) {
            std::vector<double> x, y;
            for (const auto& [i, row] : pairs)
                if (std::isfinite(measured.x(row, f))) {
                    x.push_back(components(i, k));
                    y.push_back(measured.x(row, f));
                }
            const double r = params.text("correlation") == "pearson" ? pearson(x, y) : spearman(x, y);
            const double chance = correlationP(r, x.size());
            if (std::isnan(chance)) continue;  // a feature that never varies has no correlation
            all.push_back({k, f, r, chance, x.size()});
            p.push_back(chance);
        }
    const std::vector<double> q = benjaminiHochberg(p);
    io::CsvTable csv{{"component", "feature", params.text("correlation"), "p", "q", "cells"}, {}};
    for (std::size_t i = 0; i < all.size(); ++i)
        csv.rows.push_back({fmt::format("PC{}", all[i].component + 1), names[all[i].feature], csvNumber(all[i].r), csvNumber(all[i].p), csvNumber(q[i]), fmt::to_string(all[i].cells)});
    DS_TRY(io::writeCsv(job.out("correlation.csv"), csv));
    return json{{"cells", pairs.size()}, {"components", components.columns}, {"explained_variance_ratio", pca.explainedVarianceRatio}};
}

Result<json> run(JobContext& job) {
    const Params& params = job.params();
    DS_ASSIGN(const std::vector<Field> fields, openFields(job));
    const io::TimeLapseInfo info = fields.front().images->info();
    std::vector<std::int64_t> channels;
    std::vector<std::string> channelNames;
    for (const std::string& text : params.texts("channels")) {
        DS_ASSIGN(const std::int64_t channel, findChannel(info, text));
        channels.push_back(channel);
    }
    for (std::int64_t c = 0; params.texts("channels").empty() && c < info.shape[1]; ++c) channels.push_back(c);
    for (const std::int64_t c : channels) channelNames.push_back(info.channels[static_cast<std::size_t>(c)].name.empty() ? fmt::format("channel{}", c) : info.channels[static_cast<std::size_t>(c)].name);
    DS_ASSIGN(const SliceChoice slice, findSlice(info, params.text("z")));
    std::vector<std::string> names = columnNames(channelNames);
    double done = 0, total = 0;
    std::vector<TrackTable> tables;
    for (const Field& field : fields) {
        total += static_cast<double>(field.tracks.detections.size());
        tables.push_back(field.tracks);
    }
    std::vector<FeatureRow> rows;
    std::size_t absent = 0;
    for (const Field& field : fields) {
        DS_ASSIGN(std::vector<FeatureRow> measured, measureField(job, field, channels, names.size(), slice, done, total, absent));
        rows.insert(rows.end(), std::make_move_iterator(measured.begin()), std::make_move_iterator(measured.end()));
    }
    if (absent > 0) job.warn(fmt::format("{} of {} cells are not in the mask of their frame: their image features are missing.", absent, rows.size()));
    scaleShapes(rows, params.real("pixel_size"));
    EmbeddingTable table = toObs(tables);
    DS_TRY(addMotion(table, rows, params.real("pixel_size")));
    for (const std::string& name : motionNames()) names.push_back("motion_" + name);
    table.x = Matrix(rows.size(), names.size());
    io::CsvTable csv{keyNames(table), {}};
    csv.header.insert(csv.header.end(), names.begin(), names.end());
    for (std::size_t i = 0; i < rows.size(); ++i) {
        std::vector<std::string> line = keysOf(table, i);
        for (std::size_t c = 0; c < names.size(); ++c) {
            table.x(i, c) = static_cast<float>(rows[i][c]);
            line.push_back(csvNumber(rows[i][c]));
        }
        csv.rows.push_back(std::move(line));
    }
    table.varNames = names;
    table.uns["driftscope_features"] = job.job();
    json result{{"cells", rows.size()}, {"features", names.size()}, {"absent", absent}, {"csv", "features.csv"}, {"table", "features.h5ad"}};
    if (params.isSet("table")) {
        DS_ASSIGN(result["correlation"], correlate(job, table, names));
        result["correlation_csv"] = "correlation.csv";
    }
    DS_TRY(io::writeCsv(job.out("features.csv"), csv));
    DS_TRY(io::writeH5ad(job.out("features.h5ad"), table));
    return result;
}

}  // namespace

JobKind featuresKind() {
    return {"cells.features", "Measure cells", "Shape, intensity, Haralick texture and motion of every tracked cell (features.csv, features.h5ad); with an embedding, how its principal components correlate with them (correlation.csv).",
            {{.name = "images", .type = ParamType::Path, .help = "Time-lapse: an OME-Zarr plate, a TIFF stack or a folder of TIFF frames."},
             {.name = "tracks", .type = ParamType::Path, .help = "Tracks plate: masks whose values are track ids, and one CSV per position."},
             {.name = "table", .type = ParamType::Path, .help = "Embedding table of the same cells; unset only measures.", .optional = true},
             {.name = "features", .type = ParamType::Text, .fallback = "X", .help = "Matrix of the embedding: X or the name of an obsm matrix.", .advanced = true},
             {.name = "channels", .type = ParamType::TextList, .fallback = json::array(), .help = "Channels by name or number; empty takes all."},
             {.name = "z", .type = ParamType::Text, .fallback = "max", .help = "Slice of a stack: an index, or max for the brightest."},
             {.name = "fovs", .type = ParamType::TextList, .fallback = json::array(), .help = "Positions such as A/1/0; empty takes all."},
             {.name = "pixel_size", .type = ParamType::Real, .fallback = 1.0, .help = "Side of a pixel; 1 leaves lengths in pixels.", .unit = "µm", .minimum = 1e-6, .maximum = 1e6},
             {.name = "pca_components", .type = ParamType::Int, .fallback = 8, .help = "Principal components that are correlated.", .minimum = 1, .maximum = 256, .source = "VisCy"},
             {.name = "standardize", .type = ParamType::Bool, .fallback = true, .help = "Scale the embedding to unit variance before its components.", .source = "VisCy", .advanced = true},
             {.name = "correlation", .type = ParamType::Choice, .fallback = "spearman", .help = "Of ranks, or of values.", .choices = {"spearman", "pearson"}}},
            run};
}

}  // namespace driftscope::cells
