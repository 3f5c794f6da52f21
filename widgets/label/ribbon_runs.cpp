#include "widgets/label/ribbon_runs.h"

#include <algorithm>
#include <cmath>

namespace driftscope::label {

std::vector<RibbonRun> ribbonRuns(const std::vector<RibbonStep>& steps) {
    std::vector<RibbonRun> runs;
    for (const RibbonStep& step : steps) {
        // Tenths are what an eye tells apart, and they keep runs long.
        const double confidence =
            step.predicted.empty() ? 0.0 : std::round(std::clamp(step.confidence, 0.0, 1.0) * 10) / 10;
        const bool joins = !runs.empty() && runs.back().last + 1 == step.step && runs.back().manual == step.manual &&
                           runs.back().predicted == step.predicted && runs.back().confidence == confidence;
        if (joins)
            runs.back().last = step.step;
        else
            runs.push_back({step.step, step.step, step.manual, step.predicted, confidence});
    }
    return runs;
}

}  // namespace driftscope::label
