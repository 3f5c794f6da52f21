#include <algorithm>
#include <map>

#include "core/cells/analysis/job_kinds.h"
#include "core/cells/analysis/mmd.h"
#include "core/cells/analysis/statistics.h"
#include "core/cells/analysis/tracked_cells.h"
#include "core/embed/standardizer.h"
#include "core/io/csv.h"

namespace driftscope::cells {
namespace {

using nlohmann::json;

struct Comparison {
    std::string block, a, b;
    std::vector<std::uint32_t> rowsA, rowsB;
};

/// Every pair of groups, or each group beside the reference; within each value of `within` when it is set.
Result<std::vector<Comparison>> comparisons(JobContext& job, const TrackedCells& cells, const Categorical& groups) {
    std::vector<std::string> blocks(cells.table.rows());
    if (job.params().isSet("within")) {
        DS_ASSIGN(blocks, cells.table.texts(job.params().text("within")));
    }
    const std::string reference = job.params().text("reference");
    if (!reference.empty() && std::ranges::find(groups.categories, reference) == groups.categories.end())
        return fail(ErrorCode::BadInput, fmt::format("No cell has '{}' in column '{}'.", reference, job.params().text("group")), fmt::format("Its values are {}.", fmt::join(groups.categories, ", ")));
    std::map<std::string, std::map<std::string, std::vector<std::uint32_t>>> members;
    for (const std::uint32_t row : cells.rows)
        if (groups.codes[row] >= 0) members[blocks[row]][groups.at(row)].push_back(row);
    std::vector<Comparison> out;
    for (const auto& [block, byGroup] : members)
        for (auto a = byGroup.begin(); a != byGroup.end(); ++a) {
            if (reference.empty()) {
                for (auto b = std::next(a); b != byGroup.end(); ++b) out.push_back({block, a->first, b->first, a->second, b->second});
            } else if (const auto b = byGroup.find(reference); b != byGroup.end() && a->first != reference) {
                out.push_back({block, a->first, reference, a->second, b->second});
            }
        }
    if (out.empty()) return fail(ErrorCode::BadInput, fmt::format("Column '{}' has {} group(s): there is nothing to compare.", job.params().text("group"), groups.categories.size()), "Choose a column with two groups or more.");
    return out;
}

Result<json> run(JobContext& job) {
    const Params& params = job.params();
    DS_ASSIGN(const TrackedCells cells, readTrackedCells(job));
    DS_ASSIGN(const Categorical groups, groupsOfRows(job, cells));
    DS_ASSIGN(const std::vector<Comparison> pairs, comparisons(job, cells, groups));
    const Matrix features = params.flag("standardize") ? embed::Standardizer::fit(cells.features, cells.rows).transform(cells.features) : cells.features;
    MmdOptions options;
    options.permutations = static_cast<std::size_t>(params.integer("permutations"));
    options.mostCells = static_cast<std::size_t>(params.integer("max_cells"));
    options.leastCells = static_cast<std::size_t>(params.integer("min_cells"));
    options.balance = params.flag("balance_samples");
    options.bandwidth = params.real("bandwidth");
    options.seed = static_cast<std::uint64_t>(params.integer("seed"));
    if (params.flag("share_bandwidth") && options.bandwidth == 0) options.bandwidth = medianSquaredDistance(features, cells.rows, options.bandwidthCells);
    std::vector<std::pair<const Comparison*, Mmd>> done;
    std::vector<double> p;
    for (std::size_t i = 0; i < pairs.size(); ++i) {
        job.progress(static_cast<double>(i), static_cast<double>(pairs.size()), "comparison");
        const auto result = mmd(features, pairs[i].rowsA, pairs[i].rowsB, options, {job.stopToken(), {}});
        if (!result && result.error().code == ErrorCode::BadInput && pairs.size() > 1) {
            job.warn(fmt::format("{} and {}: {}", pairs[i].a, pairs[i].b, result.error().message));
            continue;
        }
        if (!result) return stopOrFail(result.error());
        done.emplace_back(&pairs[i], *result);
        p.push_back(result->p);
    }
    if (done.empty()) return fail(ErrorCode::BadInput, "No two groups have enough cells.", "Lower min_cells.");
    const std::vector<double> q = benjaminiHochberg(p);
    io::CsvTable csv{{"within", "group_a", "group_b", "cells_a", "cells_b", "mmd2", "bandwidth", "effect", "z", "p", "q"}, {}};
    json results = json::array();
    for (std::size_t i = 0; i < done.size(); ++i) {
        const auto& [pair, m] = done[i];
        csv.rows.push_back({pair->block, pair->a, pair->b, fmt::to_string(m.a), fmt::to_string(m.b), csvNumber(m.squared), csvNumber(m.bandwidth), csvNumber(m.effect), csvNumber(m.z), csvNumber(m.p), csvNumber(q[i])});
        results.push_back({{"within", pair->block}, {"a", pair->a}, {"b", pair->b}, {"mmd2", m.squared}, {"effect", m.effect}, {"z", m.z}, {"p", m.p}, {"q", q[i]}});
    }
    DS_TRY(io::writeCsv(job.out("mmd.csv"), csv));
    return json{{"csv", "mmd.csv"}, {"comparisons", results}, {"groups", groups.categories}};
}

}  // namespace

JobKind mmdKind() {
    std::vector<ParamSpec> specs = trackedCellsParams();
    const std::vector<ParamSpec> more{
        {.name = "group", .type = ParamType::Text, .help = "Column of the table whose values are compared, for example perturbation or cell_death_state."},
        {.name = "reference", .type = ParamType::Text, .help = "Compare every group with this one; unset compares all pairs.", .optional = true},
        {.name = "within", .type = ParamType::Text, .help = "Compare only cells that agree in this column, for example experiment.", .optional = true},
        {.name = "permutations", .type = ParamType::Int, .fallback = 1000, .help = "Random relabellings for p and z.", .minimum = 0, .maximum = 1000000, .source = "VisCy"},
        {.name = "max_cells", .type = ParamType::Int, .fallback = 2000, .help = "Cells per group, drawn at random; time and memory grow with its square.", .minimum = 2, .maximum = 20000, .source = "VisCy"},
        {.name = "min_cells", .type = ParamType::Int, .fallback = 20, .help = "Smaller groups are left out.", .minimum = 2, .maximum = 1000000, .source = "VisCy"},
        {.name = "balance_samples", .type = ParamType::Bool, .fallback = false, .help = "Give both groups the size of the smaller one."},
        {.name = "standardize", .type = ParamType::Bool, .fallback = false, .help = "Scale features to unit variance first.", .advanced = true},
        {.name = "bandwidth", .type = ParamType::Real, .fallback = 0.0, .help = "Squared length of the kernel; 0 takes the median squared distance of the cells compared.", .minimum = 0, .maximum = 1e30, .advanced = true},
        {.name = "share_bandwidth", .type = ParamType::Bool, .fallback = false, .help = "One bandwidth, from all cells, for all comparisons.", .advanced = true},
        {.name = "seed", .type = ParamType::Int, .fallback = 42, .help = "Same seed, same numbers.", .minimum = 0, .source = "VisCy", .advanced = true}};
    specs.insert(specs.end(), more.begin(), more.end());
    return {"cells.mmd", "Compare groups (MMD)", "Maximum mean discrepancy between groups of cells in the embedding, with permutation p values and false discovery rate (mmd.csv).", std::move(specs), run};
}

}  // namespace driftscope::cells
