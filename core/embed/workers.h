#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace driftscope::embed {

/// A small team of threads for data-parallel loops. Blocks depend on count and grain only, never on the number of
/// threads, so a loop whose blocks are independent gives the same bytes with any team.
class Workers {
  public:
    using Block = std::function<void(std::size_t begin, std::size_t end)>;

    /// `threads` of 0 means all cores but one, so that a user interface stays fluid.
    explicit Workers(int threads = 0);
    ~Workers();
    Workers(const Workers&) = delete;
    Workers& operator=(const Workers&) = delete;

    int threads() const { return static_cast<int>(team_.size()) + 1; }

    /// Calls work(begin, end) once for each block of at most `grain` items of [0, count) and waits for all. The calling
    /// thread works too. The first exception of a block is rethrown here.
    void forBlocks(std::size_t count, std::size_t grain, const Block& work);

  private:
    void member();
    void takeBlocks();

    std::vector<std::thread> team_;
    std::atomic<std::uint32_t> round_{0};
    std::atomic<std::uint32_t> busy_{0};
    std::atomic<std::size_t> next_{0};
    bool ended_ = false;
    std::size_t count_ = 0;
    std::size_t grain_ = 1;
    const Block* work_ = nullptr;
    std::mutex failureLock_;
    std::exception_ptr failure_;
};

}  // namespace driftscope::embed
