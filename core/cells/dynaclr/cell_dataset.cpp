#include "core/cells/dynaclr/cell_dataset.h"

#include <algorithm>
#include <map>

namespace driftscope::cells {
namespace {

namespace fs = std::filesystem;

struct Pairing {
    std::string image;   ///< name among the images
    std::string fov;     ///< name among the tracks
    fs::path csv;
};

bool isCsv(const fs::path& path) {
    return path.extension() == ".csv" && fs::is_regular_file(path);
}

Result<std::vector<Pairing>> pairByName(const std::vector<std::string>& images, const std::vector<std::string>& positions, const fs::path& tracks,
                                        std::vector<std::string>& warnings) {
    std::vector<Pairing> pairs;
    if (images.size() == 1 && positions.size() == 1) {
        DS_ASSIGN(const fs::path csv, findTracksCsv(tracks, positions[0]));
        pairs.push_back({images[0], positions[0], csv});
        return pairs;
    }
    for (const std::string& name : images) {
        if (std::find(positions.begin(), positions.end(), name) == positions.end()) {
            warnings.push_back(fmt::format("Position {} has no tracks in {} and is left out.", name, tracks.string()));
            continue;
        }
        DS_ASSIGN(const fs::path csv, findTracksCsv(tracks, name));
        pairs.push_back({name, name, csv});
    }
    if (pairs.empty())
        return fail(ErrorCode::BadInput, fmt::format("No position has both images and tracks: images are {}, tracks are {}.", fmt::join(images, ", "), fmt::join(positions, ", ")),
                    "Choose the tracks that belong to these images.");
    return pairs;
}

Result<std::vector<Pairing>> pairUp(const fs::path& images, const fs::path& tracks, std::vector<std::string>& warnings) {
    DS_ASSIGN(const io::TimeLapseListing pictures, io::listTimeLapses(images));
    warnings.insert(warnings.end(), pictures.warnings.begin(), pictures.warnings.end());
    if (isCsv(tracks)) {
        if (pictures.names.size() == 1) return std::vector<Pairing>{{pictures.names[0], pictures.names[0], tracks}};
        return fail(ErrorCode::BadInput, fmt::format("{} is one CSV file, but {} has {} positions.", tracks.string(), images.string(), pictures.names.size()),
                    "Give a tracks plate with a CSV per position.");
    }
    DS_ASSIGN(const io::TimeLapseListing masks, io::listTimeLapses(tracks));
    return pairByName(pictures.names, masks.names, tracks, warnings);
}

Result<void> keepWanted(std::vector<Pairing>& pairs, const std::vector<std::string>& fovs) {
    if (fovs.empty()) return {};
    for (const std::string& wanted : fovs)
        if (std::none_of(pairs.begin(), pairs.end(), [&](const Pairing& pair) { return pair.fov == wanted; }))
            return fail(ErrorCode::BadInput, fmt::format("There is no position '{}' with images and tracks.", wanted), "Check the parameter 'fovs'.");
    std::erase_if(pairs, [&](const Pairing& pair) { return std::find(fovs.begin(), fovs.end(), pair.fov) == fovs.end(); });
    return {};
}

Result<void> checkFrames(const CellField& field, const fs::path& csv) {
    for (const Detection& cell : field.tracks.detections)
        if (cell.t < 0 || cell.t >= field.images->info().frames())
            return fail(ErrorCode::BadInput, fmt::format("{}: track {} has a cell in frame {}, but {} has {} frames.", csv.string(), cell.trackId, cell.t,
                                                         field.images->path().string(), field.images->info().frames()),
                        "Choose the tracks that belong to these images.");
    return {};
}

}  // namespace

Result<void> numberFamilies(CellDataset& dataset) {
    for (CellField& field : dataset.fields) {
        auto lineages = Lineages::make(field.tracks.detections);
        if (!lineages) return tl::unexpected(std::move(lineages).error().during("position " + field.name));
        field.lineages = std::move(*lineages);
    }
    std::map<std::pair<std::uint32_t, std::int64_t>, std::int64_t> numbers;
    const auto number = [&](std::uint32_t field, std::int64_t track) {
        return numbers.try_emplace({field, track}, static_cast<std::int64_t>(numbers.size())).first->second;
    };
    for (CellRow& row : dataset.rows) {
        const std::int64_t track = dataset.detection(row).trackId;
        row.track = number(row.field, track);
        row.family = number(row.field, dataset.fields[row.field].lineages.root(track));
    }
    return {};
}

Result<CellDataset> openCells(const fs::path& images, const fs::path& tracks, const std::vector<std::string>& fovs) {
    CellDataset dataset;
    DS_ASSIGN(std::vector<Pairing> pairs, pairUp(images, tracks, dataset.warnings));
    DS_TRY(keepWanted(pairs, fovs));
    for (const Pairing& pair : pairs) {
        CellField field{pair.fov, nullptr, {}, {}};
        DS_ASSIGN(field.images, io::openTimeLapse(images, pair.image));
        DS_ASSIGN(field.tracks, readTracks(pair.csv, pair.fov));
        dataset.warnings.insert(dataset.warnings.end(), field.tracks.warnings.begin(), field.tracks.warnings.end());
        DS_TRY(checkFrames(field, pair.csv));
        const auto index = static_cast<std::uint32_t>(dataset.fields.size());
        for (std::uint32_t i = 0; i < field.tracks.detections.size(); ++i) dataset.rows.push_back({index, i, field.tracks.detections[i].t, 0, 0});
        dataset.fields.push_back(std::move(field));
    }
    if (dataset.rows.empty()) return fail(ErrorCode::BadInput, fmt::format("{} holds no cells.", tracks.string()), "Segment and track the images first.");
    DS_TRY(numberFamilies(dataset));
    return dataset;
}

}  // namespace driftscope::cells
