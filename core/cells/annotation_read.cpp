#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <optional>
#include <set>

#include "core/cells/annotation_csv.h"
#include "core/cells/csv_fields.h"

namespace driftscope::cells {
namespace {

constexpr double kSameCell = 4;  // px; VisCy's tolerance for telling duplicates apart

std::string withoutSlash(const std::string& name) {
    const auto begin = name.find_first_not_of('/');
    return begin == std::string::npos ? std::string() : name.substr(begin);
}

/// Finds the detection a row is about.
class Joiner {
  public:
    static Result<Joiner> make(const CsvFields& fields, const io::CsvTable& table,
                               const std::vector<TrackTable>& tracks, const std::filesystem::path& file) {
        Joiner joiner(fields, tracks);
        joiner.fov_ = table.find("fov_name");
        joiner.id_ = table.find("id");
        joiner.track_ = table.find("track_id");
        joiner.t_ = table.find("t");
        joiner.y_ = table.find("y");
        joiner.x_ = table.find("x");
        if (!joiner.id_ && !(joiner.track_ && joiner.t_))
            return fail(
                ErrorCode::BadInput,
                fmt::format("{} cannot be joined to cells: it has neither 'id' nor 'track_id' and 't' (it has: {})",
                            file.string(), fmt::join(table.header, ", ")),
                "Annotation files need fov_name and id, or fov_name, track_id and t.");
        if (!joiner.fov_ && tracks.size() != 1)
            return fail(ErrorCode::BadInput,
                        fmt::format("{} has no column 'fov_name', and there are {} fields of view", file.string(),
                                    tracks.size()),
                        "Add fov_name, or import the file for one position.");
        joiner.index();
        return joiner;
    }

    /// Field and detection index. Nothing: no such detection. Errors: a key that is not a number.
    Result<std::optional<std::pair<std::size_t, std::size_t>>> find(std::size_t row) const {
        std::size_t field = 0;
        if (fov_) {
            const auto known = fieldOf_.find(withoutSlash(fields_.text(row, *fov_)));
            if (known == fieldOf_.end()) return std::nullopt;
            field = known->second;
        }
        std::pair<std::int64_t, std::int64_t> key{0, 0};
        if (id_) {
            DS_ASSIGN(key.first, fields_.integer(row, *id_));
        } else {
            DS_ASSIGN(key.first, fields_.integer(row, *track_));
            DS_ASSIGN(key.second, fields_.integer(row, *t_));
        }
        const auto found = detections_[field].find(key);
        if (found == detections_[field].end()) return std::nullopt;
        const auto chosen = nearest(row, field, found->second);
        if (!chosen) return std::nullopt;
        return std::pair(field, *chosen);
    }

  private:
    Joiner(const CsvFields& fields, const std::vector<TrackTable>& tracks) : fields_(fields), tracks_(tracks) {}

    void index() {
        detections_.resize(tracks_.size());
        for (std::size_t field = 0; field < tracks_.size(); ++field) {
            fieldOf_[withoutSlash(tracks_[field].fovName)] = field;
            for (std::size_t i = 0; i < tracks_[field].detections.size(); ++i) {
                const Detection& d = tracks_[field].detections[i];
                detections_[field][id_ ? std::pair(d.id, std::int64_t{0}) : std::pair(d.trackId, d.t)].push_back(i);
            }
        }
    }

    /// Of several detections with one key, the one within reach of the row's position.
    std::optional<std::size_t> nearest(std::size_t row, std::size_t field,
                                       const std::vector<std::size_t>& candidates) const {
        if (candidates.size() == 1) return candidates.front();
        if (!y_ || !x_) return std::nullopt;
        const auto y = fields_.number(row, *y_), x = fields_.number(row, *x_);
        if (!y || !x) return std::nullopt;
        std::optional<std::size_t> best;
        double least = kSameCell;
        for (const std::size_t i : candidates) {
            const Detection& d = tracks_[field].detections[i];
            const double apart = std::max(std::abs(d.y - *y), std::abs(d.x - *x));
            if (apart <= least) best = i, least = apart;
        }
        return best;
    }

