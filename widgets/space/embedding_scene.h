#pragma once

#include <QPalette>
#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "core/table/selection.h"
#include "widgets/space/colour_scheme.h"
#include "widgets/space/point_raster.h"
#include "widgets/space/track_layer.h"

namespace driftscope::space {

/// Points, tracks, colours and states of one embedding, and the drawing of them at the quality that time allows. Knows
/// nothing of widgets or events.
class EmbeddingScene {
  public:
    using Clock = std::chrono::steady_clock;
    enum class TrackScope { None, Selected, All };

    EmbeddingScene();
    /// Threads that draw; also for others who prepare something for this scene.
    ThreadTeam& team() const { return *team_; }

    /// Everything given below (colours, states) stays and is applied to the new points.
    void setCloud(std::shared_ptr<const PointCloud> cloud);
    const std::shared_ptr<const PointCloud>& cloud() const { return cloud_; }
    bool empty() const { return !cloud_ || cloud_->drawable() == 0; }

    void setColours(ColourScheme scheme);
    const ColourScheme& colours() const { return scheme_; }
    void setPalette(const QPalette& palette);
    const QPalette& palette() const { return palette_; }
    void setClassHidden(std::size_t index, bool hidden);

    /// Points out `ids`; with `othersFade` by fading the rest, unless it is one point alone.
    void setSelection(IdSet ids, bool othersFade = true);
    bool fades() const { return othersFade_ && selection_.size() > 1; }
    const IdSet& selection() const { return selection_; }
    void setFilter(std::optional<IdSet> ids);
    const std::optional<IdSet>& filter() const { return filter_; }
    void setEmphasis(IdSet ids);
    const IdSet& emphasis() const { return emphasis_; }

    void setTrajectories(std::vector<std::vector<std::uint32_t>> rows, std::vector<std::int64_t> stepOfPoint);
    const std::vector<std::vector<std::uint32_t>>& trajectories() const { return trajectories_; }
    void setTrackScope(TrackScope scope);
    TrackScope trackScope() const { return scope_; }
    void setTimeWindow(std::optional<std::pair<std::int64_t, std::int64_t>> window);
    const std::optional<std::pair<std::int64_t, std::int64_t>>& timeWindow() const { return window_; }
    std::int64_t stepOf(std::uint32_t id, std::size_t position) const;
    std::optional<std::uint32_t> trackOf(std::uint32_t id) const;
    /// Tracks with a selected point. Up to kOverlayTracks of them are left to the painter on top (arrows, halo); more
    /// are drawn here, strong, under the points.
    const std::vector<std::uint32_t>& selectedTracks() const { return selectedTracks_; }
    static constexpr std::size_t kOverlayTracks = 200;

    void setDensityShading(bool on) { density_ = on; }

    /// Draws at once what fits into `budget`: everything, or an unbiased sample of points and tracks. True when
    /// complete.
    bool renderNow(const QSize& size, const ViewTransform& view, double pixelRatio, std::chrono::microseconds budget);
    /// Starts drawing everything; go on with refine() until it returns true.
    void beginFull(const QSize& size, const ViewTransform& view, double pixelRatio);
    /// The same for what a picture left undone: see settled().
    bool refine(EmbeddingScene::Clock::time_point deadline);
    /// Recolours the last picture without work per point; false when a new picture is needed.
    bool recolour();
    /// False while new colours are still to be put into drawing order: pictures hold, but take longer.
    bool settled() const { return raster_.style().settled(); }

    const PointRaster& raster() const { return raster_; }

  private:
    RasterFrame pointFrame(const QSize& size, const ViewTransform& view, double pixelRatio);
    TrackLayer::Frame trackFrame(const QSize& size, const ViewTransform& view, double pixelRatio) const;
    bool drawsAllTracks() const { return scope_ == TrackScope::All && !tracks_.empty(); }
    bool drawsSelectedTracks() const { return scope_ != TrackScope::None && selectedTracks_.size() > kOverlayTracks; }
    void applyStyle();
    void markChosen();
    void findSelectedTracks();
    void countInView(const QSize& size, const ViewTransform& view);

    std::shared_ptr<ThreadTeam> team_;
    std::shared_ptr<const PointCloud> cloud_;
    PointRaster raster_;
    TrackLayer tracks_, strongTracks_;
    ColourScheme scheme_;
    QPalette palette_;
    IdSet selection_, emphasis_;
    bool othersFade_ = true;
    std::optional<IdSet> filter_;
    std::vector<std::vector<std::uint32_t>> trajectories_;
    std::vector<std::int64_t> steps_;
    std::vector<std::uint32_t> trackOfPoint_;
    std::vector<std::uint32_t> selectedTracks_;
    TrackScope scope_ = TrackScope::Selected;
    std::optional<std::pair<std::int64_t, std::int64_t>> window_;
    bool density_ = true;

    enum class Stage { Idle, Tracks, StrongTracks, Points };
    /// Decides sizes and modes of the next picture; enter() then starts it.
    void plan(const QSize& size, const ViewTransform& view, double pixelRatio);
    Stage firstStage() const;
    void enter(Stage stage);
    Stage stage_ = Stage::Idle;
    RasterFrame pendingPoints_;
    TrackLayer::Frame pendingTracks_;
    /// Points that may be drawn of every 256, for `nanos` of drawing.
    unsigned prefixFor(double nanos) const;
    void learnPointCost(double nanos);

    // Measured while drawing; the first guesses suit a slow core.
    double nsPerPoint_ = 2.0;
    double nsPerSegment_ = 25.0;
    double nsPerPicture_ = 4e6;      ///< what a picture costs whatever is drawn
    std::size_t inView_ = 0;         ///< points in the blocks that touch the frame being drawn
    std::size_t blocksInView_ = 0;
    double beginNanos_ = 0;
    bool otherPoints_ = false;  ///< new colours hide or show points: the last picture cannot be recoloured
};

}  // namespace driftscope::space
