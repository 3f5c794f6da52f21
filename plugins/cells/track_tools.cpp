#include "plugins/cells/track_tools.h"

#include <QAction>

#include "plugins/cells/actions.h"
#include "plugins/cells/cursor.h"
#include "plugins/cells/mask_brush.h"
#include "plugins/cells/track_corrector.h"
#include "widgets/image/time_lapse_canvas.h"

namespace driftscope::cells {

TrackTools::TrackTools(TrackCorrector& corrector, Cursor& cursor, image::TimeLapseCanvas& canvas, QWidget* parent)
    : QToolBar(parent), corrector_(corrector), cursor_(cursor), canvas_(canvas), brush_(new MaskBrush(&canvas)) {
    setToolButtonStyle(Qt::ToolButtonTextOnly);
    setVisible(false);
    connect(&cursor_, &Cursor::trackChanged, this, &TrackTools::chosen);
    connect(&cursor_, &Cursor::trackChanged, this, [this] {
        if (brushAction_ && brushAction_->isChecked()) brush(cursor_.track().has_value(), false);
    });
    connect(&corrector_, &TrackCorrector::stateChanged, this, &TrackTools::refresh);
    connect(brush_, &MaskBrush::painted, this, [this](std::uint32_t id, int frame, const CellPatch& patch) {
        corrector_.repaint(cursor_.field(), id, frame, patch);
    });
    connect(brush_, &MaskBrush::erased, this, [this](std::uint32_t id, int frame) {
        if (const auto row = corrector_.data()->rowAt(cursor_.field(), frame, id)) corrector_.deleteCell(*row);
    });
}

void TrackTools::addTo(CellsActions& actions) {
    const auto add = [&](const char* name, const QString& text, const QKeySequence& key, const QString& tip, std::function<void()> act) {
        QAction* action = actions.add(QLatin1String(name), text, key, tip, std::move(act));
        action->setIconText(text);
        addAction(action);
        return action;
    };
    auto* shown = actions.add(QStringLiteral("cells.correct"), tr("Correct tracks and masks"), Qt::Key_E, tr("Shows the tools that cut, join, delete and repaint; each has a key of its own"), [] {});
    shown->setCheckable(true);
    connect(shown, &QAction::toggled, this, [this](bool on) {
        setVisible(on);
        if (!on) cancel();
    });
    add("cells.track.cut", tr("Cut"), Qt::Key_X, tr("The chosen track ends before this frame; the rest becomes a track of its own"), [this] {
        if (hasTrack() && cursor_.row()) corrector_.cut(*cursor_.row());
    });
    add("cells.track.join", tr("Join…"), Qt::Key_J, tr("Then click the track that this one goes on as"), [this] { wait(Waiting::Continuation); });
    add("cells.track.mother", tr("Mother…"), Qt::Key_M, tr("Then click the track that this one descends from"), [this] { wait(Waiting::Mother); });
    add("cells.track.orphan", tr("No mother"), Qt::SHIFT | Qt::Key_M, tr("The chosen track descends from nobody"), [this] {
        if (hasTrack()) corrector_.setMother(*cursor_.track(), std::nullopt);
    });
    add("cells.track.delete-cell", tr("Delete cell"), Qt::CTRL | Qt::Key_Delete, tr("The chosen cell goes in this frame"), [this] {
        if (hasTrack() && cursor_.row()) corrector_.deleteCell(*cursor_.row());
    });
    add("cells.track.delete", tr("Delete track"), Qt::CTRL | Qt::SHIFT | Qt::Key_Delete, tr("The chosen track goes in all frames"), [this] {
        if (hasTrack()) corrector_.deleteTrack(*cursor_.track());
    });
    brushAction_ = add("cells.track.brush", tr("Brush"), Qt::Key_R, tr("Drag to add to the mask of the chosen cell; with Ctrl or the right button to take away; [ and ] change the size"), [] {});
    brushAction_->setCheckable(true);
    connect(brushAction_, &QAction::toggled, this, [this](bool on) { brush(on, false); });
    newAction_ = add("cells.track.new", tr("New cell"), Qt::Key_N, tr("Paint a cell that nobody found; it begins a track"), [] {});
    newAction_->setCheckable(true);
    connect(newAction_, &QAction::toggled, this, [this](bool on) { brush(on, true); });
    actions.add(QStringLiteral("cells.track.brush-smaller"), tr("Smaller brush"), Qt::Key_BracketLeft, tr("One pixel less"), [this] { brush_->setRadius(brush_->radius() - 1); });
    actions.add(QStringLiteral("cells.track.brush-larger"), tr("Larger brush"), Qt::Key_BracketRight, tr("One pixel more"), [this] { brush_->setRadius(brush_->radius() + 1); });
    add("cells.track.relink", tr("Link again"), {}, tr("Joins ends and starts that lie within 30 px and 2 missing frames, except where a person cut"), [this] { corrector_.relink(cursor_.field()); });
    addSeparator();
    undo_ = add("cells.track.undo", tr("Undo correction"), Qt::ALT | Qt::Key_Z, tr("Takes back the last correction of tracks or masks; Ctrl+Z is for labels"), [this] { corrector_.undo(); });
    redo_ = add("cells.track.redo", tr("Redo"), Qt::ALT | Qt::SHIFT | Qt::Key_Z, tr("Brings the last correction back"), [this] { corrector_.redo(); });
    refresh();
}

bool TrackTools::hasTrack() {
    if (corrector_.data() && cursor_.track()) return true;
    Q_EMIT message(tr("No track is chosen: click a cell first."));
    return false;
}

void TrackTools::wait(Waiting what) {
    if (!hasTrack()) return;
    waiting_ = what;
    first_ = cursor_.track();
    const QString name = QString::fromStdString(corrector_.data()->tracks()[*first_].entity);
    Q_EMIT message(what == Waiting::Mother ? tr("Click the mother of %1 (go to a frame where she is).").arg(name) : tr("Click the track that %1 goes on as.").arg(name));
}

void TrackTools::chosen() {
    const Waiting what = std::exchange(waiting_, Waiting::Nothing);
    if (what == Waiting::Nothing || !first_ || !cursor_.track() || cursor_.track() == first_) return;
    const std::uint32_t first = *std::exchange(first_, std::nullopt), other = *cursor_.track();
    if (what == Waiting::Mother)
        corrector_.setMother(first, other);
    else
        corrector_.join(first, other);
}

void TrackTools::brush(bool on, bool fresh) {
    QAction* other = fresh ? brushAction_ : newAction_;
    if (on && other) {
        const QSignalBlocker quiet(other);
        other->setChecked(false);
    }
    fresh_.reset();
    if (!on) {
        brush_->setTarget(std::nullopt);
        return;
    }
    if (fresh) {
        fresh_ = static_cast<std::uint32_t>(corrector_.freeTrackId(cursor_.field()));
        brush_->setTarget(fresh_);
        return;
    }
    if (!hasTrack()) {
        brushAction_->setChecked(false);
        return;
    }
    const driftscope::Trajectory& track = corrector_.data()->tracks()[*cursor_.track()];
    brush_->setTarget(static_cast<std::uint32_t>(corrector_.data()->detection(track.rows.front()).trackId));
}

void TrackTools::cancel() {
    waiting_ = Waiting::Nothing;
    if (brushAction_) brushAction_->setChecked(false);
    if (newAction_) newAction_->setChecked(false);
}

void TrackTools::refresh() {
    // A cell that was just painted anew is the chosen one.
    if (fresh_ && !corrector_.busy() && corrector_.data() && !cursor_.track())
        if (const auto row = corrector_.data()->rowAt(cursor_.field(), cursor_.frame(), *fresh_)) cursor_.goToRow(*row);
    if (!undo_) return;
    undo_->setEnabled(corrector_.canUndo() && !corrector_.busy());
    redo_->setEnabled(corrector_.canRedo() && !corrector_.busy());
}

}  // namespace driftscope::cells
