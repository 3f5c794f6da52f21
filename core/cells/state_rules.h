#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "core/label/label_schema.h"

namespace driftscope::cells {

/// Two labels of one track that cannot both be true.
struct Contradiction {
    std::size_t event = 0;    ///< position in the track that has the event ("dead")
    std::size_t default_ = 0; ///< a later position that has the default again ("alive")
};

/// Whether the labels of a track are possible. In a two-class "onset" schema the event stays, as the reference expands it:
/// nobody is alive after dead, uninfected after infected. Other schemas forbid nothing. `labels` are classes by position in
/// order of frames, -1 unlabelled. The first contradiction, or nothing.
std::optional<Contradiction> contradiction(const LabelSchema& schema, std::span<const int> labels);

/// Unlabelled positions of a track between two labels that say the same, with that class: what a person who labels both ends
/// of a phase means.
std::vector<std::pair<std::size_t, int>> fillBetween(std::span<const int> labels);

}  // namespace driftscope::cells
