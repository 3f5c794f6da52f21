#pragma once

#include <memory>
#include <string>

#include "core/base/error.h"
#include "core/tensor/torch.h"

namespace driftscope::tensor {

/// Processes that train one model together, each on its share of every batch: c10d with Gloo over TCP, which needs neither MPI
/// nor a GPU. All members must call the same operations in the same order.
class Group {
  public:
    /// Waits for all members. `meet` is "host:port" of member 0, which the others can reach. Errors: a malformed address, members
    /// that do not come within `seconds`, a program built without Gloo.
    static Result<std::shared_ptr<Group>> join(int rank, int size, const std::string& meet, double seconds = 600);

    int rank() const { return rank_; }
    int size() const { return size_; }
    /// Replaces `values` by their sum over all members. Throws c10::Error when a member is gone.
    void sum(torch::Tensor& values);
    double sum(double value);
    std::int64_t sum(std::int64_t value);
    bool any(bool value) { return sum(static_cast<std::int64_t>(value)) > 0; }

  private:
    struct Link;
    Group(int rank, int size, std::shared_ptr<Link> link) : rank_(rank), size_(size), link_(std::move(link)) {}

    int rank_, size_;
    std::shared_ptr<Link> link_;
};

}  // namespace driftscope::tensor
