#include <algorithm>
#include <bit>
#include <cmath>
#include <numeric>
#include <utility>

#include "core/base/fingerprint.h"
#include "core/embed/lanes.h"
#include "core/embed/umap.h"
#include "core/embed/workers.h"

namespace driftscope::embed {
namespace {

constexpr std::size_t kLanes = 16;
constexpr std::size_t kGroupsPerBlock = 16;
constexpr float kNearest = 1e-12f;        // squared distance that stands for zero
constexpr float kClip = 4;                // largest move of one force along one axis, as in umap-learn

/// Sixteen lanes as two registers: one hides the latency of the other. (GCC 12 splits a 64-byte vector badly.)
struct Wide {
    Lanes low, high;
};
struct WideInts {
    IntLanes low, high;
};
DS_ALWAYS_INLINE Wide both(float v) { return {Lanes{} + v, Lanes{} + v}; }
DS_ALWAYS_INLINE Wide operator+(Wide a, Wide b) { return {a.low + b.low, a.high + b.high}; }
DS_ALWAYS_INLINE Wide operator-(Wide a, Wide b) { return {a.low - b.low, a.high - b.high}; }
DS_ALWAYS_INLINE Wide operator*(Wide a, Wide b) { return {a.low * b.low, a.high * b.high}; }
DS_ALWAYS_INLINE Wide operator/(Wide a, Wide b) { return {a.low / b.low, a.high / b.high}; }

DS_ALWAYS_INLINE Wide load(const float* from) { return {loadLanes(from), loadLanes(from + 8)}; }
DS_ALWAYS_INLINE void store(float* to, Wide value) {
    storeLanes(to, value.low);
    storeLanes(to + 8, value.high);
}

/// log2 within 6e-5 and 2^x within a relative 4e-6: far below the noise of the sampling.
DS_ALWAYS_INLINE Lanes log2Of(Lanes x) {
    const IntLanes bits = std::bit_cast<IntLanes>(x);
    const Lanes exponent = __builtin_convertvector((bits >> 23) - 127, Lanes);
    const Lanes m = std::bit_cast<Lanes>((bits & 0x007FFFFF) | 0x3F800000);
    const Lanes p = (((0.0599455868f * m - 0.46749499f) * m + 1.48508563f) * m - 2.52453257f) * m + 2.88961202f;
    return exponent + (m - 1.0f) * p;
}
DS_ALWAYS_INLINE Lanes exp2Of(Lanes x) {
    x = x < -126.0f ? Lanes{} - 126.0f : x;
    x = x > 126.0f ? Lanes{} + 126.0f : x;
    IntLanes whole = __builtin_convertvector(x, IntLanes);
    whole += __builtin_convertvector(whole, Lanes) > x;  // true is -1: floor
    const Lanes f = x - __builtin_convertvector(whole, Lanes);
    const Lanes p = (((0.0136839829f * f + 0.0517177355f) * f + 0.241621323f) * f + 0.692969551f) * f + 1.0000036f;
    return std::bit_cast<Lanes>((whole + 127) << 23) * p;
}
DS_ALWAYS_INLINE Wide powerOf(Wide x, float exponent) {
    return {exp2Of(exponent * log2Of(x.low)), exp2Of(exponent * log2Of(x.high))};
}
DS_ALWAYS_INLINE Lanes bounded(Lanes x, float bound) {
    x = x < -bound ? Lanes{} - bound : x;
    return x > bound ? Lanes{} + bound : x;
}
DS_ALWAYS_INLINE Wide clipped(Wide x) { return {bounded(x.low, kClip), bounded(x.high, kClip)}; }
DS_ALWAYS_INLINE Lanes raised(Lanes x) { return x < kNearest ? Lanes{} + kNearest : x; }
DS_ALWAYS_INLINE Wide notZero(Wide x) { return {raised(x.low), raised(x.high)}; }
DS_ALWAYS_INLINE Wide where(WideInts mask, Wide x) {
    return {mask.low ? x.low : Lanes{}, mask.high ? x.high : Lanes{}};
}

/// The points in the order the kernel wants them: sixteen at a time with about as many pulls each.
struct Plan {
    std::size_t points = 0;
    std::size_t groups = 0;
    std::vector<std::uint32_t> slotOf;     // row -> slot
    std::vector<std::size_t> starts;       // slot -> first edge
    std::vector<std::uint32_t> tails;      // slots
    std::vector<float> frequencies;        // pulls of an edge per epoch, at most 1
    std::vector<float> offsets;            // where in its period an edge begins
};

Plan makePlan(const FuzzyGraph& graph, std::size_t epochs, std::uint64_t seed) {
    Plan plan;
    plan.points = graph.rows();
    plan.groups = (plan.points + kLanes - 1) / kLanes;
    const float heaviest = graph.weights.empty() ? 1.0f : *std::max_element(graph.weights.begin(), graph.weights.end());
    const float lightest = heaviest / static_cast<float>(epochs);  // lighter edges would never pull
    std::vector<double> pull(plan.points);
    for (std::size_t row = 0; row < plan.points; ++row)
        for (std::size_t e = graph.starts[row]; e < graph.starts[row + 1]; ++e)
            if (graph.weights[e] >= lightest) pull[row] += graph.weights[e];
    std::vector<std::uint32_t> order(plan.points);
    std::iota(order.begin(), order.end(), 0u);
    std::stable_sort(order.begin(), order.end(), [&](auto a, auto b) { return pull[a] > pull[b]; });
    plan.slotOf.resize(plan.points);
    for (std::size_t slot = 0; slot < plan.points; ++slot) plan.slotOf[order[slot]] = static_cast<std::uint32_t>(slot);
    plan.starts.assign(1, 0);
    for (const std::uint32_t row : order) {
        for (std::size_t e = graph.starts[row]; e < graph.starts[row + 1]; ++e) {
            if (graph.weights[e] < lightest) continue;
            plan.tails.push_back(plan.slotOf[graph.targets[e]]);
            plan.frequencies.push_back(graph.weights[e] / heaviest);
            plan.offsets.push_back(static_cast<float>(randomUnit(seed, 11, e)));
        }
        plan.starts.push_back(plan.tails.size());
    }
    plan.starts.resize(plan.groups * kLanes + 1, plan.tails.size());  // lanes without a point have no edges
    return plan;
}

/// The pulls of a few epochs, written out so that the kernel reads them in order: per group and epoch the tails of all
/// lanes step by step. A point's pulls are dealt evenly over the epochs, no edge twice in one.
class Script {
  public:
    static constexpr std::size_t kEpochs = 8;

