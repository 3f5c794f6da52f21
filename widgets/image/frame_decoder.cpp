#include "widgets/image/frame_decoder.h"

#include <algorithm>
#include <future>
#include <new>

namespace driftscope::image {

namespace {

Result<io::FloatImage> readPlane(const io::TimeLapse& images, int t, int channel, int z) {
    if (z >= 0) return images.plane(t, channel, std::min<std::int64_t>(z, images.info().depth() - 1));
    DS_ASSIGN(io::FloatImage highest, images.plane(t, channel, 0));
    for (std::int64_t slice = 1; slice < images.info().depth(); ++slice) {
        DS_ASSIGN(const io::FloatImage next, images.plane(t, channel, slice));
        std::transform(highest.pixels.begin(), highest.pixels.end(), next.pixels.begin(), highest.pixels.begin(),
                       [](float a, float b) { return std::max(a, b); });
    }
    return highest;
}

Result<io::LabelImage> readLabels(const io::TimeLapse& labels, int t, int z) {
    if (z >= 0) return labels.labels(t, 0, std::min<std::int64_t>(z, labels.info().depth() - 1));
    DS_ASSIGN(io::LabelImage upper, labels.labels(t, 0, 0));
    for (std::int64_t slice = 1; slice < labels.info().depth(); ++slice) {
        DS_ASSIGN(const io::LabelImage next, labels.labels(t, 0, slice));
        std::transform(upper.pixels.begin(), upper.pixels.end(), next.pixels.begin(), upper.pixels.begin(),
                       [](std::uint32_t a, std::uint32_t b) { return a != 0 ? a : b; });
    }
    return upper;
}

Result<void> readMasks(const FrameSource& source, Frame& frame) {
    DS_ASSIGN(io::LabelImage labels, readLabels(*source.labels, frame.t, frame.z));
    frame.outlines = std::make_shared<const Outlines>(traceOutlines(labels));
    frame.labels = std::make_shared<const io::LabelImage>(std::move(labels));
    return {};
}

Result<void> readPlanes(const FrameSource& source, Frame& frame) {
    for (int channel = 0; channel < static_cast<int>(source.images->info().shape[1]); ++channel) {
        DS_ASSIGN(io::FloatImage plane, readPlane(*source.images, frame.t, channel, frame.z));
        frame.planes.push_back(std::make_shared<const io::FloatImage>(std::move(plane)));
    }
    return {};
}

/// Masks and pictures at the same time: each takes about half of a frame.
Result<void> readInto(const FrameSource& source, Frame& frame) {
    std::future<Result<void>> masks;
    if (source.labels) masks = std::async(std::launch::async, [&] { return readMasks(source, frame); });
    Result<void> planes = readPlanes(source, frame);
    frame.picture = compose(frame.planes, source.displays);  // also of those read before a failure
    if (masks.valid()) DS_TRY(masks.get());
    return planes;
}

}  // namespace

FramePtr decode(const FrameSource& source, int t, int z) {
    auto frame = std::make_shared<Frame>();
    frame->t = t;
    frame->z = z;
    frame->displayVersion = source.displayVersion;
    try {
        if (const auto read = readInto(source, *frame); !read)
            frame->error = QString::fromStdString(read.error().text());
    } catch (const std::bad_alloc&) {
        frame->planes.clear();
        frame->error =
            QStringLiteral("Frame %1 does not fit into memory. Close other images or view single slices.").arg(t);
    }
    return frame;
}

FramePtr recompose(const FrameSource& source, const Frame& frame) {
    auto fresh = std::make_shared<Frame>(frame);
    fresh->picture = compose(fresh->planes, source.displays);
    fresh->displayVersion = source.displayVersion;
    return fresh;
}

}  // namespace driftscope::image
