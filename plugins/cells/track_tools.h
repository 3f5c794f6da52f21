#pragma once

#include <QToolBar>
#include <cstdint>
#include <optional>

namespace driftscope::image {
class TimeLapseCanvas;
}

namespace driftscope::cells {

class CellsActions;
class Cursor;
class MaskBrush;
class TrackCorrector;

/// The tools that correct tracks and masks, as buttons and keys. Each acts on the track under the cursor; joining and naming
/// a mother wait for a click on the other track.
class TrackTools : public QToolBar {
    Q_OBJECT
  public:
    TrackTools(TrackCorrector& corrector, Cursor& cursor, image::TimeLapseCanvas& canvas, QWidget* parent = nullptr);

    /// Registers every tool as an action of the panel, and shows them here.
    void addTo(CellsActions& actions);
    void cancel();  ///< leaves brush and waiting

  Q_SIGNALS:
    void message(const QString& text);

  private:
    enum class Waiting { Nothing, Continuation, Mother };
    void wait(Waiting what);
    void chosen();
    void brush(bool on, bool fresh);
    void refresh();
    bool hasTrack();

    TrackCorrector& corrector_;
    Cursor& cursor_;
    image::TimeLapseCanvas& canvas_;
    MaskBrush* brush_;
    QAction *brushAction_ = nullptr, *newAction_ = nullptr, *undo_ = nullptr, *redo_ = nullptr;
    Waiting waiting_ = Waiting::Nothing;
    std::optional<std::uint32_t> first_;  ///< the track that waits for the other one
    std::optional<std::uint32_t> fresh_;  ///< id of a cell that is being painted anew
};

}  // namespace driftscope::cells
