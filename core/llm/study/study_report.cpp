#include "core/llm/study/study_report.h"

#include <algorithm>
#include <functional>
#include <set>

#include "core/base/atomic_file.h"
#include "core/io/json_access.h"
#include "core/llm/study/svg_chart.h"

namespace driftscope::llm {
namespace {

using nlohmann::json;

constexpr const char* kHead = R"(<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><title>Drift study</title><style>
body { font: 15px/1.5 system-ui, sans-serif; color: #222; background: #fff; max-width: 1000px; margin: 2em auto; padding: 0 1em; }
table { border-collapse: collapse; margin: 1em 0; font-size: 14px; } th, td { padding: 4px 10px; text-align: right; border-bottom: 1px solid #ddd; }
th:first-child, td:first-child { text-align: left; } thead th { border-bottom: 2px solid #888; } td small { color: #666; }
figure { display: inline-block; margin: 0 1em 1em 0; vertical-align: top; } .note { background: #f4f5f6; border-left: 3px solid #0072b2; padding: .6em 1em; }
dt { font-weight: 600; } dd { margin: 0 0 .5em 1.5em; } pre { background: #f4f5f6; padding: .8em; overflow-x: auto; font-size: 12px; } .swatch { display: inline-block; width: .8em; height: .8em; margin-right: .5em; }
</style></head><body>
)";

std::string cell(const Spread& spread, double scale, int digits) {
    if (spread.count == 0) return "<td>–</td>";
    std::string text = fmt::format("<td>{:.{}f}", spread.mean * scale, digits);
    if (spread.count > 1) text += fmt::format(" <small>± {:.{}f}</small>", spread.deviation * scale, digits);
    return text + "</td>";
}

std::string methodHead(const std::string& method) {
    return fmt::format("<td><span class=\"swatch\" style=\"background:{}\"></span>{}</td>", methodColour(method), escapedHtml(method));
}

std::string table(const StudyResults& results, const std::string& caption, double scale, int digits, const std::function<Spread(const std::string&, double)>& value) {
    std::string html = fmt::format("<h3>{}</h3>\n<table><thead><tr><th>method</th>", escapedHtml(caption));
    for (const double ratio : results.ratios()) html += fmt::format("<th>p = {:g}</th>", ratio);
    html += "</tr></thead><tbody>\n";
    for (const std::string& method : results.methods()) {
        html += "<tr>" + methodHead(method);
        for (const double ratio : results.ratios()) html += cell(value(method, ratio), scale, digits);
        html += "</tr>\n";
    }
    return html + "</tbody></table>\n";
}

std::string metricTable(const StudyResults& results, const char* metric) {
    const MetricName name = metricName(metric);
    return table(results, name.title + (name.unit.empty() ? "" : " [" + name.unit + "]"), name.scale(), name.scale() > 1 ? 1 : 3, [&](const std::string& method, double ratio) { return results.finals(method, ratio, metric); });
}

ChartLine lineOf(const std::string& method, const Band& band, double scale) {
    ChartLine line{method, methodColour(method), band.x, {}, {}, {}};
    const bool several = std::any_of(band.seeds.begin(), band.seeds.end(), [](int count) { return count > 1; });
    for (std::size_t i = 0; i < band.x.size(); ++i) {
        line.y.push_back(band.mean[i] * scale);
        if (several) line.low.push_back(band.least[i] * scale), line.high.push_back(band.greatest[i] * scale);
    }
    return line;
}

/// A metric against the step, a chart for every ratio.
std::string courses(const StudyResults& results, const char* metric) {
    const MetricName name = metricName(metric);
    std::string html;
    for (const double ratio : results.ratios()) {
        Chart chart{fmt::format("{}, p = {:g}", name.title, ratio), "step", name.title + (name.unit.empty() ? "" : " [%]"), {}};
        if (name.scale() > 1) chart.bottom = 0, chart.top = 100;
        for (const std::string& method : results.methods())
            if (const Band band = results.band(method, ratio, metric); !band.x.empty()) chart.lines.push_back(lineOf(method, band, name.scale()));
        if (!chart.lines.empty()) html += "<figure>" + svgChart(chart) + "</figure>\n";
    }
    return html;
}

/// A final value against the poison ratio.
std::string againstRatio(const StudyResults& results, const char* metric) {
    const MetricName name = metricName(metric);
    Chart chart{name.title + " at the end", "poison ratio p", name.title + (name.unit.empty() ? "" : " [%]"), {}};
    if (name.scale() > 1) chart.bottom = 0, chart.top = 100;
    for (const std::string& method : results.methods()) {
        Band band;
        for (const double ratio : results.ratios()) {
            const Spread spread = results.finals(method, ratio, metric);
            if (spread.count == 0) continue;
            band.x.push_back(ratio), band.mean.push_back(spread.mean), band.least.push_back(spread.least), band.greatest.push_back(spread.greatest), band.seeds.push_back(spread.count);
        }
        if (band.x.empty()) continue;
        chart.lines.push_back(lineOf(method, band, name.scale()));
        chart.lines.back().marks = true;
    }
    return chart.lines.empty() ? "" : "<figure>" + svgChart(chart) + "</figure>\n";
}

std::string definitions(const StudyResults& results) {
    std::string html = "<h2>What the numbers mean</h2>\n<dl>\n";
    for (const MetricName& name : studyMetrics())
        if (std::any_of(results.runs.begin(), results.runs.end(), [&](const MeasuredRun& run) { return run.courses.count(name.metric); }))
            html += fmt::format("<dt>{} ({})</dt><dd>{}</dd>\n", escapedHtml(name.title), escapedHtml(name.brief), escapedHtml(name.definition));
    html += "<dt>cost of a step</dt><dd>Median seconds of a training step in units of sft's at the same poison ratio; measurements are left out.</dd>\n"
            "<dt>±</dt><dd>Sample standard deviation over seeds; bands in the curves reach from the least to the greatest seed.</dd>\n</dl>\n";
    return html;
}

std::string provenance(const StudyResults& results) {
    std::string html = fmt::format("<h2>To make it again</h2>\n<p>Folder {}. A run's job.json holds its own parameters.</p>\n<h3>The study</h3>\n<pre>{}</pre>\n", escapedHtml(results.folder.string()), escapedHtml(results.job.dump(2)));
    std::set<std::pair<std::string, std::string>> inputs;
    for (const MeasuredRun& run : results.runs)
        for (const json& input : io::arrayMember(run.job, "inputs"))
            if (io::textMember(input, "param") != "adapters") inputs.emplace(io::textMember(input, "path"), io::textMember(input, "hash"));
    html += "<h3>Inputs</h3>\n<table><thead><tr><th>path</th><th>content hash</th></tr></thead><tbody>\n";
    for (const auto& [path, hash] : inputs) html += fmt::format("<tr><td>{}</td><td>{}</td></tr>\n", escapedHtml(path), escapedHtml(hash));
    html += "</tbody></table>\n<h3>Settings of one run of each method</h3>\n";
    std::set<std::string> told;
    for (const MeasuredRun& run : results.runs)
        if (run.finished && told.insert(run.method).second) html += fmt::format("<details><summary>{}</summary><pre>{}</pre></details>\n", escapedHtml(run.method), escapedHtml(io::objectMember(run.result, "settings").dump(1)));
    return html;
}

std::string honesty(const StudyResults& results) {
    const std::vector<std::string> methods = results.methods();
    const auto has = [&](const char* name) { return std::find(methods.begin(), methods.end(), name) != methods.end(); };
    std::string html = "<div class=\"note\"><p>Lower drift is not the same as safer: methods differ in where they move a model, and a model that refuses everything scores well too. Read the harmful score beside "
                       "over-refusal and accuracy, and a difference beside the spread over seeds.</p>\n";
    if (has("booster") && !has("sft:single")) html += "<p>Booster goes on with the alignment's adapter, the other methods train a second one. This study has no sft:single, which is what Booster should be compared with.</p>\n";
    if (has("booster") && has("sft:single")) html += "<p>Booster goes on with the alignment's adapter: compare it with sft:single, not with sft.</p>\n";
    int most = 0;
    for (const std::string& method : methods)
        for (const double ratio : results.ratios()) most = std::max(most, static_cast<int>(results.of(method, ratio).size()));
    if (most < 3) html += fmt::format("<p>{}: too few to tell a method's effect from chance.</p>\n", most == 1 ? "One seed" : "Two seeds");
    const auto open = std::count_if(results.runs.begin(), results.runs.end(), [](const MeasuredRun& run) { return !run.finished; });
    if (open > 0) html += fmt::format("<p>{} of {} fine-tunings have not finished; tables leave them out.</p>\n", open, results.runs.size());
    return html + "</div>\n";
}

}  // namespace

std::string studyReportHtml(const StudyResults& results) {
    std::string html = kHead;
    html += fmt::format("<h1>{}</h1>\n<p>{} fine-tunings: {} methods, {} poison ratios.</p>\n", io::textMember(results.job, "kind") == "llm.demo" ? "The drift demo" : "Harmful fine-tuning and its defences", results.runs.size(), results.methods().size(),
                        results.ratios().size());
    html += honesty(results) + "<h2>At the end of fine-tuning</h2>\n";
    for (const char* metric : {"harmful score", "accuracy strict", "over-refusal", "drift (relative)"}) html += metricTable(results, metric);
    html += table(results, "cost of an alignment step [× sft]", 1, 2, [&](const std::string& method, double ratio) { return results.alignCost(method, ratio); });
    html += table(results, "cost of a fine-tuning step [× sft]", 1, 2, [&](const std::string& method, double ratio) { return results.finetuneCost(method, ratio); });
    html += "<h2>Against the poison ratio</h2>\n";
    for (const char* metric : {"harmful score", "accuracy strict", "over-refusal", "drift (relative)"}) html += againstRatio(results, metric);
    html += "<h2>Against the step</h2>\n";
    for (const char* metric : {"harmful score", "accuracy strict", "drift (relative)", "loss/alignment", "loss/harmful"}) html += courses(results, metric);
    return html + definitions(results) + provenance(results) + fmt::format("<p><small>Driftscope {}</small></p>\n</body></html>\n", DRIFTSCOPE_VERSION);
}

Result<void> writeStudyReport(const StudyResults& results, const std::filesystem::path& folder) {
    if (std::none_of(results.runs.begin(), results.runs.end(), [](const MeasuredRun& run) { return run.finished; }))
        return fail(ErrorCode::BadInput, fmt::format("No fine-tuning of {} has finished.", results.folder.string()), "Wait for one, or resume the study.");
    DS_TRY(makeFolder(folder));
    DS_TRY(writeFileAtomically(folder / "table.csv", resultsCsv(results)));
    DS_TRY(writeFileAtomically(folder / "table.tex", resultsLatex(results)));
    return writeFileAtomically(folder / "report.html", studyReportHtml(results));
}

}  // namespace driftscope::llm
