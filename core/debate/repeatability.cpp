#include "core/debate/repeatability.h"

#include <fmt/format.h>

namespace driftscope::debate {

nlohmann::json Repeatability::toJson() const {
    nlohmann::json out{{"what", what}, {"pairs", pairs}, {"agreeing", agreeing}, {"calls", calls}, {"value", nullptr}, {"interval", nullptr}};
    if (pairs == 0) return out;
    out["value"] = value();
    out["interval"] = {interval().low, interval().high};
    return out;
}

std::string Repeatability::text() const {
    if (pairs == 0) return fmt::format("The oracle's repeatability is unknown: {}.", what);
    return fmt::format("Two answers to the same question agree with probability {:.3f} (95 % interval {:.3f} to {:.3f}, {} pairs: {}).", value(), interval().low, interval().high, pairs, what);
}

}  // namespace driftscope::debate
