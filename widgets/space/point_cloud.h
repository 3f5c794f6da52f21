#pragma once

#include <QRectF>
#include <cstdint>
#include <memory>
#include <span>
#include <stop_token>
#include <vector>

namespace driftscope::space {

/// A point's position in drawing order; ids are the caller's row numbers.
using Rank = std::uint32_t;

/// Place on the Z-order (Morton) curve over a grid of 65,536 cells a side.
std::uint32_t zOrder(std::uint32_t column, std::uint32_t row);

/// Up to 256 points that are neighbours on the Z-order curve, with their corner and 16-bit quantum in data units.
struct Block {
    float x = 0, y = 0;          ///< lower left corner
    float stepX = 0, stepY = 0;  ///< data units per quantum
    Rank first = 0;
    std::uint16_t count = 0;
};

/// Points arranged once for drawing and never changed: sorted along the Z-order curve (so that neighbours in memory are
/// neighbours on screen), cut into blocks, and shuffled within each block, so that the first k points of every block
/// are an unbiased, evenly spread sample. Non-finite points keep their id but are not drawn: see skipped().
class PointCloud {
  public:
    static constexpr std::size_t kBlockSize = 256;
    static constexpr std::size_t kSample = 32;  ///< points of each block that are kept a second time, close together

    /// Sorts; about 0.1 s per million points, so call it off the GUI thread for large inputs. Null when stopped.
    static std::shared_ptr<const PointCloud> arrange(std::vector<float> x, std::vector<float> y,
                                                     std::stop_token stop = {});

    std::size_t size() const { return x_.size(); }  ///< all ids, drawable or not
    std::size_t drawable() const { return order_.size(); }
    std::size_t skipped() const { return size() - drawable(); }
    QRectF bounds() const { return bounds_; }  ///< of the drawable points, y up; null when there are none

    float x(std::uint32_t id) const { return x_[id]; }
    float y(std::uint32_t id) const { return y_[id]; }
    std::span<const float> xs() const { return x_; }
    std::span<const float> ys() const { return y_; }
    bool isDrawable(std::uint32_t id) const;
    std::uint32_t id(Rank rank) const { return order_[rank]; }
    std::span<const std::uint32_t> order() const { return order_; }

    std::span<const Block> blocks() const { return blocks_; }
    /// Quanta of a block's points above its corner, in drawing order.
    const std::uint16_t* quantaX(const Block& block) const { return quantaX_.data() + block.first; }
    const std::uint16_t* quantaY(const Block& block) const { return quantaY_.data() + block.first; }
    /// The first kSample of them again: a sample drawn while moving reads an eighth of the memory.
    const std::uint16_t* sampleX(const Block& block) const { return sampleX_.data() + block.first / (kBlockSize / kSample); }
    const std::uint16_t* sampleY(const Block& block) const { return sampleY_.data() + block.first / (kBlockSize / kSample); }

  private:
    void sortByMorton(std::stop_token stop);
    void cutIntoBlocks();
    void quantise(Block& block);

    std::vector<float> x_, y_;
    std::vector<std::uint32_t> order_;
    std::vector<Block> blocks_;
    std::vector<std::uint16_t> quantaX_, quantaY_;
    std::vector<std::uint16_t> sampleX_, sampleY_;
    QRectF bounds_;
};

}  // namespace driftscope::space
