#pragma once

#include <QImage>
#include <QMutex>
#include <cstdint>
#include <memory>
#include <vector>

#include "core/io/plane_cache.h"
#include "plugins/cells/cells_data.h"

namespace driftscope::cells {

/// How crops are shown: the channel and the contrast of the image view.
struct CropStyle {
    int channel = 0;
    double low = 0;
    double high = 1;
    int sizePx = 64;  ///< side of the square, in pixels of the image

    bool operator==(const CropStyle&) const = default;
};

/// Pictures of single cells, centred on them, for the film strip, the gallery and the map's hover card. Thread-safe.
class CropSource {
  public:
    CropSource(std::shared_ptr<const CellsData> data, std::shared_ptr<io::PlaneCache> cache);

    void setStyle(const CropStyle& style);
    CropStyle style() const;
    /// A grey-scale picture of side style().sizePx; black outside the image; null when the plane cannot be read.
    QImage crop(std::uint32_t row) const;

    /// A side that holds the largest cell of the first frames with a margin, from the distances between neighbours.
    static int suggestSize(const CellsData& data);

  private:
    std::shared_ptr<const CellsData> data_;
    std::shared_ptr<io::PlaneCache> cache_;
    mutable QMutex mutex_;
    CropStyle style_;
};

}  // namespace driftscope::cells
