#include "plugins/cells/cells_data.h"

#include <algorithm>
#include <limits>
#include <numeric>

#include "core/cells/annotation_csv.h"
#include "core/cells/edited_masks.h"
#include "core/io/h5ad.h"

namespace driftscope::cells {
namespace {

constexpr float kMissing = std::numeric_limits<float>::quiet_NaN();

/// Packs field, frame and track id; 20 + 20 + 24 bits hold a million fields, a million frames and 16 million tracks.
std::uint64_t cellKey(std::uint64_t field, std::int64_t t, std::int64_t trackId) {
    return field << 44 | (static_cast<std::uint64_t>(t) & 0xFFFFF) << 24 | (static_cast<std::uint64_t>(trackId) & 0xFFFFFF);
}

std::string withoutSlash(const std::string& name) {
    return name.starts_with('/') ? name.substr(1) : name;
}

/// A column of the table in the order of our rows; whole numbers that some rows lack become floats.
Column scatter(const Column& source, const std::vector<std::int64_t>& placeOfRow, std::size_t rows) {
    if (const auto* names = std::get_if<Categorical>(&source)) {
        Categorical out{std::vector<std::int32_t>(rows, -1), names->categories, names->ordered};
        for (std::size_t row = 0; row < placeOfRow.size(); ++row)
            if (placeOfRow[row] >= 0) out.codes[static_cast<std::size_t>(placeOfRow[row])] = names->codes[row];
        return out;
    }
    if (isNumeric(source)) {
        std::vector<double> out(rows, kMissing);
        for (std::size_t row = 0; row < placeOfRow.size(); ++row)
            if (placeOfRow[row] >= 0) out[static_cast<std::size_t>(placeOfRow[row])] = columnNumber(source, row);
        return out;
    }
    std::vector<std::string> texts(rows);
    for (std::size_t row = 0; row < placeOfRow.size(); ++row)
        if (placeOfRow[row] >= 0) texts[static_cast<std::size_t>(placeOfRow[row])] = columnText(source, row);
    return Categorical::fromTexts(texts);
}

/// Spreads the rows of `source` to their place in a matrix of `rows` rows; places without a source row are NaN.
Matrix scatter(const Matrix& source, const std::vector<std::int64_t>& placeOfRow, std::size_t rows) {
    Matrix out(rows, source.columns);
    std::fill(out.values.begin(), out.values.end(), kMissing);
    for (std::size_t row = 0; row < source.rows; ++row)
        if (placeOfRow[row] >= 0) std::ranges::copy(source.row(row), out.row(static_cast<std::size_t>(placeOfRow[row])).begin());
    return out;
}

}  // namespace

Result<std::shared_ptr<const CellsData>> CellsData::load(const CellsPaths& paths) {
    auto data = std::make_shared<CellsData>();
    data->paths_ = paths;
    DS_TRY(data->openFields());
    DS_TRY(data->readAllTracks());
    DS_TRY(data->index());
    if (!paths.table.empty()) DS_TRY(data->joinTable());
    return data;
}

Result<void> CellsData::openFields() {
    DS_ASSIGN(const io::TimeLapseListing images, io::listTimeLapses(paths_.images));
    warnings_ = images.warnings;
    io::TimeLapseListing masks;
    if (!paths_.tracks.empty()) {
        DS_ASSIGN(masks, io::listTimeLapses(paths_.tracks));
        warnings_.insert(warnings_.end(), masks.warnings.begin(), masks.warnings.end());
    }
    for (const std::string& name : images.names) {
        FieldOfView field;
        DS_ASSIGN(field.images, io::openTimeLapse(paths_.images, name));
        // A folder of frames has no position name of its own: it belongs to the only position of the tracks plate.
        const bool only = images.names.size() == 1 && masks.names.size() == 1;
        const bool listed = std::ranges::find(masks.names, name) != masks.names.end();
        field.name = listed || !only ? name : masks.names.front();
        if (listed || only) {
            DS_ASSIGN(field.masks, io::openTimeLapse(paths_.tracks, field.name));
            const auto& a = field.images->info().shape;
            const auto& b = field.masks->info().shape;
            if (a[0] != b[0] || a[3] != b[3] || a[4] != b[4])
                return fail(ErrorCode::BadInput,
                            fmt::format("{} of {} has {} frames of {} x {} pixels, its masks in {} have {} of {} x {}.", field.name, paths_.images,
                                        a[0], a[3], a[4], paths_.tracks, b[0], b[3], b[4]),
                            "Open the tracks that were made from these images.");
        } else if (!paths_.tracks.empty()) {
            warnings_.push_back(fmt::format("{} has no position {}: its cells are not shown.", paths_.tracks, name));
        }
        fields_.push_back(std::move(field));
    }
    return {};
}

Result<void> CellsData::readAllTracks() {
    for (std::uint32_t index = 0; index < fields_.size(); ++index) {
        FieldOfView& field = fields_[index];
        field.firstRow = rows();
        TrackTable tracks{field.name, {}, false, {}};
        if (field.masks) {
            DS_ASSIGN(const std::filesystem::path csv, findTracksCsv(paths_.tracks, field.name));
            DS_ASSIGN(tracks, readTracks(csv, field.name));
        }
        std::stable_sort(tracks.detections.begin(), tracks.detections.end(), [](const Detection& a, const Detection& b) { return a.t < b.t; });
        detections_.insert(detections_.end(), tracks.detections.begin(), tracks.detections.end());
        fieldOfRow_.resize(detections_.size(), index);
        warnings_.insert(warnings_.end(), tracks.warnings.begin(), tracks.warnings.end());
        field.endRow = rows();
        trackTables_.push_back(std::move(tracks));
    }
    table_ = toObs(trackTables_);
    embedded_.assign(rows(), 0);
    return {};
}

Result<void> CellsData::index() {
    DS_ASSIGN(tracks_, trajectories(table_, {"fov_name", "track_id"}, "t"));
    trackOfRow_.resize(rows());
    for (std::uint32_t track = 0; track < tracks_.size(); ++track) {
        trackOfEntity_[tracks_[track].entity] = track;
        for (std::uint32_t row : tracks_[track].rows) trackOfRow_[row] = track;
    }
    for (std::uint32_t row = 0; row < rows(); ++row) rowOfCell_[cellKey(fieldOfRow_[row], detections_[row].t, detections_[row].trackId)] = row;
    return {};
}

Result<void> CellsData::joinTable() {
    DS_ASSIGN(const EmbeddingTable embeddings, io::readH5ad(paths_.table));
    DS_ASSIGN(const std::vector<std::string> fovs, embeddings.texts("fov_name"));
    DS_ASSIGN(const std::vector<std::int64_t> frames, embeddings.integers("t"));
    DS_ASSIGN(const std::vector<std::int64_t> trackIds, embeddings.integers("track_id"));
    std::unordered_map<std::string, std::uint32_t> fieldOfName;
    for (std::uint32_t index = 0; index < fields_.size(); ++index) fieldOfName[fields_[index].name] = index;

    std::vector<std::int64_t> placeOfRow(embeddings.rows(), -1);
    std::size_t lost = 0;
    for (std::size_t row = 0; row < embeddings.rows(); ++row) {
        const auto field = fieldOfName.find(withoutSlash(fovs[row]));
        const auto place = field == fieldOfName.end() ? std::nullopt : rowAt(field->second, frames[row], trackIds[row]);
        if (!place) {
            ++lost;
            continue;
        }
        placeOfRow[row] = *place;
        embedded_[*place] = 1;
        ++embeddedCount_;
    }
    if (lost > 0) warnings_.push_back(fmt::format("{} of {} rows of {} belong to no cell of these tracks.", lost, embeddings.rows(), paths_.table));
    table_.x = scatter(embeddings.x, placeOfRow, rows());
    table_.varNames = embeddings.varNames;
    table_.uns = embeddings.uns;
    // What analyses added (clusters, pseudotime, conditions) colours the map; the tracks know better about their own columns.
    for (const std::string& name : embeddings.columnNames())
        if (!table_.column(name)) DS_TRY(table_.setColumn(name, scatter(*embeddings.column(name), placeOfRow, rows())));
    for (const std::string& name : embeddings.matrixNames()) DS_TRY(table_.setMatrix(name, scatter(*embeddings.matrix(name), placeOfRow, rows())));
    return {};
}

std::optional<std::uint32_t> CellsData::rowAt(std::uint32_t field, std::int64_t t, std::int64_t trackId) const {
    const auto found = rowOfCell_.find(cellKey(field, t, trackId));
    return found == rowOfCell_.end() ? std::nullopt : std::optional(found->second);
}

std::vector<std::uint32_t> CellsData::rowsAt(std::uint32_t field, std::int64_t t) const {
    const auto begin = detections_.begin() + fields_[field].firstRow;
    const auto end = detections_.begin() + fields_[field].endRow;
    const auto first = std::lower_bound(begin, end, t, [](const Detection& d, std::int64_t frame) { return d.t < frame; });
    std::vector<std::uint32_t> out;
    for (auto it = first; it != end && it->t == t; ++it) out.push_back(static_cast<std::uint32_t>(it - detections_.begin()));
    return out;
}

std::optional<std::uint32_t> CellsData::findEntity(const std::string& entity) const {
    const auto found = trackOfEntity_.find(entity);
    return found == trackOfEntity_.end() ? std::nullopt : std::optional(found->second);
}

std::optional<std::uint32_t> CellsData::rowOfStored(const std::string& entity, std::int64_t t) const {
    if (!storedEntity_.empty()) {
        const auto found = rowOfStored_.find(fmt::format("{}@{}", entity, t));
        return found == rowOfStored_.end() ? std::nullopt : std::optional(found->second);
    }
    const auto track = findEntity(entity);
    if (!track) return std::nullopt;
    const Trajectory& trajectory = tracks_[*track];
    const auto step = std::ranges::lower_bound(trajectory.steps, t);
    if (step == trajectory.steps.end() || *step != t) return std::nullopt;
    return trajectory.rows[static_cast<std::size_t>(step - trajectory.steps.begin())];
}

Result<std::shared_ptr<const CellsData>> CellsData::edited(const std::shared_ptr<const CellsData>& source, const std::vector<TrackEditLog::Entry>& entries) {
    if (entries.empty()) return source;
    DS_ASSIGN(const auto fields, applyEdits(source->trackTables(), entries));
    auto data = std::make_shared<CellsData>();
    data->paths_ = source->paths_;
    data->warnings_ = source->warnings_;
    std::vector<std::int64_t> placeOfRow(source->rows(), -1);
    for (std::uint32_t index = 0; index < fields.size(); ++index) {
        const TrackTable& now = fields[index].tracks();
        FieldOfView field = source->fields_[index];
        if (field.masks) field.masks = editedMasks(field.masks, source->trackTables_[index], fields[index]);
        field.firstRow = data->rows();
        std::vector<std::size_t> order(now.detections.size());
        std::iota(order.begin(), order.end(), 0u);
        std::ranges::stable_sort(order, {}, [&](std::size_t i) { return now.detections[i].t; });
        TrackTable sorted{now.fovName, {}, now.hasZ, now.warnings};
        for (const std::size_t i : order) {
            const Detection& d = now.detections[i];
            const auto row = data->rows();
            sorted.detections.push_back(d);
            data->detections_.push_back(d);
            data->fieldOfRow_.push_back(index);
            data->storedEntity_.push_back(entityOf(now.fovName, fields[index].storedTracks()[i]));
            data->rowOfStored_[fmt::format("{}@{}", data->storedEntity_.back(), d.t)] = row;
            const auto from = fields[index].sources()[i];
            const std::uint32_t sourceRow = from ? source->fields_[index].firstRow + static_cast<std::uint32_t>(*from) : 0;
            if (from) placeOfRow[sourceRow] = row;
            data->embedded_.push_back(from && source->embedded_[sourceRow]);
            data->embeddedCount_ += data->embedded_.back();
        }
        field.endRow = data->rows();
        data->fields_.push_back(std::move(field));
        data->trackTables_.push_back(std::move(sorted));
    }
    data->table_ = toObs(data->trackTables_);
    DS_TRY(data->index());
    const EmbeddingTable& old = source->table_;
    data->table_.x = old.x.columns > 0 ? scatter(old.x, placeOfRow, data->rows()) : Matrix();
    data->table_.varNames = old.varNames;
    data->table_.uns = old.uns;
    for (const std::string& name : old.columnNames())
        if (!data->table_.column(name)) DS_TRY(data->table_.setColumn(name, scatter(*old.column(name), placeOfRow, data->rows())));
    for (const std::string& name : old.matrixNames()) DS_TRY(data->table_.setMatrix(name, scatter(*old.matrix(name), placeOfRow, data->rows())));
    return data;
}

}  // namespace driftscope::cells
