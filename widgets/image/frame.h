#pragma once

#include <QImage>
#include <QPoint>
#include <QString>
#include <cstdint>
#include <memory>
#include <vector>

#include "core/io/image.h"
#include "widgets/image/outlines.h"

namespace driftscope::image {

/// One frame, decoded and ready to paint. Never changed once made, so threads share it.
struct Frame {
    int t = 0;
    int z = -1;                                                 ///< slice, or -1 for the maximum over all slices
    std::vector<std::shared_ptr<const io::FloatImage>> planes;  ///< one per channel
    std::shared_ptr<const io::LabelImage> labels;               ///< null without masks
    std::shared_ptr<const Outlines> outlines;                   ///< null without masks
    QImage picture;
    std::uint64_t displayVersion = 0;  ///< of the channel settings in `picture`
    QString error;                     ///< why the frame could not be read; empty when it could

    /// The mask's value in this pixel, 0 outside.
    std::uint32_t idAt(QPoint pixel) const {
        return labels && labels->contains(pixel.y(), pixel.x()) ? labels->at(pixel.y(), pixel.x()) : 0;
    }
    std::size_t bytes() const {
        std::size_t sum = 4096 + static_cast<std::size_t>(picture.sizeInBytes());
        for (const auto& plane : planes) sum += plane->pixels.size() * sizeof(float);
        if (labels) sum += labels->pixels.size() * sizeof(std::uint32_t);
        if (outlines)
            for (const Outline& cell : outlines->cells)
                sum += sizeof(Outline) + static_cast<std::size_t>(cell.corners) * 24;
        return sum;
    }
};

using FramePtr = std::shared_ptr<const Frame>;

}  // namespace driftscope::image