    const CsvFields& fields_;
    const std::vector<TrackTable>& tracks_;
    std::optional<std::size_t> fov_, id_, track_, t_, y_, x_;
    std::map<std::string, std::size_t> fieldOf_;
    std::vector<std::map<std::pair<std::int64_t, std::int64_t>, std::vector<std::size_t>>> detections_;
};

struct StateColumn {
    std::size_t column;
    const LabelSchema* schema;
};

Result<std::vector<StateColumn>> stateColumns(const std::filesystem::path& file, const io::CsvTable& table,
                                              const std::vector<LabelSchema>& schemas,
                                              const std::map<std::string, std::string>& columns) {
    std::vector<StateColumn> found;
    std::vector<std::string> names;
    for (const LabelSchema& schema : schemas) {
        const auto other = columns.find(schema.name);
        names.push_back(other == columns.end() ? schema.name : other->second);
        if (const auto column = table.find(names.back())) {
            found.push_back({*column, &schema});
        } else if (other != columns.end()) {
            return fail(ErrorCode::BadInput, fmt::format("{} has no column '{}' (it has: {})", file.string(),
                                                         names.back(), fmt::join(table.header, ", ")));
        }
    }
    if (found.empty())
        return fail(ErrorCode::BadInput,
                    fmt::format("{} has none of the label columns {} (it has: {})", file.string(),
                                fmt::join(names, ", "), fmt::join(table.header, ", ")),
                    "Name the file's column of a schema, for example columns=infection_state=state, or add a schema "
                    "with this name.");
    return found;
}

/// Collects marks and what could not be used.
class Collector {
  public:
    explicit Collector(std::string file) : file_(std::move(file)) {}

    void take(const std::string& text, const LabelSchema& schema, const TrackTable& field, const Detection& d) {
        auto known = schema.find(text);
        if (!known && text.ends_with(".0"))
            known = schema.find(text.substr(0, text.size() - 2));  // pandas: integers beside gaps
        // A class may be spelled like another schema's "unknown" (0 is interphase but an unknown infection).
        if (!known) {
            if (!schema.meansUnlabelled(text)) ++unknown_[{schema.name, text}];
            return;
        }
        const std::string& label = schema.classes[*known].name;
        const auto [earlier, fresh] = seen_.emplace(std::tuple(schema.name, field.fovName, d.trackId, d.t), label);
        if (fresh)
            result_.marks[withoutSlash(field.fovName)].push_back({schema.name, d.trackId, d.t, label});
        else if (earlier->second != label)
            ++result_.conflicting;
    }

    ImportedAnnotations finish(std::size_t rows, std::size_t matched) {
        result_.rows = rows;
        result_.matched = matched;
        if (rows > matched)
            result_.warnings.push_back(
                fmt::format("{}: {} of {} rows belong to no known cell", file_, rows - matched, rows));
        for (const auto& [what, count] : unknown_)
            result_.warnings.push_back(
                fmt::format("{}: {} rows of '{}' say '{}', which is no class or alias of that schema", file_, count,
                            what.first, what.second));
        if (result_.conflicting)
            result_.warnings.push_back(
                fmt::format("{}: {} values contradict an earlier row about the same cell; the first is used", file_,
                            result_.conflicting));
        return std::move(result_);
    }

    ImportedAnnotations& result() { return result_; }

  private:
    std::string file_;
    ImportedAnnotations result_;
    std::map<std::pair<std::string, std::string>, std::size_t> unknown_;
    std::map<std::tuple<std::string, std::string, std::int64_t, std::int64_t>, std::string> seen_;
};

}  // namespace

Result<ImportedAnnotations> readAnnotations(const std::filesystem::path& csv, const std::vector<TrackTable>& fields,
                                            const std::vector<LabelSchema>& schemas,
                                            const std::map<std::string, std::string>& columns) {
    DS_ASSIGN(const io::CsvTable table, io::readCsv(csv));
    const CsvFields rows(csv, table);
    DS_ASSIGN(const auto states, stateColumns(csv, table, schemas, columns));
    DS_ASSIGN(const Joiner joiner, Joiner::make(rows, table, fields, csv));
    Collector collector(csv.string());
    for (const StateColumn& state : states) collector.result().schemas.push_back(state.schema->name);
    if (const auto annotator = table.find("annotator"))
        for (std::size_t row = 0; row < table.rows.size() && collector.result().annotator.empty(); ++row)
            collector.result().annotator = rows.text(row, *annotator);
    std::size_t matched = 0;
    for (std::size_t row = 0; row < table.rows.size(); ++row) {
        DS_ASSIGN(const auto cell, joiner.find(row));
        if (!cell) continue;
        ++matched;
        const TrackTable& field = fields[cell->first];
        for (const StateColumn& state : states)
            collector.take(rows.text(row, state.column), *state.schema, field, field.detections[cell->second]);
    }
    return collector.finish(table.rows.size(), matched);
}

}  // namespace driftscope::cells
