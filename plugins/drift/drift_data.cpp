#include "plugins/drift/drift_data.h"

#include <algorithm>
#include <limits>

#include "core/io/csv.h"
#include "core/io/h5ad.h"
#include "core/io/json_access.h"
#include "plugins/drift/json_lines.h"

namespace driftscope::drift {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;
constexpr double kNothing = std::numeric_limits<double>::quiet_NaN();
constexpr std::size_t kBlockRows = 4096;

}  // namespace

Result<std::shared_ptr<const DriftData>> DriftData::load(const QString& folder) {
    auto data = std::make_shared<DriftData>();
    data->folder_ = folder;
    const fs::path path = folder.toStdString();
    DS_ASSIGN(data->table_, LayerDriftTable::readFile(path / "drift.csv"));
    DS_ASSIGN(data->answers_, AnswerBook::read(path));
    DS_TRY(data->readSamples());
    DS_TRY(data->readLosses());
    DS_TRY(data->readRows());
    if (fs::exists(path / "tokens.h5ad")) {
        DS_ASSIGN(data->tokens_, TokenTable::read(path / "tokens.h5ad"));
    }
    return data;
}

Result<void> DriftData::readSamples() {
    return eachJsonLine(fs::path(folder_.toStdString()) / "samples.jsonl", [&](const json& line, const std::string&) -> Result<void> {
        Sample sample{io::textMember(line, "instruction"), io::textMember(line, "input"), io::textMember(line, "output"), io::textMember(line, "text"), {}, {}};
        if (const json* harmful = io::member(line, "harmful"); harmful && harmful->is_boolean()) sample.harmful = harmful->get<bool>();
        samples_.push_back(std::move(sample));
        return {};
    });
}

Result<void> DriftData::readLosses() {
    const fs::path file = fs::path(folder_.toStdString()) / "losses.csv";
    DS_ASSIGN(const io::CsvTable csv, io::readCsv(file));
    std::vector<std::size_t> at;
    for (const char* name : {"sample", "step", "loss_before", "loss_after", "kl"}) {
        const auto column = csv.find(name);
        if (!column) return fail(ErrorCode::BadInput, fmt::format("{} has no column {}.", file.string(), name), "Run llm.drift again.");
        at.push_back(*column);
    }
    for (std::size_t r = 0; r < csv.rows.size(); ++r) {
        const auto& row = csv.rows[r];
        const auto sample = wholeNumber(row[at[0]]), step = wholeNumber(row[at[1]]);
        const auto before = realNumber(row[at[2]]), after = realNumber(row[at[3]]), kl = realNumber(row[at[4]]);
        if (!sample || !step || !before || !after || !kl || *sample < 0 || *sample >= static_cast<std::int64_t>(samples_.size()))
            return fail(ErrorCode::BadInput, fmt::format("{} line {} is damaged.", file.string(), r + 2), "Run llm.drift again.");
        losses_[{static_cast<std::uint32_t>(*sample), *step}] = {*before, *after, *kl};
    }
    return {};
}

Result<void> DriftData::readRows() {
    const std::string file = (fs::path(folder_.toStdString()) / "embeddings.h5ad").string();
    DS_ASSIGN(const EmbeddingTable table, io::readH5ad(file, {.x = false, .obsm = false}));
    DS_ASSIGN(const io::H5adOutline outline, io::outlineH5ad(file));
    dimensions_ = outline.columns;
    tokenClass_ = io::textMember(table.uns, "token_class");
    DS_ASSIGN(samplesOfRows_, table.integers("sample"));
    DS_ASSIGN(layers_, table.integers("layer"));
    DS_ASSIGN(steps_, table.integers("step"));
    DS_ASSIGN(relative_, table.numbers("relative"));
    const Column* points = table.column("point");
    const auto* names = points ? std::get_if<Categorical>(points) : nullptr;
    if (!names) return fail(ErrorCode::BadInput, fmt::format("{} has no column 'point' of names.", file), "llm.drift writes it.");
    points_ = *names;
    for (std::uint32_t r = 0; r < samplesOfRows_.size(); ++r) {
        if (samplesOfRows_[r] < 0 || samplesOfRows_[r] >= static_cast<std::int64_t>(samples_.size()))
            return fail(ErrorCode::BadInput, fmt::format("{}: row {} belongs to sample {}, and there are {} samples.", file, r, samplesOfRows_[r], samples_.size()), "Run llm.drift again.");
        groups_[{points_.codes[r], layers_[r], steps_[r]}][static_cast<std::uint32_t>(samplesOfRows_[r])] = r;
    }
    return {};
}

VectorRow DriftData::row(std::uint32_t row) const {
    const auto code = points_.codes[row];
    return {static_cast<std::uint32_t>(samplesOfRows_[row]), layers_[row], steps_[row], code < 0 ? std::string_view() : std::string_view(points_.categories[static_cast<std::size_t>(code)])};
}

std::vector<std::uint32_t> DriftData::rowsOf(const std::string& point, std::int64_t layer, std::int64_t step) const {
    std::vector<std::uint32_t> out;
    const auto code = std::find(points_.categories.begin(), points_.categories.end(), point);
    const auto group = groups_.find({static_cast<std::int32_t>(code - points_.categories.begin()), layer, step});
    if (group != groups_.end())
        for (const auto& [sample, row] : group->second) out.push_back(row);
    return out;
}

double DriftData::drift(std::uint32_t sample, const std::string& point, std::int64_t layer, std::int64_t step) const {
    const auto code = std::find(points_.categories.begin(), points_.categories.end(), point);
    const auto group = groups_.find({static_cast<std::int32_t>(code - points_.categories.begin()), layer, step});
    if (group == groups_.end()) return kNothing;
    const auto found = group->second.find(sample);
    return found == group->second.end() ? kNothing : relative_[found->second];
}

SampleLosses DriftData::losses(std::uint32_t sample, std::int64_t step) const {
    const auto found = losses_.find({sample, step});
    return found == losses_.end() ? SampleLosses{kNothing, kNothing, kNothing} : found->second;
}

Result<Matrix> DriftData::vectors(std::span<const std::uint32_t> rows, const std::function<bool()>& cancelled) const {
    DS_ASSIGN(const auto file, io::H5adRows::open(fs::path(folder_.toStdString()) / "embeddings.h5ad"));
    if (file->rows() != this->rows()) return fail(ErrorCode::BadInput, fmt::format("{}/embeddings.h5ad has changed since it was opened.", folder_.toStdString()), "Choose the run again.");
    std::vector<std::pair<std::uint32_t, std::uint32_t>> wanted;  // row of the file, row of the answer
    for (std::uint32_t i = 0; i < rows.size(); ++i) wanted.emplace_back(rows[i], i);
    std::sort(wanted.begin(), wanted.end());
    Matrix out(rows.size(), file->columns());
    for (std::size_t i = 0; i < wanted.size();) {
        if (cancelled && cancelled()) return fail(ErrorCode::Cancelled, "Reading was stopped.");
        const std::size_t begin = wanted[i].first, end = std::min(begin + kBlockRows, file->rows());
        DS_ASSIGN(const Matrix block, file->read(begin, end));
        for (; i < wanted.size() && wanted[i].first < end; ++i) std::copy_n(block.row(wanted[i].first - begin).data(), block.columns, out.row(wanted[i].second).data());
    }
    return out;
}

}  // namespace driftscope::drift
