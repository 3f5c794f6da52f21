#include "core/llm/study/study_runner.h"

#include <algorithm>
#include <cmath>
#include <fstream>
#include <map>
#include <numeric>

#include "core/base/atomic_file.h"
#include "core/io/json_access.h"
#include "core/job/run_job.h"

namespace driftscope::llm {
namespace {

using nlohmann::json;
namespace fs = std::filesystem;

/// What measurements write; the curves of single steps stay in the runs' own folders.
bool isMeasurement(const std::string& name) {
    for (const char* known : {"harmful score", "harmful score plus", "refused", "over-refusal", "benign accuracy", "accuracy strict", "accuracy contains", "loss/data", "loss/alignment", "loss/harmful",
                              "drift (sum of squares, Vaccine)", "drift (sum of norms, Booster)", "drift (relative)", "drift (cosine)", "CKA with the start"})
        if (name == known) return true;
    return false;
}

using Curve = std::map<std::pair<std::string, double>, double>;  ///< (metric, step) -> value; of repeated points the last

Curve readCurves(const fs::path& run) {
    Curve curve;
    std::ifstream events(run / "events.jsonl");
    for (std::string line; std::getline(events, line);) {
        const json event = json::parse(line, nullptr, false);
        if (io::textMember(event, "type") != "metric") continue;
        const std::string name = io::textMember(event, "name");
        if (isMeasurement(name)) curve[{name, io::numberMember(event, "step", 0)}] = io::numberMember(event, "value", std::nan(""));
    }
    return curve;
}

/// Final values of one method at one ratio, a value per seed.
struct Cell {
    std::map<std::string, std::vector<double>> finals;
    std::vector<double> alignSeconds, finetuneSeconds;  ///< of a step, the median of each run
};

double meanOf(const std::vector<double>& values) {
    return values.empty() ? std::nan("") : std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
}

/// Of a sample; 0 for a single value.
double deviationOf(const std::vector<double>& values) {
    const double mean = meanOf(values);
    double sum = 0;
    for (const double value : values) sum += (value - mean) * (value - mean);
    return values.size() > 1 ? std::sqrt(sum / static_cast<double>(values.size() - 1)) : 0;
}

/// Each value in units of the mean of others.
std::vector<double> relativeTo(const std::vector<double>& plain, std::vector<double> values) {
    const double unit = meanOf(plain);
    if (!(unit > 0)) return {};
    for (double& value : values) value /= unit;
    return values;
}

class Grid {
  public:
    Grid(JobContext& job, const JobRegistry& kinds, const StudyRequest& request) : job_(job), runs_(job, kinds), request_(request) {}

    Result<json> run() {
        const auto total = static_cast<double>(request_.arms.size() * request_.seeds.size() * (1 + request_.ratios.size()));
        double done = 0;
        for (const std::int64_t seed : request_.seeds)
            for (const Arm& arm : request_.arms) {
                DS_ASSIGN(const std::string aligned, align(arm, seed));
                job_.progress(++done, total, "run");
                for (const double ratio : request_.ratios) {
                    DS_TRY(finetune(arm, aligned, ratio, seed));
                    job_.progress(++done, total, "run");
                    DS_TRY(write());
                }
            }
        return write();
    }

  private:
    /// Arms that align alike share the run.
    Result<std::string> align(const Arm& arm, std::int64_t seed) {
        const std::string folder = request_.settings.alignFolder(arm, seed);
        json params = request_.align;
        params.update(request_.settings.of(arm, "align"));
        params["method"] = arm.alignMethod;
        params["seed"] = seed;
        DS_ASSIGN(const json result, runs_.run("llm.align", params, folder));
        alignSeconds_[arm.name] = io::numberMember(result, "median_seconds_per_step", 0);
        add(arm, -1, seed, "align", folder);
        return folder;
    }

