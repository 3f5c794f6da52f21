#pragma once

#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string_view>
#include <vector>

#include "core/debate/dag_machine.h"

namespace driftscope::debate {

/// A formula over yes/no questions as gates.
struct Circuit {
    std::vector<std::string> names;                    ///< of the questions, in order of appearance
    std::vector<std::optional<double>> probabilities;  ///< of "yes", where the formula states them
    std::vector<std::size_t> columns;                  ///< where each is named first, from 1
    std::vector<Gate> gates;                           ///< inputs: indices of names first, then of gates
    std::size_t output = 0;
};

/// Reads a formula such as
///     "Is it relevant?": 0.95 and majority(blinded: 0.8, "Large enough?": 0.85, reported: 0.9)
///     all(repeat(12, "Is item {i} met?": 0.98))
///     2*condensed + plate - 0.5*debris >= 1.5 or not (round and small)
///     compare(for1: 0.7, for2: 0.6 vs against1: 0.4, against2: 0.3)
/// A question is a name or a quoted text, with the probability of "yes" after a colon where it is first named, unless it is
/// described elsewhere; named again it is the same question. From weakest to strongest: or, and, not (also | & !), comparisons
/// by >= > <= < = , sums with weights, products with numbers. Functions: all, any, majority, parity, at_least(k, …) (also
/// threshold), weighted(k, …), sum, compare(… vs …); repeat(n, …) writes its arguments n times with {i} replaced by 1 … n.
/// Errors name the column.
Result<Circuit> parseExpression(std::string_view text);

/// The same as {"type": "dag", …}. Errors also: a question without a probability.
Result<nlohmann::json> readExpression(std::string_view text);

}  // namespace driftscope::debate
