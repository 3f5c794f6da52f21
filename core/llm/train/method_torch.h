#pragma once

#include <array>
#include <nlohmann/json.hpp>

#include "core/llm/train/batch_torch.h"
#include "core/llm/train/parameters_torch.h"
#include "core/tensor/group.h"

namespace driftscope::llm {

/// Knobs of all methods; each reads its own. Defaults are those of the papers' scripts.
struct MethodOptions {
    double rho = 2;              ///< vaccine: L2 norm of the perturbation; random_vaccine: variance; lisa: proximal weight; ldifs: penalty
    double lambda = 5;           ///< booster, ewc, vlguard, kl: weight of the second term
    double alpha = 0.1;          ///< booster: length of the simulated harmful step; repnoise: weight of -log(harmful loss)
    double beta = 0.001;         ///< repnoise: weight of the noise term
    double vaccineRho = 5;       ///< booster+vaccine
    std::int64_t alignSteps = 100, userSteps = 900;  ///< lisa, bso: K1 and K2
    double proximalStart = 0.1;  ///< lisa: share of all steps before the proximal term begins
    bool keepUser = false;       ///< lisa: user batches wait during alignment steps instead of being thrown away
    std::int64_t layers = 8;     ///< t_vaccine: layers perturbed and trained (gamma)
    std::int64_t layersEvery = 200;   ///< t_vaccine: steps between draws of layers
    std::int64_t fisherBatches = 100; ///< ewc: batches of the Fisher estimate
    std::int64_t guideBatch = 4;      ///< vlguard: alignment samples per step
    std::int64_t harmfulBatch = 10;   ///< booster, repnoise, t_vaccine: harmful samples per micro-batch
    // What the published code does, against what it says. Off unless asked for.
    bool upstreamAccumulation = false;   ///< vaccine, booster: only the last micro-batch's gradient survives, divided by their number
    bool upstreamRedraw = false;         ///< vaccine, booster: later passes of a step draw new dropout masks
    bool upstreamRestore = false;        ///< booster: weights come back by adding the step, not by copying
    bool upstreamKlAxis = false;         ///< kl: softmax over time instead of the vocabulary
    bool upstreamFisherLeak = false;     ///< ewc: gradients of the last Fisher batch leak into step 1
    bool upstreamLdifsGate = false;      ///< ldifs: a layer's term counts only below 0.1
};

enum class Stream { Primary, Align, Harmful };

/// What a method sees of a training: the model, what is trained, and the data. Owned by the loop.
class StepContext {
  public:
    StepContext(CausalModel& model, const FlatParameters& parameters, std::uint64_t seed);

    CausalModel& model;
    const FlatParameters& parameters;
    std::int64_t step = 0, steps = 0;
    std::int64_t accumulate = 1;  ///< micro-batches per step
    bool checkpoint = false;
    std::int64_t pad = 0;
    tensor::Group* group = nullptr;  ///< processes that share every step's samples; none alone

    void setStream(Stream stream, const TokenSet& set, std::int64_t batch);
    bool has(Stream stream) const { return streams_[static_cast<std::size_t>(stream)].set != nullptr; }
    /// Goes on in a stream by `accumulate` micro-batches, of which each process of a group gets its own. A step without any target
    /// is an error that names its samples.
    Result<MicroBatches> take(Stream stream);
    /// The first `batches` micro-batches of a stream in file order, without moving on in it; the same in all processes.
    MicroBatches peek(Stream stream, std::int64_t batches) const;

    struct Pass {
        Mode mode = Mode::Train;
        std::function<Hook(std::size_t micro)> hook;
        std::uint64_t draw = 0;  ///< passes of a step with the same number share their dropout masks
        std::function<Tensor*(std::size_t micro)> firstAttention;  ///< ForwardInput::firstAttention
    };
    /// Adds d(mean loss per target over all micro-batches)/d(parameters) to the gradient and returns that loss.
    Result<double> backward(const MicroBatches& batches, const Pass& pass) const;
    Result<double> backward(const MicroBatches& batches) const { return backward(batches, Pass{}); }
    /// Forward passes alone; `see` gets each micro-batch's part of the mean loss, with its graph, to differentiate as it likes.
    Result<double> losses(const MicroBatches& batches, const Pass& pass, const std::function<void(std::size_t micro, const Tensor& loss)>& see) const;
    /// A forward pass's settings for one micro-batch.
    ForwardInput forward(const Batch& batch, const Pass& pass, std::size_t micro) const;
    /// A number summed over the group, and how many processes there are.
    template <class Number>
    Number together(Number value) const {
        return group ? group->sum(value) : value;
    }
    std::int64_t processes() const { return group ? group->size() : 1; }
    /// Sums the gradient over the group. For methods that differentiate by themselves; backward does it.
    void sumGradient() const;
    /// The number of a micro-batch among those of all processes.
    std::uint64_t numberOf(std::size_t micro) const;
    /// Targets of the batches of all processes.
    std::int64_t targetsOf(const MicroBatches& batches) const;
    /// Random bits of this step for one purpose, the same in all processes.
    std::uint64_t stepSeed(std::uint64_t purpose) const;

    nlohmann::json state() const;
    void restore(const nlohmann::json& state);

  private:
    struct Source {
        const TokenSet* set = nullptr;
        std::int64_t batch = 0;
        SampleStream stream;
    };
    Result<void> blame(const MicroBatches& batches, double loss) const;

    std::array<Source, 3> streams_;
    std::uint64_t seed_;
    bool dropout_ = false;  ///< some adapter drops
};

struct StepReport {
    double loss = 0;
    std::vector<std::pair<std::string, double>> metrics;
    std::vector<bool> active;  ///< per part, when a method trains only some
};

/// One way to form a step's gradient. `gradient` finds parameters.gradient() cleared and leaves the combined gradient there,
/// before clipping.
class Method {
  public:
    virtual ~Method() = default;
    /// Once before the first step, not after a resume.
    virtual Result<void> begin(StepContext&) { return {}; }
    virtual Result<StepReport> gradient(StepContext& context) = 0;
    /// What a resume needs beside the parameters.
    virtual tensor::NamedTensors tensors() const { return {}; }
    virtual nlohmann::json state() const { return nlohmann::json::object(); }
    virtual Result<void> restore(const TensorMap&, const nlohmann::json&) { return {}; }
};

/// Names in the order of the documentation.
const std::vector<std::string>& methodNames();
/// Which streams a method reads beside the primary one.
bool needsHarmful(const std::string& method);
bool needsAlign(const std::string& method);
/// Errors: unknown name (with the nearest known one), knobs that contradict each other.
Result<std::unique_ptr<Method>> makeMethod(const std::string& name, const MethodOptions& options);

}  // namespace driftscope::llm