    explicit Script(const Plan& plan) : counts_(plan.groups * kEpochs * kLanes) {
        starts_.push_back(0);
        for (std::size_t group = 0; group < plan.groups; ++group) {
            double most = 0;
            for (std::size_t slot = group * kLanes; slot < (group + 1) * kLanes; ++slot) {
                double fires = 0;
                for (std::size_t e = plan.starts[slot]; e < plan.starts[slot + 1]; ++e) fires += std::ceil(plan.frequencies[e] * kEpochs) + 1;
                most = std::max(most, fires);
            }
            steps_.push_back(static_cast<std::size_t>(most) / kEpochs + 1);
            starts_.push_back(starts_.back() + steps_.back() * kEpochs * kLanes);
        }
        tails_.resize(starts_.back());
    }

    /// Writes the pulls of epochs [first, first + length) of one group.
    void write(const Plan& plan, std::size_t group, std::size_t first, std::size_t length) {
        std::int32_t* counts = counts_.data() + group * kEpochs * kLanes;
        std::fill_n(counts, kEpochs * kLanes, 0);
        for (std::size_t lane = 0; lane < kLanes; ++lane) {
            const std::size_t slot = group * kLanes + lane;
            std::size_t epoch = 0, step = 0;
            for (std::size_t e = plan.starts[slot]; e < plan.starts[slot + 1]; ++e) {
                const auto before = static_cast<std::int32_t>(static_cast<float>(first) * plan.frequencies[e] + plan.offsets[e]);
                const auto after = static_cast<std::int32_t>(static_cast<float>(first + length) * plan.frequencies[e] + plan.offsets[e]);
                for (std::int32_t fire = before; fire < after; ++fire) {
                    tails_[starts_[group] + (epoch * steps_[group] + step) * kLanes + lane] = plan.tails[e];
                    counts[epoch * kLanes + lane] = static_cast<std::int32_t>(step) + 1;
                    if (++epoch == length) epoch = 0, ++step;
                }
            }
        }
    }

