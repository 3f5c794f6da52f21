#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "core/base/error.h"
#include "core/tensor/torch.h"

namespace driftscope::tensor {

/// "auto" (CUDA when there is one), "cpu", "cuda" or "cuda:N". Errors (Device, exit 4): CUDA asked for and absent, index
/// out of range; other text is a Usage error.
Result<torch::Device> pickDevice(const std::string& wanted);

/// Sets the threads of LibTorch's own pool for this process; 0 takes all cores. Returns the number in use.
int useThreads(std::int64_t wanted);

/// Seeds every generator of LibTorch. Sequences that must survive a resume call it once per step with a number drawn from
/// (seed, step).
void seedAll(std::uint64_t seed);

/// Which BLAS library answers LibTorch's matrix products, and how fast.
struct BlasReport {
    std::string library;    ///< real path of the library that provides sgemm; empty when LibTorch has it built in
    double gflops = 0;      ///< measured on a 384 x 384 float32 product with the current threads
    bool reference = false; ///< true for the unoptimised reference BLAS
};
BlasReport inspectBlas();
/// The sentence to show when LibTorch runs on the reference BLAS (about 16 times slower); nothing otherwise.
std::optional<std::string> blasWarning(const BlasReport& report);

/// LibTorch's version, device, threads and BLAS in one line, for logs and provenance.
std::string describe(const torch::Device& device, const BlasReport& report);

}  // namespace driftscope::tensor
