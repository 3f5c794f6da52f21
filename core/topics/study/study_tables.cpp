#include "core/topics/study/study_tables.h"

#include <algorithm>
#include <cmath>
#include <set>

namespace driftscope::topics {
namespace {

std::string number(double value) {
    return std::isfinite(value) ? fmt::format("{:.3f}", value) : "–";
}

std::string full(std::optional<double> value) {
    return value && std::isfinite(*value) ? fmt::format("{:.6g}", *value) : "";
}

std::string withInterval(const StudyCell& cell, const std::string& key) {
    const auto found = cell.estimates.find(key);
    if (found == cell.estimates.end()) return "–";
    const Estimate& e = found->second;
    return e.error ? fmt::format("{} ± {}", number(e.mean), number(1.96 * *e.error)) : number(e.mean);
}

std::vector<std::string> settingOf(const StudyCell& cell) {
    return {cell.corpus, std::to_string(cell.topics), cell.model, std::to_string(cell.runs.size())};
}

std::vector<std::string> levelsOf(const StudyResult& result) {
    std::vector<std::string> levels;
    for (const StudyMeasure& measure : result.measures)
        if (measure.key.rfind("ari:", 0) == 0) levels.push_back(measure.key.substr(4));
    return levels;
}

ReportTable stabilityTable(const StudyResult& result) {
    ReportTable table{"Stability: how far runs of one model differ", "Distances per topic after optimal matching, 0 the same and 1 nothing in common (documents: a run compared with itself has 0.9^n, not 0). Lower is more stable, except for ARI between runs. ± is 1.96 jackknife errors over runs.",
                      {"corpus", "K", "model", "runs", "topic-word", "document-topic", "ARI between runs", "unique topic words", "unique document words"}, {}};
    for (const StudyCell& cell : result.cells) {
        std::vector<std::string> row = settingOf(cell);
        for (const char* key : {"word_distance", "document_distance", "run_ari", "unique_topic_words", "unique_document_words"}) row.push_back(withInterval(cell, key));
        table.rows.push_back(std::move(row));
    }
    return table;
}

ReportTable alignmentTable(const StudyResult& result, const std::string& level) {
    ReportTable table{fmt::format("Alignment with human categories: {}", level), "Each document's largest topic against its category; mean over runs ± 1.96 errors. Purity grows with K by itself: read it beside inverse purity and the shuffled column, which is ARI and purity with the categories shuffled.",
                      {"corpus", "K", "model", "runs", "ARI", "NMI", "purity", "inverse purity", "P1", "shuffled ARI / purity"}, {}};
    for (const StudyCell& cell : result.cells) {
        if (!cell.estimates.count("ari:" + level)) continue;
        std::vector<std::string> row = settingOf(cell);
        for (const char* key : {"ari:", "nmi:", "purity:", "inverse_purity:", "p1:"}) row.push_back(withInterval(cell, key + level));
        row.push_back(fmt::format("{} / {}", number(cell.shuffled.at("ari:" + level)), number(cell.shuffled.at("purity:" + level))));
        table.rows.push_back(std::move(row));
    }
    return table;
}

ReportTable wordTable(const StudyResult& result) {
    ReportTable table{"Coherence and diversity", "Coherence is a weak proxy of what people think of topics (Spearman .28 to .43, Hoyle et al. 2021): it is listed, not counted as quality.",
                      {"corpus", "K", "model", "runs", "NPMI", "C_v", "topic diversity", "topic uniqueness"}, {}};
    for (const StudyCell& cell : result.cells) {
        std::vector<std::string> row = settingOf(cell);
        for (const char* key : {"c_npmi", "c_v", "topic_diversity", "topic_uniqueness"}) row.push_back(withInterval(cell, key));
        table.rows.push_back(std::move(row));
    }
    return table;
}

ReportTable ensembleTable(const StudyResult& result, const std::string& level) {
    ReportTable table{fmt::format("Ensembles against their members: {}", level), "Topics of all runs clustered by Jensen-Shannon distance of their words (average linkage, K clusters). Theta of a cluster is the sum or the mean of its members' columns.",
                      {"corpus", "K", "model", "ARI members", "ARI sum", "ARI mean", "NMI members", "NMI sum", "NMI mean", "P1 members", "P1 sum", "P1 mean", "topics in all runs"}, {}};
    for (const StudyCell& cell : result.cells) {
        if (cell.ensembles.size() < 2 || !cell.ensembles[0].values.count("ari:" + level)) continue;
        std::vector<std::string> row{cell.corpus, std::to_string(cell.topics), cell.model};
        for (const char* key : {"ari:", "nmi:", "p1:"}) {
            row.push_back(withInterval(cell, key + level));
            for (const StudyEnsemble& made : cell.ensembles) row.push_back(number(made.values.at(key + level)));
        }
        row.push_back(fmt::format("{} of {}", cell.ensembles[0].supportedByAll, cell.ensembles[0].topics));
        table.rows.push_back(std::move(row));
    }
    return table;
}

ReportTable comparisonTable(const StudyResult& result) {
    ReportTable table{"Models compared in pairs", "Difference of means with its 95 % interval; bold where the interval leaves out 0. With few runs the intervals are rough.", {"corpus", "K", "measure", "pair", "difference", "better"}, {}};
    for (const StudyComparison& one : result.comparisons) {
        const bool shown = one.measure == "word_distance" || one.measure == "document_distance" || one.measure.rfind("ari:", 0) == 0 || one.measure.rfind("nmi:", 0) == 0;
        if (!shown) continue;
        const auto measure = std::find_if(result.measures.begin(), result.measures.end(), [&](const StudyMeasure& m) { return m.key == one.measure; });
        const std::string better = one.aIsBetter ? one.a : one.b;
        table.rows.push_back({one.corpus, std::to_string(one.topics), measure->title, fmt::format("{} − {}", one.a, one.b),
                              one.difference.error ? fmt::format("{} [{}, {}]", number(one.difference.mean), number(*one.difference.low()), number(*one.difference.high())) : number(one.difference.mean), one.clear ? "**" + better + "**" : better});
    }
    return table;
}

}  // namespace

StudyResult concludeStudy(std::vector<StudyCell> cells) {
    StudyResult result;
    std::set<std::string> known;
    std::vector<std::string> levels;
    for (const StudyCell& cell : cells)
        for (const auto& [key, estimate] : cell.estimates)
            if (known.insert(key).second && key.rfind("ari:", 0) == 0) levels.push_back(key.substr(4));
    for (StudyMeasure& measure : studyMeasures(levels))
        if (known.count(measure.key)) result.measures.push_back(std::move(measure));
    result.comparisons = compareModels(cells, result.measures);
    result.findings = findingsOf(cells, result.comparisons);
    result.cells = std::move(cells);
    return result;
}

io::CsvTable runsCsv(const StudyResult& result) {
    io::CsvTable table{{"corpus", "model", "k", "seed", "measure", "value", "folder"}, {}};
    for (const StudyCell& cell : result.cells)
        for (const StudyRun& run : cell.runs)
            for (const auto& [key, value] : run.values) table.rows.push_back({cell.corpus, cell.model, std::to_string(cell.topics), std::to_string(run.seed), key, full(value), run.folder});
    return table;
}

io::CsvTable cellsCsv(const StudyResult& result) {
    io::CsvTable table{{"corpus", "model", "k", "runs", "lost", "measure", "mean", "low", "high", "shuffled"}, {}};
    for (const StudyCell& cell : result.cells)
        for (const auto& [key, e] : cell.estimates) {
            const auto chance = cell.shuffled.find(key);
            table.rows.push_back({cell.corpus, cell.model, std::to_string(cell.topics), std::to_string(e.runs), std::to_string(cell.lost.size()), key, full(e.mean), full(e.low()), full(e.high()), chance == cell.shuffled.end() ? "" : full(chance->second)});
        }
    return table;
}

io::CsvTable ensemblesCsv(const StudyResult& result) {
    io::CsvTable table{{"corpus", "model", "k", "aggregate", "measure", "ensemble", "members_mean", "members_least", "members_greatest", "topics", "supported_by_all_runs", "one_per_run"}, {}};
    for (const StudyCell& cell : result.cells)
        for (const StudyEnsemble& made : cell.ensembles)
            for (const auto& [key, value] : made.values) {
                double least = INFINITY, greatest = -INFINITY;
                for (const StudyRun& run : cell.runs) {
                    least = std::min(least, run.values.at(key));
                    greatest = std::max(greatest, run.values.at(key));
                }
                table.rows.push_back({cell.corpus, cell.model, std::to_string(cell.topics), made.aggregate, key, full(value), full(cell.estimates.at(key).mean), full(least), full(greatest), std::to_string(made.topics), std::to_string(made.supportedByAll), std::to_string(made.onePerRun)});
            }
    return table;
}

io::CsvTable comparisonsCsv(const StudyResult& result) {
    io::CsvTable table{{"corpus", "k", "measure", "a", "b", "a_minus_b", "low", "high", "better", "interval_leaves_out_0"}, {}};
    for (const StudyComparison& one : result.comparisons)
        table.rows.push_back({one.corpus, std::to_string(one.topics), one.measure, one.a, one.b, full(one.difference.mean), full(one.difference.low()), full(one.difference.high()), one.aIsBetter ? one.a : one.b, one.clear ? "yes" : "no"});
    return table;
}

std::vector<ReportTable> reportTables(const StudyResult& result) {
    std::vector<ReportTable> tables{stabilityTable(result)};
    for (const std::string& level : levelsOf(result)) {
        tables.push_back(alignmentTable(result, level));
        tables.push_back(ensembleTable(result, level));
    }
    tables.push_back(wordTable(result));
    tables.push_back(comparisonTable(result));
    std::erase_if(tables, [](const ReportTable& table) { return table.rows.empty(); });
    return tables;
}

std::vector<std::pair<std::string, DotPlot>> reportPlots(const StudyResult& result) {
    std::vector<std::string> models;
    for (const StudyCell& cell : result.cells)
        if (std::find(models.begin(), models.end(), cell.model) == models.end()) models.push_back(cell.model);
    std::vector<std::pair<std::string, DotPlot>> plots;
    for (const StudyMeasure& measure : result.measures) {
        DotPlot plot{measure.title + (measure.higherIsBetter ? "" : " (lower is more stable)"), measure.title, models, {}};
        for (const StudyCell& cell : result.cells) {
            const auto found = cell.estimates.find(measure.key);
            if (found == cell.estimates.end() || !std::isfinite(found->second.mean)) continue;
            const std::string label = fmt::format("{}, K {}", cell.corpus, cell.topics);
            auto group = std::find_if(plot.groups.begin(), plot.groups.end(), [&](const DotGroup& g) { return g.label == label; });
            if (group == plot.groups.end()) group = plot.groups.insert(plot.groups.end(), {label, {}});
            const auto series = static_cast<std::size_t>(std::find(models.begin(), models.end(), cell.model) - models.begin());
            group->dots.push_back({series, found->second.mean, found->second.low(), found->second.high(), fmt::format("{}: {}", cell.model, withInterval(cell, measure.key))});
        }
        std::string file = measure.key;
        std::replace_if(file.begin(), file.end(), [](unsigned char c) { return !std::isalnum(c) && c != '_'; }, '-');
        plots.emplace_back(file, std::move(plot));
    }
    return plots;
}

}  // namespace driftscope::topics
