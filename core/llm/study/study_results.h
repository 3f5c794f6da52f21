#pragma once

#include <filesystem>
#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "core/base/error.h"

namespace driftscope::llm {

/// Values of one metric by step.
using Course = std::map<double, double>;

/// A fine-tuning of a study, with the alignment it stands on.
struct MeasuredRun {
    std::string method;  ///< the arm: "booster", "sft:single"
    double ratio = 0;    ///< share of poison
    std::int64_t seed = 0;
    std::filesystem::path folder;
    bool finished = false;
    nlohmann::json job;                     ///< job.json: parameters, hashes of inputs, versions
    nlohmann::json result;                  ///< final values
    std::map<std::string, Course> courses;  ///< by metric
    double alignSeconds = 0;                ///< of a step of the alignment; 0: not known
};

/// Mean and spread of one number over seeds.
struct Spread {
    int count = 0;
    double mean = 0;
    double deviation = 0;         ///< of a sample; 0 for a single value
    double least = 0, greatest = 0;
    double low = 0, high = 0;     ///< 95 % interval of the mean by Student's t; least and greatest of fewer than two values

    /// Values that are not finite are left out.
    static Spread of(const std::vector<double>& values);
};

/// A metric against the step over several seeds: at each step those that have got there.
struct Band {
    std::vector<double> x, mean, least, greatest, low, high;
    std::vector<int> seeds;
};
Band bandOf(const std::vector<const Course*>& courses);

/// What is known of a study: its finished and running fine-tunings.
struct StudyResults {
    std::filesystem::path folder;
    nlohmann::json job, status;
    std::vector<MeasuredRun> runs;

    /// Reads a folder of llm.study or llm.demo, or of one llm.finetune run. Errors: none of these; a damaged job.json.
    static Result<StudyResults> read(const std::filesystem::path& folder);

    std::vector<std::string> methods() const;  ///< in the study's order
    std::vector<double> ratios() const;        ///< ascending
    std::vector<const MeasuredRun*> of(const std::string& method, double ratio) const;
    /// Final values of a metric over seeds; of finished runs only.
    Spread finals(const std::string& method, double ratio, const std::string& metric) const;
    Band band(const std::string& method, double ratio, const std::string& metric) const;
    /// Seconds of a step in units of plain fine-tuning's: of the alignment and of the fine-tuning stage.
    Spread alignCost(const std::string& method, double ratio) const;
    Spread finetuneCost(const std::string& method, double ratio) const;

  private:
    Spread cost(const std::string& method, double ratio, double (*seconds)(const MeasuredRun&)) const;
};

/// A metric as tables and axes call it.
struct MetricName {
    std::string metric;      ///< as in events.jsonl
    std::string title;       ///< "harmful score"
    std::string brief;       ///< "HS"
    std::string unit;        ///< "%" shows a share times 100
    std::string definition;  ///< one sentence
    double scale() const { return unit == "%" ? 100 : 1; }
};
/// The metrics that studies are compared by, in the order of tables.
const std::vector<MetricName>& studyMetrics();
/// The entry of a metric; an unknown one is its own title.
MetricName metricName(const std::string& metric);

/// "#rrggbb", the same for a method in every window and report.
std::string methodColour(const std::string& method);

/// Long table: method, ratio, metric, unit, seeds, mean, deviation, least, greatest, interval.
std::string resultsCsv(const StudyResults& results);
/// Two tables for booktabs: HS (FA) by method and ratio as the papers print them, and every metric with its deviation.
std::string resultsLatex(const StudyResults& results);

}  // namespace driftscope::llm
