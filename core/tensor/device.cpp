#include "core/tensor/device.h"

#include <dlfcn.h>

#include <charconv>
#include <chrono>
#include <filesystem>
#include <thread>

namespace driftscope::tensor {
namespace {

constexpr std::int64_t kProbeSize = 384;

Result<torch::Device> pickCuda(const std::string& wanted) {
    const auto count = torch::cuda::is_available() ? static_cast<int>(torch::cuda::device_count()) : 0;
    if (count == 0)
        return fail(ErrorCode::Device, fmt::format("The device '{}' was asked for, but LibTorch finds no CUDA device on this computer.", wanted),
                    "Use --device cpu or auto, or install a LibTorch built with CUDA and the NVIDIA driver.");
    int index = 0;
    if (wanted.size() > 5) {
        const char* end = wanted.data() + wanted.size();
        const auto [stop, code] = std::from_chars(wanted.data() + 5, end, index);
        if (code != std::errc() || stop != end)
            return fail(ErrorCode::Usage, fmt::format("There is no device '{}'.", wanted), "Use auto, cpu or cuda:N.");
    }
    if (index < 0 || index >= count)
        return fail(ErrorCode::Device, fmt::format("The device '{}' does not exist: there are {} CUDA devices.", wanted, count),
                    fmt::format("Use cuda:0 to cuda:{}.", count - 1));
    return torch::Device(torch::kCUDA, static_cast<torch::DeviceIndex>(index));
}

double measureGflops() {
    const torch::NoGradGuard noGradient;
    const torch::Tensor a = torch::full({kProbeSize, kProbeSize}, 0.5F);
    torch::mm(a, a);
    double best = 1e9;
    for (int repeat = 0; repeat < 3; ++repeat) {
        const auto begin = std::chrono::steady_clock::now();
        torch::mm(a, a);
        best = std::min(best, std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count());
    }
    return 2e-9 * static_cast<double>(kProbeSize * kProbeSize * kProbeSize) / best;
}

}  // namespace

Result<torch::Device> pickDevice(const std::string& wanted) {
    if (wanted == "cpu") return torch::Device(torch::kCPU);
    if (wanted == "auto") return torch::Device(torch::cuda::is_available() ? torch::kCUDA : torch::kCPU);
    if (wanted == "cuda" || wanted.rfind("cuda:", 0) == 0) return pickCuda(wanted);
    return fail(ErrorCode::Usage, fmt::format("There is no device '{}'.", wanted), "Use auto, cpu or cuda:N.");
}

int useThreads(std::int64_t wanted) {
    const auto cores = static_cast<std::int64_t>(std::max(1U, std::thread::hardware_concurrency()));
    const auto count = static_cast<int>(wanted > 0 ? wanted : cores);
    torch::set_num_threads(count);
    // An OpenBLAS with threads of its own does not hear LibTorch, and its waiting threads take the cores from everyone else.
    using SetThreads = void (*)(int);
    if (const auto set = reinterpret_cast<SetThreads>(::dlsym(RTLD_DEFAULT, "openblas_set_num_threads"))) set(count);
    return torch::get_num_threads();
}

void seedAll(std::uint64_t seed) {
    torch::manual_seed(seed);
}

BlasReport inspectBlas() {
    BlasReport report;
    Dl_info info{};
    // LibTorch calls the Fortran symbol; whoever provides it in this process is the BLAS in use.
    if (void* symbol = ::dlsym(RTLD_DEFAULT, "sgemm_"); symbol && ::dladdr(symbol, &info) && info.dli_fname) {
        std::error_code code;
        const auto real = std::filesystem::canonical(info.dli_fname, code);
        report.library = code ? info.dli_fname : real.string();
    }
    report.gflops = measureGflops();
    const auto has = [&](const char* word) { return report.library.find(word) != std::string::npos; };
    report.reference = has("libblas") && !has("openblas") && !has("mkl") && !has("blis") && !has("atlas");
    return report;
}

std::optional<std::string> blasWarning(const BlasReport& report) {
    if (!report.reference) return std::nullopt;
    return fmt::format("LibTorch runs on the reference BLAS ({}, {:.1f} GFLOPS), which is about 16 times slower than OpenBLAS. Install the package "
                       "libopenblas0-pthread.",
                       report.library, report.gflops);
}

std::string describe(const torch::Device& device, const BlasReport& report) {
    return fmt::format("LibTorch {} on {}, {} threads, BLAS {} ({:.0f} GFLOPS)", TORCH_VERSION, device.str(), torch::get_num_threads(),
                       report.library.empty() ? "built in" : report.library, report.gflops);
}

}  // namespace driftscope::tensor
