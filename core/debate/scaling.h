#pragma once

#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "core/debate/machine.h"
#include "core/debate/measure.h"

namespace driftscope::debate {

/// A relay: T questions of which only some decide (majority of them), spread evenly; the others are asked and forgotten.
/// Its Lipschitz constant does not grow with T, which is when debate pays. The certified constant is at most `k`:
/// one decider as the last answer (K = 1), else the most deciders whose majority plus a result bit fits.
std::unique_ptr<Machine> relayMachine(std::int64_t steps, double k, double voteProbability);

/// One point of the scaling study: what honest parties spent in a debate of T steps.
struct ScalePoint {
    double k = 1;
    std::int64_t steps = 0;
    double w = 2.0 / 3, d = 0.6;  ///< promise and goal of the parameters
    Plan plan;
    Meters unchallenged;       ///< measured: a game that Bob lets pass
    Meters challenged;         ///< measured: a game that Bob challenges at once
    double certified = 0;      ///< K of the machine played
    bool aliceWins = false;
    double seconds = 0;
};
Result<ScalePoint> measureScale(std::int64_t steps, double k, const Parameters& parameters, std::uint64_t seed, std::stop_token stop);

/// Least-squares slope of log y on log x.
double logSlope(const std::vector<std::pair<double, double>>& points);

/// Slopes, flatness and break-even per K, and the table, as Markdown and CSV.
nlohmann::json scaleSummary(const std::vector<ScalePoint>& points);
std::string scaleMarkdown(const std::vector<ScalePoint>& points, const nlohmann::json& summary, const std::string& command);
std::string scaleCsv(const std::vector<ScalePoint>& points);

}  // namespace driftscope::debate
