#include "core/cells/state_rules.h"

namespace driftscope::cells {

std::optional<Contradiction> contradiction(const LabelSchema& schema, std::span<const int> labels) {
    if (schema.expansion != "onset" || schema.classes.size() != 2) return std::nullopt;
    std::optional<std::size_t> event;
    for (std::size_t i = 0; i < labels.size(); ++i) {
        if (labels[i] == 1 && !event) event = i;
        if (labels[i] == 0 && event) return Contradiction{*event, i};
    }
    return std::nullopt;
}

std::vector<std::pair<std::size_t, int>> fillBetween(std::span<const int> labels) {
    std::vector<std::pair<std::size_t, int>> out;
    std::optional<std::size_t> last;
    for (std::size_t i = 0; i < labels.size(); ++i) {
        if (labels[i] < 0) continue;
        if (last && labels[*last] == labels[i])
            for (std::size_t k = *last + 1; k < i; ++k) out.emplace_back(k, labels[i]);
        last = i;
    }
    return out;
}

}  // namespace driftscope::cells
