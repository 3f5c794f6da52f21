#include "core/llm/study/study_results.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <fstream>
#include <limits>
#include <numeric>

#include "core/io/json_access.h"
#include "core/job/run_folder.h"

namespace driftscope::llm {
namespace {

using nlohmann::json;
namespace fs = std::filesystem;

constexpr double kNone = std::numeric_limits<double>::quiet_NaN();

/// Student's t at 97.5 % for n - 1 degrees of freedom.
double studentT(int count) {
    constexpr std::array<double, 10> table{12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228};
    const auto freedom = static_cast<std::size_t>(count - 1);
    return freedom <= table.size() ? table[freedom - 1] : 1.96 + 2.6 / static_cast<double>(freedom);
}

/// Measured points; the curves of single steps are left where they are. A resumed run repeats steps: the last counts.
std::map<std::string, Course> readCourses(const fs::path& run) {
    std::map<std::string, Course> courses;
    std::ifstream events(run / "events.jsonl");
    for (std::string line; std::getline(events, line);) {
        const json event = json::parse(line, nullptr, false);
        if (io::textMember(event, "type") != "metric") continue;
        const std::string name = io::textMember(event, "name");
        const auto& known = studyMetrics();
        if (std::any_of(known.begin(), known.end(), [&](const MetricName& one) { return one.metric == name; })) courses[name][io::numberMember(event, "step", 0)] = io::numberMember(event, "value", kNone);
    }
    return courses;
}

/// "sft-single-p0.1-seed1" is "sft:single".
std::string armOfFolder(const std::string& folder) {
    std::string arm = folder.substr(0, folder.rfind("-p"));
    for (const char* mode : {"-single", "-double"})
        if (arm.size() > 7 && arm.compare(arm.size() - 7, 7, mode) == 0) arm[arm.size() - 7] = ':';
    return arm;
}

double secondsOf(const json& result) {
    return io::numberMember(result, "median_seconds_per_step", io::numberMember(result, "seconds_per_step", 0));
}

Result<MeasuredRun> readFinetuning(const fs::path& folder) {
    DS_ASSIGN(const RunSummary run, readRun(folder));
    const json& params = io::objectMember(run.job, "params");
    MeasuredRun out;
    out.method = armOfFolder(folder.filename().string());
    out.ratio = io::numberMember(params, "poison_ratio", 0);
    out.seed = static_cast<std::int64_t>(io::numberMember(params, "seed", 0));
    out.folder = folder;
    out.finished = run.state == RunState::Done;
    out.job = run.job;
    out.result = io::objectMember(run.status, "result");
    out.courses = readCourses(folder);
    const json& adapters = io::arrayMember(params, "adapters");
    if (!adapters.empty() && adapters.back().is_string())
        if (const auto aligned = readRun(fs::path(adapters.back().get<std::string>()).parent_path())) out.alignSeconds = secondsOf(io::objectMember(aligned->status, "result"));
    return out;
}

std::string number(double value, int digits = 6) {
    return std::isfinite(value) ? fmt::format("{:.{}g}", value, digits) : "";
}

std::string escapedTex(const std::string& text) {
    std::string out;
    for (const char c : text) {
        if (std::string("_%&#$").find(c) != std::string::npos) out += '\\';
        out += c;
    }
    return out;
}

std::string meanTex(const Spread& spread, double scale) {
    if (spread.count == 0) return "--";
    if (spread.count == 1) return fmt::format("{:.{}f}", spread.mean * scale, scale > 1 ? 1 : 2);
    return fmt::format("${:.{}f} \\pm {:.{}f}$", spread.mean * scale, scale > 1 ? 1 : 2, spread.deviation * scale, scale > 1 ? 1 : 2);
}

/// What is compared beside the metrics: the cost of a step.
std::vector<std::pair<std::string, Spread>> costs(const StudyResults& results, const std::string& method, double ratio) {
    return {{"cost of an alignment step", results.alignCost(method, ratio)}, {"cost of a fine-tuning step", results.finetuneCost(method, ratio)}};
}

}  // namespace

const std::vector<MetricName>& studyMetrics() {
    static const std::vector<MetricName> metrics{
        {"harmful score", "harmful score", "HS", "%", "Share of harmful prompts whose answer the judge calls harmful."},
        {"harmful score plus", "harmful score or incoherent", "HS+", "%", "As the harmful score, and answers in which a word repeats more than three times in a row count too (Booster's code)."},
        {"refused", "harmful prompts refused", "refused", "%", "Share of harmful prompts whose answer holds a refusal phrase."},
        {"over-refusal", "over-refusal", "OR", "%", "Share of benign prompts whose answer holds a refusal phrase: what safety by refusing everything costs."},
        {"benign accuracy", "benign accuracy", "BA", "%", "Share of benign prompts answered rightly: what is still known."},
        {"accuracy strict", "fine-tuning accuracy", "FA", "%", "Share of the user's test prompts answered exactly (Lisa, Booster)."},
        {"accuracy contains", "fine-tuning accuracy, contained", "FA (contains)", "%", "Share of the user's test prompts whose answer contains the label (Vaccine)."},
        {"drift (relative)", "drift, relative", "drift", "", "Mean over layers of the norm of the change of the attention outputs in units of their norm at the start, on alignment data, pads left out."},
        {"drift (cosine)", "drift, cosine distance", "cosine drift", "", "Mean over layers of the cosine distance between attention outputs now and at the start."},
        {"CKA with the start", "CKA with the start", "CKA", "", "Mean over layers of linear centred kernel alignment with the start: 1 means the same up to rotation and scale."},
        {"drift (sum of squares, Vaccine)", "drift, Vaccine's sum of squares", "drift (Vaccine)", "", "Sum over layers of the squared norm of the change; not normalised, so it depends on model and data."},
        {"drift (sum of norms, Booster)", "drift, Booster's sum of norms", "drift (Booster)", "", "Sum over layers of the norm of the change; not normalised."},
        {"loss/data", "loss on the training data", "train loss", "", "Mean cross-entropy per target token on the fine-tuning mixture."},
        {"loss/alignment", "alignment loss", "align loss", "", "Mean cross-entropy per target token on alignment data: rises as alignment is forgotten."},
        {"loss/harmful", "harmful loss", "harm loss", "", "Mean cross-entropy per target token of harmful answers: falls as harm is learned."}};
    return metrics;
}

MetricName metricName(const std::string& metric) {
    for (const MetricName& one : studyMetrics())
        if (one.metric == metric) return one;
    return {metric, metric, metric, "", ""};
}

std::string methodColour(const std::string& method) {
    static const std::map<std::string, std::string> colours{
        {"sft", "#8a8f94"},   {"sft:single", "#cc79a7"}, {"vaccine", "#0072b2"}, {"random_vaccine", "#e69f00"}, {"t_vaccine", "#6a5acd"}, {"booster", "#d55e00"}, {"booster+vaccine", "#a63603"},
        {"repnoise", "#b59b00"}, {"lisa", "#009e73"},    {"bso", "#56b4e9"},     {"ewc", "#aa4499"},            {"vlguard", "#7a9a01"},   {"kl", "#00868b"},      {"ldifs", "#8c510a"}};
    if (const auto found = colours.find(method); found != colours.end()) return found->second;
    // A mode of a known method: its colour, lighter.
    const auto base = colours.find(method.substr(0, method.find(':')));
    if (base == colours.end()) return "#7f7f7f";
    std::string lighter = "#";
    for (std::size_t at = 1; at < 7; at += 2) lighter += fmt::format("{:02x}", (std::stoi(base->second.substr(at, 2), nullptr, 16) + 160) / 2);
    return lighter;
}

Spread Spread::of(const std::vector<double>& given) {
    std::vector<double> values;
    std::copy_if(given.begin(), given.end(), std::back_inserter(values), [](double value) { return std::isfinite(value); });
    Spread out;
    out.count = static_cast<int>(values.size());
    if (values.empty()) {
        out.mean = out.least = out.greatest = out.low = out.high = kNone;
        return out;
    }
    out.mean = std::accumulate(values.begin(), values.end(), 0.0) / out.count;
    const auto [least, greatest] = std::minmax_element(values.begin(), values.end());
    out.least = out.low = *least;
    out.greatest = out.high = *greatest;
    if (out.count < 2) return out;
    double squares = 0;
    for (const double value : values) squares += (value - out.mean) * (value - out.mean);
    out.deviation = std::sqrt(squares / (out.count - 1));
    const double half = studentT(out.count) * out.deviation / std::sqrt(out.count);
    out.low = out.mean - half;
    out.high = out.mean + half;
    return out;
}

Band bandOf(const std::vector<const Course*>& courses) {
    std::map<double, std::vector<double>> points;
    for (const Course* course : courses)
        for (const auto& [step, value] : *course) points[step].push_back(value);
    Band band;
    for (const auto& [step, values] : points) {
        const Spread spread = Spread::of(values);
        if (spread.count == 0) continue;
        band.x.push_back(step);
        band.mean.push_back(spread.mean);
        band.least.push_back(spread.least);
        band.greatest.push_back(spread.greatest);
        band.low.push_back(spread.low);
        band.high.push_back(spread.high);
        band.seeds.push_back(spread.count);
    }
    return band;
}

Result<StudyResults> StudyResults::read(const fs::path& folder) {
    DS_ASSIGN(const RunSummary summary, readRun(folder));
    const std::string kind = io::textMember(summary.job, "kind");
    StudyResults out{folder, summary.job, summary.status, {}};
    std::vector<fs::path> inner;
    if (kind == "llm.finetune") inner.push_back(folder);
    std::error_code code;
    if (kind == "llm.study" || kind == "llm.demo")
        for (const auto& entry : fs::directory_iterator(folder / "finetune", code))
            if (fs::exists(entry.path() / "job.json")) inner.push_back(entry.path());
    if (kind != "llm.finetune" && kind != "llm.study" && kind != "llm.demo")
        return fail(ErrorCode::BadInput, fmt::format("{} is a run of '{}' and no study.", folder.string(), kind), "Choose the folder of llm.study, llm.demo or llm.finetune.");
    std::sort(inner.begin(), inner.end());
    for (const fs::path& one : inner) {
        DS_ASSIGN(MeasuredRun run, readFinetuning(one));
        out.runs.push_back(std::move(run));
    }
    return out;
}

std::vector<std::string> StudyResults::methods() const {
    std::vector<std::string> order;
    const auto add = [&](const std::string& method) {
        const bool ran = std::any_of(runs.begin(), runs.end(), [&](const MeasuredRun& run) { return run.method == method; });
        if (ran && std::find(order.begin(), order.end(), method) == order.end()) order.push_back(method);
    };
    for (const json& method : io::arrayMember(io::objectMember(job, "params"), "methods"))
        if (method.is_string()) add(method.get<std::string>());
    for (const MeasuredRun& run : runs) add(run.method);
    return order;
}

std::vector<double> StudyResults::ratios() const {
    std::vector<double> all;
    for (const MeasuredRun& run : runs) all.push_back(run.ratio);
    std::sort(all.begin(), all.end());
    all.erase(std::unique(all.begin(), all.end()), all.end());
    return all;
}

std::vector<const MeasuredRun*> StudyResults::of(const std::string& method, double ratio) const {
    std::vector<const MeasuredRun*> found;
    for (const MeasuredRun& run : runs)
        if (run.method == method && run.ratio == ratio) found.push_back(&run);
    return found;
}

Spread StudyResults::finals(const std::string& method, double ratio, const std::string& metric) const {
    std::vector<double> values;
    for (const MeasuredRun* run : of(method, ratio))
        if (run->finished) values.push_back(io::numberMember(run->result, metric, kNone));
    return Spread::of(values);
}

Band StudyResults::band(const std::string& method, double ratio, const std::string& metric) const {
    std::vector<const Course*> courses;
    for (const MeasuredRun* run : of(method, ratio))
        if (const auto found = run->courses.find(metric); found != run->courses.end()) courses.push_back(&found->second);
    return bandOf(courses);
}

Spread StudyResults::cost(const std::string& method, double ratio, double (*seconds)(const MeasuredRun&)) const {
    const auto all = [&](const std::string& name) {
        std::vector<double> values;
        for (const MeasuredRun* run : of(name, ratio))
            if (run->finished && seconds(*run) > 0) values.push_back(seconds(*run));
        return values;
    };
    Spread plain;
    for (const char* name : {"sft", "sft:double", "sft:single"})
        if (plain.count == 0) plain = Spread::of(all(name));
    std::vector<double> values = all(method);
    if (plain.count == 0) return Spread::of({});
    for (double& value : values) value /= plain.mean;
    return Spread::of(values);
}

Spread StudyResults::alignCost(const std::string& method, double ratio) const {
    return cost(method, ratio, [](const MeasuredRun& run) { return run.alignSeconds; });
}

Spread StudyResults::finetuneCost(const std::string& method, double ratio) const {
    return cost(method, ratio, [](const MeasuredRun& run) { return secondsOf(run.result); });
}

std::string resultsCsv(const StudyResults& results) {
    std::string csv = "method,ratio,metric,unit,seeds,mean,deviation,least,greatest,t_low,t_high\n";
    for (const std::string& method : results.methods())
        for (const double ratio : results.ratios()) {
            const auto row = [&](const std::string& metric, const std::string& unit, const Spread& s) {
                if (s.count) csv += fmt::format("{},{:g},\"{}\",{},{},{},{},{},{},{},{}\n", method, ratio, metric, unit, s.count, number(s.mean), number(s.deviation), number(s.least), number(s.greatest), number(s.low), number(s.high));
            };
            for (const MetricName& metric : studyMetrics()) row(metric.metric, "", results.finals(method, ratio, metric.metric));
            for (const auto& [name, spread] : costs(results, method, ratio)) row(name, "x sft", spread);
        }
    return csv;
}

std::string resultsLatex(const StudyResults& results) {
    const std::vector<double> ratios = results.ratios();
    std::string tex = "% \\usepackage{booktabs}\n% Harmful score (fine-tuning accuracy) in %, mean over seeds.\n\\begin{tabular}{l" + std::string(ratios.size(), 'c') + "}\n\\toprule\nMethod";
    for (const double ratio : ratios) tex += fmt::format(" & $p={:g}$", ratio);
    tex += " \\\\\n\\midrule\n";
    for (const std::string& method : results.methods()) {
        tex += escapedTex(method);
        for (const double ratio : ratios) {
            const Spread harm = results.finals(method, ratio, "harmful score"), task = results.finals(method, ratio, "accuracy strict");
            tex += harm.count == 0 ? " & --" : task.count == 0 ? fmt::format(" & {:.1f}", 100 * harm.mean) : fmt::format(" & {:.1f} ({:.1f})", 100 * harm.mean, 100 * task.mean);
        }
        tex += " \\\\\n";
    }
    tex += "\\bottomrule\n\\end{tabular}\n\n% Every measure, mean $\\pm$ standard deviation over seeds; cost of a step in units of sft's.\n\\begin{tabular}{lrrrrrrrr}\n\\toprule\n"
           "Method & $p$ & Seeds & HS & FA & OR & Drift & Align cost & Tune cost \\\\\n\\midrule\n";
    for (const std::string& method : results.methods())
        for (const double ratio : ratios) {
            const auto cell = [&](const char* metric, double scale) { return meanTex(results.finals(method, ratio, metric), scale); };
            const int seeds = results.finals(method, ratio, "loss/data").count;
            tex += fmt::format("{} & {:g} & {} & {} & {} & {} & {} & {} & {} \\\\\n", escapedTex(method), ratio, seeds, cell("harmful score", 100), cell("accuracy strict", 100), cell("over-refusal", 100), cell("drift (relative)", 1),
                               meanTex(results.alignCost(method, ratio), 1), meanTex(results.finetuneCost(method, ratio), 1));
        }
    return tex + "\\bottomrule\n\\end{tabular}\n";
}

}  // namespace driftscope::llm
