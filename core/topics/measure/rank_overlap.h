#pragma once

#include <cstdint>
#include <span>

namespace driftscope::topics {

/// How two ranked lists of ids are compared (Webber, Moffat and Zobel 2010).
enum class OverlapKind {
    Average,       ///< mean over depths d of |A_d and B_d| / d: the limit p = 1
    Truncated,     ///< (1-p) sum p^(d-1) A_d to the end of the lists, so that equal lists of length n give 1 - p^n ("rbo" package)
    Extrapolated,  ///< RBO_ext: the agreement at the end is taken to last for ever, so that equal lists give 1
};

/// Similarity of two lists in 0 … 1, symmetric. Compared to the depth of the shorter list; ids occur once per list and lie
/// below `ids`. Empty lists give 0. p is not used by Average.
double rankOverlap(std::span<const std::uint32_t> a, std::span<const std::uint32_t> b, OverlapKind kind, double p, std::size_t ids);

}  // namespace driftscope::topics
