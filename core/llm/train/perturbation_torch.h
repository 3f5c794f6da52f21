#pragma once

#include "core/llm/train/method_torch.h"

namespace driftscope::llm {

/// Vaccine's perturbation of attention outputs: eps_l = rho * g_l / (N + 1e-7) with g_l = dL/d(attention output of block l)
/// and N the L2 norm over blocks, samples, tokens and features together (Vaccine, NeurIPS 2024, eq. 3).
class Perturbation {
  public:
    /// Computes only activation gradients: weights are constants in this pass. `layers` restricts it; empty means all.
    static Result<Perturbation> find(const StepContext& context, const MicroBatches& batches, double rho, const std::vector<bool>& layers, std::uint64_t draw);

    /// The pass that differentiates the perturbed loss: adds eps to the attention outputs, and takes from the first pass what no
    /// perturbation changes when it draws the same dropout masks.
    StepContext::Pass pass(std::uint64_t draw);
    double gradientNorm() const { return gradientNorm_; }                  ///< N
    double loss() const { return loss_; }                                  ///< unperturbed
    const std::vector<double>& layerNorms() const { return layerNorms_; }  ///< of eps_l over all micro-batches of all processes
    double norm() const;                                                   ///< of eps

  private:
    using Offsets = std::vector<std::vector<Tensor>>;  ///< per micro-batch and layer; undefined where nothing is added
    Result<void> differentiate(const StepContext& context, const MicroBatches& batches, const std::vector<bool>& layers);
    Result<void> differentiateCheckpointed(const StepContext& context, const MicroBatches& batches, const std::vector<bool>& layers);
    Hook hook(std::size_t micro) const;

    Offsets offsets_;
    std::vector<Tensor> firstAttention_;  ///< per micro-batch, with its graph
    std::vector<double> layerNorms_;
    std::uint64_t draw_ = 0;
    double gradientNorm_ = 0, loss_ = 0;
};

/// Vaccine's gradient: find the perturbation, then differentiate the perturbed loss. Adds its metrics to the report.
Result<void> vaccineGradient(StepContext& context, const MicroBatches& batches, double rho, const MethodOptions& options, const std::vector<bool>& layers, StepReport& report);

std::unique_ptr<Method> makeSft();
std::unique_ptr<Method> makeVaccine(const MethodOptions& options);
std::unique_ptr<Method> makeRandomVaccine(const MethodOptions& options);
std::unique_ptr<Method> makeTargetedVaccine(const MethodOptions& options);
std::unique_ptr<Method> makeBooster(const MethodOptions& options, bool perturbed);
std::unique_ptr<Method> makeLisa(const MethodOptions& options);
std::unique_ptr<Method> makeEwc(const MethodOptions& options);
std::unique_ptr<Method> makeVlguard(const MethodOptions& options);
std::unique_ptr<Method> makeKl(const MethodOptions& options);
std::unique_ptr<Method> makeLdifs(const MethodOptions& options);
std::unique_ptr<Method> makeRepNoise(const MethodOptions& options);

}  // namespace driftscope::llm
