#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/base/error.h"

namespace driftscope::debate {

/// ceil(ln(2/q) / (2 e^2)): estimates within e of the truth except with probability q (Hoeffding). Guarded against rounding
/// noise of 1e-12, so that whole numbers stay what they are. Lean: Debate/Protocol.lean, `samples`.
std::int64_t samples(double e, double q);

/// Parameters of the stochastic debate (Theorem 6.2): promise w, goal d, Lipschitz constant k, T' steps.
struct Parameters {
    double w = 2.0 / 3;  ///< P(the machine is right), promised
    double d = 0.6;      ///< P(the honest side wins), wanted
    double k = 1;        ///< Lipschitz constant
    std::int64_t steps = 1;
    double c = 0;        ///< Alice's accuracy
    double s = 0;        ///< claims this close must be accepted
    double b = 0;        ///< claims this far must be challenged
    double q = 0;        ///< failure probability of Alice's and Bob's estimates, per step
    double v = 0;        ///< failure probability of Vera's estimate

    /// c = 1/(100k), s = 2/(100k), b = 5/(100k), q = 1/(100 T'), v = 1/100: the Lean development's defaults.
    static Result<Parameters> leanDefaults(double w, double d, double k, std::int64_t steps);
    /// The fewest judgements for Vera (or in total) that satisfy every inequality: c = ratio b, s = (1 - ratio) b,
    /// q T' = 0.001, b as large as the inequalities allow, v chosen by search. Errors: no parameters reach d.
    static Result<Parameters> tuned(double w, double d, double k, std::int64_t steps, double ratio = 1.0 / 3);
};

/// One inequality of the theorem with both sides as numbers.
struct Inequality {
    std::string text;     ///< "k b <= w"
    double left = 0;
    double right = 0;
    bool holds = false;
};
std::vector<Inequality> check(const Parameters& p);
bool valid(const Parameters& p);

/// Judgements each party asks for.
struct Plan {
    std::int64_t alice = 0;  ///< per step
    std::int64_t bob = 0;    ///< per step
    std::int64_t vera = 0;   ///< in all, at most once
    double bobThreshold = 0;   ///< Bob accepts when |claim - estimate| < this
    double veraThreshold = 0;
};
Plan plan(const Parameters& p);

/// What the theorem promises: lower bounds of the honest side's winning probability with this plan.
struct Guarantees {
    double completeness = 0;  ///< P(honest Alice wins) >= (1-v)(w - k c - (1 - (1-q)^T'))
    double soundness = 0;     ///< P(honest Bob wins)   >= (1-v)(1-q)^T' (w - k b)
    bool valid = false;       ///< whether every inequality holds: otherwise nothing is promised
};
Guarantees guarantees(const Parameters& p);

/// Bounds of the Lean development for its default parameters.
double aliceBound(double k, std::int64_t steps);  ///< T' (5000 k^2 ln(200 T') + 1)
double bobBound(double k, std::int64_t steps);    ///< T' (20000/9 k^2 ln(200 T') + 1)
double veraBound(double k);                       ///< 106000 k^2 + 1

/// Above this many steps asking Vera beats judging every step directly: her judgements with this plan.
std::int64_t breakEven(const Plan& plan);

}  // namespace driftscope::debate
