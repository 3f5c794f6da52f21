#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace driftscope::label {

/// The state of one step of a trajectory. Steps without an entry have no observation (a gap).
struct RibbonStep {
    std::int64_t step = 0;
    std::string manual;     ///< class given by a person; empty when none
    std::string predicted;  ///< class of a model; empty when none
    double confidence = 0;  ///< of the prediction, 0 to 1
};

/// Neighbouring steps that look alike and are painted as one.
struct RibbonRun {
    std::int64_t first = 0, last = 0;
    std::string manual;
    std::string predicted;
    double confidence = 0;  ///< rounded to tenths; 0 without prediction
};

/// `steps` ordered by step. A gap ends a run.
std::vector<RibbonRun> ribbonRuns(const std::vector<RibbonStep>& steps);

}  // namespace driftscope::label
