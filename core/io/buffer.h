#pragma once

#include <cstddef>
#include <memory>
#include <span>

namespace driftscope::io {

/// Bytes to be overwritten: growing never copies or clears, so that one buffer serves many chunks.
class Buffer {
  public:
    /// Space for `size` bytes of undefined content.
    std::span<std::byte> prepare(std::size_t size) {
        if (size > capacity_) {
            bytes_ = std::make_unique_for_overwrite<std::byte[]>(size);
            capacity_ = size;
        }
        size_ = size;
        return {bytes_.get(), size};
    }
    /// Keeps the first `size` bytes.
    void shrink(std::size_t size) { size_ = size; }
    std::span<const std::byte> bytes() const { return {bytes_.get(), size_}; }
    std::span<std::byte> bytes() { return {bytes_.get(), size_}; }
    std::size_t capacity() const { return capacity_; }
    void release() { *this = Buffer(); }

  private:
    std::unique_ptr<std::byte[]> bytes_;
    std::size_t size_ = 0;
    std::size_t capacity_ = 0;
};

}  // namespace driftscope::io
