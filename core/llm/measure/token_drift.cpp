#include "core/llm/measure/token_drift.h"

#include <algorithm>

namespace driftscope::llm {

SampleLoss responseMeans(const TokenDrift& drift, std::size_t promptLength) {
    SampleLoss out;
    for (std::size_t t = std::max<std::size_t>(1, promptLength); t < drift.kl.size(); ++t) {
        out.before += drift.lossBefore[t];
        out.after += drift.lossAfter[t];
        out.kl += drift.kl[t];
        ++out.tokens;
    }
    const auto count = static_cast<double>(out.tokens);  // 0 / 0 is the NaN that is promised
    out.before /= count, out.after /= count, out.kl /= count;
    return out;
}

}  // namespace driftscope::llm