    /// kLanes tails for each step of an epoch of the window; lanes beyond their count hold older, valid ones.
    const std::uint32_t* tails(std::size_t group, std::size_t epoch) const { return tails_.data() + starts_[group] + epoch * steps_[group] * kLanes; }
    const std::int32_t* counts(std::size_t group, std::size_t epoch) const { return counts_.data() + (group * kEpochs + epoch) * kLanes; }

  private:
    std::vector<std::size_t> starts_;
    std::vector<std::size_t> steps_;
    std::vector<std::uint32_t> tails_;
    std::vector<std::int32_t> counts_;
};

/// Positions as one array per axis, with the first points repeated at the end so that any sixteen in a row can be read.
struct Positions {
    std::size_t stride;
    std::vector<float> values;

    Positions(std::size_t groups, std::size_t axes) : stride((groups + 1) * kLanes), values(stride * axes) {}
    float* axis(std::size_t a) { return values.data() + a * stride; }
    const float* axis(std::size_t a) const { return values.data() + a * stride; }
};

/// What one epoch's kernel call needs.
struct Round {
    const Script* script;
    std::size_t window;  // epoch within the script
    std::size_t points;
    const Positions* now;
    Positions* next;
    float a, b;
    float rate;
    std::uint32_t negatives;
    std::uint64_t seed;
};

/// Moves the sixteen points of one group by the sum of this epoch's pulls and repulsions. All forces are taken where the
/// epoch began: two points that attract each other then move alike and opposite, as when umap-learn moves both ends of an
/// edge at once. Moving the points one after another instead costs separation of the groups (silhouette of the digits 0.46
/// against 0.67).
template <std::size_t Axes>
DS_ALWAYS_INLINE void moveGroup(const Round& round, std::size_t group) {
    const std::uint32_t* tails = round.script->tails(group, round.window);
    const std::int32_t* counts = round.script->counts(group, round.window);
    const std::int32_t most = *std::max_element(counts, counts + kLanes);
    WideInts remaining;
    std::memcpy(&remaining, counts, sizeof remaining);
    Wide head[Axes];
    for (std::size_t x = 0; x < Axes; ++x) head[x] = load(round.now->axis(x) + group * kLanes);
    // Twice: an edge pulls this point once for itself and once for the other end's edge.
    const Wide one = both(1), two = both(2), a = both(round.a);
    const Wide pullScale = both(-2 * round.a * round.b);
    const Wide pushScale = both(2 * round.b), softening = both(0.001f);
    std::uint64_t random = round.seed + group * 0x9E3779B97F4A7C15ull;
    random = ((random ^ (random >> 31)) * 0xBF58476D1CE4E5B9ull) | 1;
    Wide sum[Axes] = {};
    for (std::int32_t step = 0; step < most; ++step, tails += kLanes) {
        const WideInts active{remaining.low > step, remaining.high > step};
        Wide delta[Axes], force[Axes], square = both(0);
        for (std::size_t x = 0; x < Axes; ++x) {
            const float* axis = round.now->axis(x);
            float tail[kLanes];
            for (std::size_t lane = 0; lane < kLanes; ++lane) tail[lane] = axis[tails[lane]];
            delta[x] = head[x] - load(tail);
            square = square + delta[x] * delta[x];
        }
        square = notZero(square);
        Wide power = powerOf(square, round.b);
        Wide scale = pullScale * power / (square * (one + a * power));
        for (std::size_t x = 0; x < Axes; ++x) force[x] = two * clipped(scale * delta[x]);
        for (std::uint32_t n = 0; n < round.negatives; ++n) {
            random ^= random << 13, random ^= random >> 7, random ^= random << 17;
            const std::size_t base = ((random >> 32) * round.points) >> 32;
            square = both(0);
            for (std::size_t x = 0; x < Axes; ++x) {
                delta[x] = head[x] - load(round.now->axis(x) + base);
                square = square + delta[x] * delta[x];
            }
            power = powerOf(notZero(square), round.b);
            scale = pushScale / ((softening + square) * (one + a * power));
            for (std::size_t x = 0; x < Axes; ++x) force[x] = force[x] + clipped(scale * delta[x]);
        }
        for (std::size_t x = 0; x < Axes; ++x) sum[x] = sum[x] + where(active, force[x]);
    }
    for (std::size_t x = 0; x < Axes; ++x) store(round.next->axis(x) + group * kLanes, head[x] + both(round.rate) * sum[x]);
}

template <std::size_t Axes>
DS_TARGET_AVX2 void moveAvx2(const Round& round, std::size_t group) {
    moveGroup<Axes>(round, group);
}
template <std::size_t Axes>
void moveBase(const Round& round, std::size_t group) {
    moveGroup<Axes>(round, group);
}

std::size_t defaultEpochs(std::size_t rows) {
    return rows <= 10'000 ? 500 : 300;
}

using Move = void (*)(const Round&, std::size_t);

template <std::size_t Axes>
Move chosen() {
    return hasAvx2() ? moveAvx2<Axes> : moveBase<Axes>;
}

/// Kernels exist for a few widths; the unused axes of a wider one stay zero.
std::pair<Move, std::size_t> kernelFor(std::size_t axes) {
    if (axes <= 2) return {chosen<2>(), 2};
    if (axes == 3) return {chosen<3>(), 3};
    if (axes == 4) return {chosen<4>(), 4};
    if (axes <= 8) return {chosen<8>(), 8};
    return {chosen<16>(), 16};
}

/// The wrap-around copies behind the last point.
void repeatFirst(Positions& positions, std::size_t points, std::size_t axes) {
    for (std::size_t x = 0; x < axes; ++x)
        for (std::size_t i = 0; i < kLanes && points + i < positions.stride; ++i) positions.axis(x)[points + i] = positions.axis(x)[i % points];
}

}  // namespace

Result<Matrix> layOut(const FuzzyGraph& graph, const Matrix& start, const UmapOptions& options, Workers& workers, const Monitor& monitor) {
    const std::size_t epochs = options.epochs > 0 ? options.epochs : defaultEpochs(graph.rows());
    const auto [move, axes] = kernelFor(options.components);
    const UmapCurve curve = fitCurve(options.spread, options.minDist);
    const Plan plan = makePlan(graph, epochs, options.seed);
    Script script(plan);
    Positions now(plan.groups, axes), next(plan.groups, axes);
    for (std::size_t row = 0; row < start.rows; ++row)
        for (std::size_t x = 0; x < start.columns; ++x) now.axis(x)[plan.slotOf[row]] = start(row, x);
    repeatFirst(now, plan.points, axes);
    for (std::size_t epoch = 0; epoch < epochs; ++epoch) {
        if (monitor.cancelled()) return Monitor::stopped();
        const std::size_t window = epoch % Script::kEpochs;
        const double share = static_cast<double>(epoch) / static_cast<double>(epochs);
        const Round round{&script, window, plan.points, &now, &next, static_cast<float>(curve.a), static_cast<float>(curve.b),
                          static_cast<float>(options.learningRate * (1 - share)), static_cast<std::uint32_t>(options.negatives),
                          randomBits(options.seed, 12, epoch)};
        workers.forBlocks(plan.groups, kGroupsPerBlock, [&](std::size_t begin, std::size_t end) {
            for (std::size_t group = begin; group < end; ++group) {
                if (window == 0) script.write(plan, group, epoch, std::min(Script::kEpochs, epochs - epoch));
                move(round, group);
            }
        });
        std::swap(now, next);
        repeatFirst(now, plan.points, axes);
        monitor.report(static_cast<double>(epoch + 1), static_cast<double>(epochs), "layout");
    }
    Matrix out(graph.rows(), start.columns);
    for (std::size_t row = 0; row < out.rows; ++row)
        for (std::size_t x = 0; x < out.columns; ++x) out(row, x) = now.axis(x)[plan.slotOf[row]];
    return out;
}

}  // namespace driftscope::embed
