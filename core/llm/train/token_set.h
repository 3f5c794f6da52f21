#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace driftscope::llm {

/// A tokenised sample: the first `promptLength` tokens are read, the rest is what the model should say.
struct TokenSample {
    std::vector<std::int64_t> ids;
    std::int64_t promptLength = 0;
    std::string name;  ///< for messages: file and row
};
using TokenSet = std::vector<TokenSample>;

/// Endless draws from `size` samples: every epoch is a new permutation that follows from (seed, epoch). The state is one
/// number, so that a resumed run goes on where it stopped.
class SampleStream {
  public:
    SampleStream() = default;
    SampleStream(std::size_t size, std::uint64_t seed) : size_(size), seed_(seed) {}
    /// Indices of the next `count` samples; a batch ends early where an epoch ends.
    std::vector<std::size_t> next(std::size_t count);
    std::size_t size() const { return size_; }
    std::int64_t drawn() const { return drawn_; }
    void seek(std::int64_t drawn) { drawn_ = drawn, epoch_ = -1; }

  private:
    std::size_t size_ = 0;
    std::uint64_t seed_ = 0;
    std::int64_t drawn_ = 0, epoch_ = -1;
    std::vector<std::size_t> order_;
};

/// Learning-rate factor as Hugging Face's schedules give it: "constant" (which ignores the warm-up, as upstream does),
/// "constant_with_warmup", "linear", "cosine". With a warm-up the first step has factor 0.
double scheduleFactor(const std::string& schedule, std::int64_t step, std::int64_t steps, double warmupRatio);

}  // namespace driftscope::llm
