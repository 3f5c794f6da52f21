#include "widgets/image/frame_decoder.h"

#include <algorithm>
#include <new>

#include "core/base/thread_team.h"

namespace driftscope::image {

namespace {

/// Whoever waits for the frame brings helpers; work ahead of the person asks before each plane whether it may go on.
struct Pace {
    ThreadTeam* team = nullptr;
    const std::function<bool()>* goOn = nullptr;

    bool stopped() const { return goOn != nullptr && !(*goOn)(); }
};

tl::unexpected<Error> stopped() {
    return fail(ErrorCode::Cancelled, "The frame is no longer wanted.");
}

/// Combines the slices of one channel (z < 0: all of them) pixel by pixel; `read` gives one, `merge` joins two pixels.
template <class Picture, class Read, class Merge>
Result<Picture> readSlices(std::int64_t depth, int z, const Pace& pace, Read read, Merge merge) {
    if (pace.stopped()) return stopped();
    if (z >= 0 || depth == 1) return read(std::clamp<std::int64_t>(z, 0, depth - 1));
    const auto join = [&](Picture& upper, const Picture& next) {
        std::transform(upper.pixels.begin(), upper.pixels.end(), next.pixels.begin(), upper.pixels.begin(), merge);
    };
    DS_ASSIGN(Picture upper, read(0));
    // As many slices at a time as there are hands: a stack of a hundred must not lie in memory at once.
    const std::int64_t atOnce = pace.team != nullptr ? pace.team->size() : 1;
    for (std::int64_t first = 1; first < depth; first += atOnce) {
        if (pace.stopped()) return stopped();
        std::vector<Result<Picture>> next(static_cast<std::size_t>(std::min(atOnce, depth - first)));
        const auto one = [&](std::size_t i) { next[i] = read(first + static_cast<std::int64_t>(i)); };
        if (pace.team != nullptr)
            pace.team->run(next.size(), one);
        else
            one(0);
        for (Result<Picture>& slice : next) {
            if (!slice) return tl::unexpected(std::move(slice.error()));
            join(upper, *slice);
        }
    }
    return upper;
}

Result<void> readPlane(const io::TimeLapse& images, int channel, const Pace& pace, Frame& frame) {
    const auto read = [&](std::int64_t slice) {
        return pace.team != nullptr ? images.planeBy(*pace.team, frame.t, channel, slice)
                                    : images.plane(frame.t, channel, slice);
    };
    DS_ASSIGN(io::FloatImage plane, readSlices<io::FloatImage>(images.info().depth(), frame.z, pace, read,
                                                               [](float a, float b) { return std::max(a, b); }));
    frame.planes[static_cast<std::size_t>(channel)] = std::make_shared<const io::FloatImage>(std::move(plane));
    return {};
}

Result<void> readMasks(const io::TimeLapse& masks, const Pace& pace, Frame& frame) {
    const auto read = [&](std::int64_t slice) {
        return pace.team != nullptr ? masks.labelsBy(*pace.team, frame.t, 0, slice) : masks.labels(frame.t, 0, slice);
    };
    DS_ASSIGN(io::LabelImage labels,
              readSlices<io::LabelImage>(masks.info().depth(), frame.z, pace, read,
                                         [](std::uint32_t a, std::uint32_t b) { return a != 0 ? a : b; }));
    if (pace.stopped()) return stopped();
    frame.outlines = std::make_shared<const Outlines>(traceOutlines(labels));
    frame.labels = std::make_shared<const io::LabelImage>(std::move(labels));
    return {};
}

Result<void> readInto(const FrameSource& source, const Pace& pace, Frame& frame) {
    const auto channels = static_cast<std::size_t>(source.images->info().shape[1]);
    frame.planes.resize(channels);
    std::vector<Result<void>> results(channels + (source.labels ? 1 : 0));
    // Masks first: tracing their outlines makes them the longest piece.
    const auto one = [&](std::size_t task) {
        const std::size_t channel = source.labels ? task - 1 : task;
        results[task] = source.labels && task == 0
                            ? readMasks(*source.labels, pace, frame)
                            : readPlane(*source.images, static_cast<int>(channel), pace, frame);
    };
    if (pace.team != nullptr)
        pace.team->run(results.size(), one);
    else
        for (std::size_t task = 0; task < results.size(); ++task) one(task);
    // Planes read before a failure are shown; after the first missing one channels would take each other's colours.
    const auto missing = std::find(frame.planes.begin(), frame.planes.end(), nullptr);
    frame.planes.erase(missing, frame.planes.end());
    if (pace.stopped()) return stopped();
    frame.picture = compose(frame.planes, source.displays, pace.team);
    for (const Result<void>& result : results) DS_TRY(result);
    return {};
}

FramePtr make(const FrameSource& source, int t, int z, const Pace& pace) {
    auto frame = std::make_shared<Frame>();
    frame->t = t;
    frame->z = z;
    frame->displayVersion = source.displayVersion;
    try {
        if (const auto read = readInto(source, pace, *frame); !read) {
            if (read.error().code == ErrorCode::Cancelled) return nullptr;
            frame->error = QString::fromStdString(read.error().text());
        }
    } catch (const std::bad_alloc&) {
        frame->planes.clear();
        frame->error =
            QStringLiteral("Frame %1 does not fit into memory. Close other images or view single slices.").arg(t);
    }
    return frame;
}

}  // namespace

FramePtr decode(const FrameSource& source, int t, int z, ThreadTeam& team) {
    return make(source, t, z, {&team, nullptr});
}

FramePtr decodeAhead(const FrameSource& source, int t, int z, const std::function<bool()>& goOn) {
    return make(source, t, z, {nullptr, &goOn});
}

FramePtr recompose(const FrameSource& source, const Frame& frame, ThreadTeam& team) {
    auto fresh = std::make_shared<Frame>(frame);
    fresh->picture = compose(fresh->planes, source.displays, &team);
    fresh->displayVersion = source.displayVersion;
    return fresh;
}

}  // namespace driftscope::image