    Result<void> finetune(const Arm& arm, const std::string& aligned, double ratio, std::int64_t seed) {
        const std::string folder = StudySettings::finetuneFolder(arm, ratio, seed);
        json params = request_.finetune;
        params.update(request_.settings.of(arm, "finetune"));
        params["method"] = arm.finetuneMethod;
        params["adapters"] = {(job_.out(aligned) / "adapter").string()};
        params["lora.mode"] = arm.single ? "single" : "double";
        params["poison_ratio"] = ratio;
        params["seed"] = seed;
        DS_ASSIGN(const json result, runs_.run("llm.finetune", params, folder));
        Cell& cell = cells_[{arm.name, ratio}];
        cell.alignSeconds.push_back(alignSeconds_[arm.name]);
        cell.finetuneSeconds.push_back(io::numberMember(result, "median_seconds_per_step", 0));
        for (const auto& [metric, value] : result.items())
            if (isMeasurement(metric) && value.is_number()) cell.finals[metric].push_back(value.get<double>());
        add(arm, ratio, seed, "finetune", folder);
        runRows_ += fmt::format("{},{:g},{},{},{}\n", arm.name, ratio, seed, aligned, folder);
        return {};
    }

    void add(const Arm& arm, double ratio, std::int64_t seed, const char* stage, const std::string& folder) {
        for (const auto& [point, value] : readCurves(job_.out(folder)))
            rows_ += fmt::format("{},{},{},{},{:g},\"{}\",{:.9g}\n", arm.name, ratio < 0 ? "" : fmt::format("{:g}", ratio), seed, stage, point.second, point.first, value);
    }

    Result<json> write() {
        DS_TRY(writeFileAtomically(job_.out("results.csv"), "method,ratio,seed,stage,step,metric,value\n" + rows_));
        DS_TRY(writeFileAtomically(job_.out("runs.csv"), "method,ratio,seed,align,finetune\n" + runRows_));
        json summary = json::array();
        std::string csv = "method,ratio,seeds,metric,mean,least,greatest,std\n";
        for (const auto& [key, cell] : cells_) {
            std::map<std::string, std::vector<double>> metrics = cell.finals;
            if (const Cell* plain = plainCell(key.second)) {
                metrics["cost of an alignment step"] = relativeTo(plain->alignSeconds, cell.alignSeconds);
                metrics["cost of a fine-tuning step"] = relativeTo(plain->finetuneSeconds, cell.finetuneSeconds);
            }
            json row{{"method", key.first}, {"ratio", key.second}, {"seeds", cell.finetuneSeconds.size()}, {"spread", json::object()}};
            for (const auto& [metric, values] : metrics) {
                if (values.empty()) continue;
                const auto [least, greatest] = std::minmax_element(values.begin(), values.end());
                row[metric] = meanOf(values);
                row["spread"][metric] = {{"values", values}, {"least", *least}, {"greatest", *greatest}, {"std", deviationOf(values)}};
                csv += fmt::format("{},{:g},{},\"{}\",{:.6g},{:.6g},{:.6g},{:.6g}\n", key.first, key.second, values.size(), metric, meanOf(values), *least, *greatest, deviationOf(values));
            }
            summary.push_back(row);
        }
        DS_TRY(writeFileAtomically(job_.out("summary.csv"), csv));
        return summary;
    }

    /// What costs are relative to: plain fine-tuning at the same ratio, with either adapter mode.
    const Cell* plainCell(double ratio) const {
        for (const char* name : {"sft", "sft:double", "sft:single"})
            if (const auto found = cells_.find({name, ratio}); found != cells_.end()) return &found->second;
        return nullptr;
    }

    JobContext& job_;
    InnerRuns runs_;
    const StudyRequest& request_;
    std::map<std::string, double> alignSeconds_;
    std::map<std::pair<std::string, double>, Cell> cells_;
    std::string rows_, runRows_;
};

}  // namespace

Result<json> runStudyGrid(JobContext& job, const JobRegistry& kinds, const StudyRequest& request) {
    return Grid(job, kinds, request).run();
}

}  // namespace driftscope::llm
