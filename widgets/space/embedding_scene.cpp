#include "widgets/space/embedding_scene.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <set>

#include "core/base/thread_team.h"
#include "widgets/style/palette.h"

namespace driftscope::space {

namespace {

using std::chrono::duration;
constexpr std::uint32_t kNoTrack = std::numeric_limits<std::uint32_t>::max();
/// Blended pixels that still fit into an interactive frame.
constexpr double kDiscPixels = 1.1e6;
/// Share of the data's bounding box that embeddings typically fill.
constexpr double kOccupancy = 0.4;

/// Of every 256: below a tenth the shape of an embedding is lost, and a frame hardly gets faster.
constexpr double kLeastSample = 26;
/// So few points or segments are never worth a sample, whatever a busy machine made the last measurement say.
constexpr std::size_t kAlwaysAll = 20000;

double nanoseconds(EmbeddingScene::Clock::duration span) {
    return duration<double, std::nano>(span).count();
}

/// Going to a block costs as much as drawing this many of its points.
constexpr double kPointsPerBlock = 12;
/// Vertices of a track left out at most while moving, of this many.
constexpr unsigned kMostStride = 4;

/// An average that follows the machine's load within a few frames.
void follow(double& average, double measured) {
    average = 0.6 * average + 0.4 * measured;
}

}  // namespace

EmbeddingScene::EmbeddingScene() : team_(std::make_shared<ThreadTeam>()) {
    raster_.setTeam(team_);
    tracks_.setTeam(team_);
    strongTracks_.setTeam(team_);
}

void EmbeddingScene::setCloud(std::shared_ptr<const PointCloud> cloud) {
    cloud_ = std::move(cloud);
    raster_.setCloud(cloud_);
    if (scheme_.points() != cloud_->size()) scheme_ = ColourScheme::plain(cloud_->size());
    tracks_.set(*cloud_, trajectories_, steps_);
    applyStyle();
}

void EmbeddingScene::setColours(ColourScheme scheme) {
    scheme_ = std::move(scheme);
    if (!cloud_ || scheme_.points() != cloud_->size()) return;
    const StyleWord before = raster_.style().anyState();
    raster_.style().setCodes(scheme_.codes);
    raster_.style().hideCodes(scheme_.hidden);
    if ((before | raster_.style().anyState()) & kHidden) otherPoints_ = true;
    raster_.setColours(scheme_.table(palette_));
}

void EmbeddingScene::setPalette(const QPalette& palette) {
    palette_ = palette;
    raster_.setColours(scheme_.table(palette_));
}

void EmbeddingScene::setClassHidden(std::size_t index, bool hidden) {
    if (index >= scheme_.hidden.size()) return;
    scheme_.hidden[index] = hidden;
    if (cloud_) raster_.style().hideCodes(scheme_.hidden);
}

void EmbeddingScene::applyStyle() {
    setColours(std::move(scheme_));
    raster_.setColours(scheme_.table(palette_));
    if (filter_) raster_.style().setFlag(kDimmed, *filter_, true);
    markChosen();
    findSelectedTracks();
}

void EmbeddingScene::setSelection(IdSet ids, bool othersFade) {
    selection_ = std::move(ids);
    othersFade_ = othersFade;
    markChosen();
    findSelectedTracks();
}

/// Several selected points stand out because the others fade. One alone is only drawn larger, and a followed track has its
/// line: whoever walks from cell to cell wants to see the whole map meanwhile.
void EmbeddingScene::markChosen() {
    if (!cloud_) return;
    const bool one = selection_.size() == 1;
    raster_.style().setFlag(kSelected, fades() ? selection_ : IdSet());
    raster_.style().setFlag(kEmphasised, one ? emphasis_.united(selection_) : emphasis_);
}

void EmbeddingScene::setFilter(std::optional<IdSet> ids) {
    filter_ = std::move(ids);
    if (cloud_) raster_.style().setFlag(kDimmed, filter_ ? *filter_ : IdSet(), filter_.has_value());
}

void EmbeddingScene::setEmphasis(IdSet ids) {
    emphasis_ = std::move(ids);
    markChosen();
}

void EmbeddingScene::setTrajectories(std::vector<std::vector<std::uint32_t>> rows,
                                     std::vector<std::int64_t> stepOfPoint) {
    trajectories_ = std::move(rows);
    steps_ = std::move(stepOfPoint);
    std::uint32_t last = 0;
    for (const auto& track : trajectories_)
        for (std::uint32_t id : track) last = std::max(last, id + 1);
    trackOfPoint_.assign(last, kNoTrack);
    for (std::uint32_t t = 0; t < trajectories_.size(); ++t)
        for (std::uint32_t id : trajectories_[t]) trackOfPoint_[id] = t;
    if (cloud_) tracks_.set(*cloud_, trajectories_, steps_);
    findSelectedTracks();
}

void EmbeddingScene::setTrackScope(TrackScope scope) {
    scope_ = scope;
}

void EmbeddingScene::setTimeWindow(std::optional<std::pair<std::int64_t, std::int64_t>> window) {
    window_ = window;
}

std::int64_t EmbeddingScene::stepOf(std::uint32_t id, std::size_t position) const {
    return id < steps_.size() ? steps_[id] : static_cast<std::int64_t>(position);
}

std::optional<std::uint32_t> EmbeddingScene::trackOf(std::uint32_t id) const {
    if (id >= trackOfPoint_.size() || trackOfPoint_[id] == kNoTrack) return {};
    return trackOfPoint_[id];
}

void EmbeddingScene::findSelectedTracks() {
    std::vector<bool> member(trajectories_.size(), false);
    for (std::uint32_t id : selection_.ids())
        if (const auto track = trackOf(id)) member[*track] = true;
    selectedTracks_.clear();
    for (std::uint32_t t = 0; t < member.size(); ++t)
        if (member[t]) selectedTracks_.push_back(t);
    if (!cloud_ || !drawsSelectedTracks()) return;
    std::vector<std::vector<std::uint32_t>> rows;
    for (std::uint32_t t : selectedTracks_) rows.push_back(trajectories_[t]);
    strongTracks_.set(*cloud_, rows, steps_);
}

void EmbeddingScene::countInView(const QSize& size, const ViewTransform& view) {
    const PixelGrid grid{size.width(), size.height()};
    inView_ = blocksInView_ = 0;
    for (const Block& block : cloud_->blocks()) {
        if (!placeBlock(block, view, grid).visible) continue;
        inView_ += block.count;
        ++blocksInView_;
    }
}

RasterFrame EmbeddingScene::pointFrame(const QSize& size, const ViewTransform& view, double pixelRatio) {
    RasterFrame frame;
    frame.size = size;
    frame.view = view;
    if (empty()) return frame;
    // Size follows the spacing of the points at this zoom, so it does not jump while panning.
    const QRectF bounds = cloud_->bounds();
    const double area = std::max(1.0, bounds.width() * view.scaleX) * std::max(1.0, bounds.height() * view.scaleY);
    const double spacing = std::sqrt(area * kOccupancy / static_cast<double>(cloud_->drawable()));
    const double radius = std::clamp(0.3 * spacing, 0.5 * pixelRatio, 4.5 * pixelRatio);
    const double disc = std::max(radius, 1.2 * pixelRatio);
    const double side = 2 * disc + 2;
    countInView(size, view);
    frame.discs = static_cast<double>(inView_) * side * side < kDiscPixels;
    frame.radius = static_cast<float>(frame.discs ? disc : radius);
    const double perPixel = 4 * radius * radius * static_cast<double>(cloud_->drawable()) / (area * kOccupancy);
    frame.density = density_ && !frame.discs && perPixel > 3;
    return frame;
}

TrackLayer::Frame EmbeddingScene::trackFrame(const QSize& size, const ViewTransform& view, double pixelRatio) const {
    TrackLayer::Frame frame;
    frame.size = size;
    frame.view = view;
    frame.window = window_;
    frame.background = palette_.color(QPalette::Base).rgb();
    frame.line = style::mix(palette_.color(QPalette::Base), palette_.color(QPalette::Text), 0.34).rgb();
    frame.width = static_cast<float>(1.1 * pixelRatio);
    return frame;
}

bool EmbeddingScene::renderNow(const QSize& size, const ViewTransform& view, double pixelRatio,
                               std::chrono::microseconds budget) {
    plan(size, view, pixelRatio);
    // Looking up colours costs more than drawing: a part of every frame goes into not having to.
    const auto start = Clock::now();
    raster_.settleColours(start + budget / 4);
    const double nanos = static_cast<double>(budget.count()) * 1e3 - nanoseconds(Clock::now() - start);
    double left = nanos;
    if (drawsAllTracks() && tracks_.segments() > kAlwaysAll) {
        double all = static_cast<double>(tracks_.segments()) * nsPerSegment_;
        // Coarser tracks first: missing ones are seen, missing bends of a moving picture hardly.
        for (; pendingTracks_.stride < kMostStride && all > nanos * 0.55; pendingTracks_.stride *= 2) all /= 2;
        pendingTracks_.sample = static_cast<unsigned>(std::clamp(256 * (nanos * 0.55) / all, kLeastSample, 256.0));
        left = std::max(nanos * 0.45, nanos - all);
    }
    if (!empty() && !pendingPoints_.discs && cloud_->drawable() > kAlwaysAll) {
        pendingPoints_.prefix = prefixFor(std::max(0.1 * nanos, left));
    }
    const bool complete = pendingPoints_.prefix == PointCloud::kBlockSize && pendingTracks_.sample == 256 &&
                          pendingTracks_.stride == 1;
    enter(firstStage());
    refine(Clock::time_point::max());
    return complete;
}

unsigned EmbeddingScene::prefixFor(double nanos) const {
    const double affordable = (nanos - nsPerPicture_) / nsPerPoint_ - kPointsPerBlock * static_cast<double>(blocksInView_);
    const double share = affordable / std::max(1.0, static_cast<double>(inView_));
    return static_cast<unsigned>(std::clamp(256 * share, kLeastSample, 256.0));
}

/// After a picture drawn in one go: what a point costs, and what the rest of the picture costs.
void EmbeddingScene::learnPointCost(double nanos) {
    const double points = static_cast<double>(raster_.drawn()) + kPointsPerBlock * static_cast<double>(blocksInView_);
    const double drawing = nanoseconds(raster_.drawingTime());
    follow(nsPerPoint_, std::max(0.1, drawing / points));
    follow(nsPerPicture_, std::max(0.0, nanos - drawing));
}

void EmbeddingScene::beginFull(const QSize& size, const ViewTransform& view, double pixelRatio) {
    plan(size, view, pixelRatio);
    enter(firstStage());
}

void EmbeddingScene::plan(const QSize& size, const ViewTransform& view, double pixelRatio) {
    otherPoints_ = false;
    pendingTracks_ = trackFrame(size, view, pixelRatio);
    pendingPoints_ = pointFrame(size, view, pixelRatio);
}

EmbeddingScene::Stage EmbeddingScene::firstStage() const {
    return drawsAllTracks() ? Stage::Tracks : drawsSelectedTracks() ? Stage::StrongTracks : Stage::Points;
}

void EmbeddingScene::enter(Stage stage) {
    stage_ = stage;
    if (stage == Stage::Tracks) tracks_.begin(pendingTracks_);
    if (stage == Stage::StrongTracks) {
        TrackLayer::Frame frame = pendingTracks_;
        frame.sample = 256;
        frame.stride = 1;
        frame.base = pendingPoints_.base;
        frame.line = palette_.color(QPalette::Highlight).rgb();
        strongTracks_.begin(frame);
    }
    if (stage != Stage::Points) return;
    const auto start = Clock::now();
    raster_.begin(pendingPoints_);
    beginNanos_ = nanoseconds(Clock::now() - start);
}

bool EmbeddingScene::refine(Clock::time_point deadline) {
    const bool measure = deadline == Clock::time_point::max();
    if (stage_ == Stage::Tracks) {
        const auto start = Clock::now();
        if (!tracks_.advance(deadline)) return false;
        const double drawn = static_cast<double>(tracks_.segments()) * pendingTracks_.sample / 256 / pendingTracks_.stride;
        if (measure && drawn > kAlwaysAll) follow(nsPerSegment_, nanoseconds(Clock::now() - start) / drawn);
        pendingPoints_.base = &tracks_.image();
        enter(drawsSelectedTracks() ? Stage::StrongTracks : Stage::Points);
    }
    if (stage_ == Stage::StrongTracks) {
        if (!strongTracks_.advance(deadline)) return false;
        pendingPoints_.base = &strongTracks_.image();
        enter(Stage::Points);
    }
    if (stage_ == Stage::Points) {
        const auto start = Clock::now();
        if (!raster_.advance(deadline)) return false;
        stage_ = Stage::Idle;
        if (measure && !pendingPoints_.discs && raster_.drawn() > kAlwaysAll)
            learnPointCost(beginNanos_ + nanoseconds(Clock::now() - start));
    }
    // With a picture on screen there is time to put new colours into drawing order.
    return measure || raster_.settleColours(deadline);
}

bool EmbeddingScene::recolour() {
    return stage_ == Stage::Idle && !otherPoints_ && raster_.recolour(raster_.frame().base);
}

}  // namespace driftscope::space
