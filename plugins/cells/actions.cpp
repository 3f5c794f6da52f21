#include "plugins/cells/actions.h"

#include <QWidget>

#include "core/table/selection.h"
#include "plugins/cells/annotator.h"
#include "plugins/cells/cursor.h"
#include "plugins/cells/workspace.h"
#include "widgets/image/time_lapse_canvas.h"
#include "widgets/session/selection_hub.h"

namespace driftscope::cells {

CellsActions::CellsActions(Workspace& workspace, CellsContext context, QWidget* scope) : QObject(scope), scope_(scope) {
    addNavigation(workspace, context);
    addViews(workspace);
}

QAction* CellsActions::add(const QString& name, const QString& text, const QKeySequence& key, const QString& tip, std::function<void()> act) {
    auto* action = new QAction(text, this);
    action->setObjectName(name);
    action->setShortcut(key);
    action->setShortcutContext(Qt::WidgetWithChildrenShortcut);
    action->setToolTip(tip);
    scope_->addAction(action);
    connect(action, &QAction::triggered, this, std::move(act));
    actions_.push_back(action);
    return action;
}

void CellsActions::addNavigation(Workspace& workspace, CellsContext context) {
    Cursor& cursor = context.cursor;
    Annotator& annotator = context.annotator;
    add(QStringLiteral("cells.next-track"), tr("Next track"), Qt::Key_S, tr("The next cell of this frame"), [&cursor] { cursor.stepTrack(1); });
    add(QStringLiteral("cells.previous-track"), tr("Previous track"), Qt::Key_W, tr("The previous cell of this frame"), [&cursor] { cursor.stepTrack(-1); });
    add(QStringLiteral("cells.next-frame"), tr("Next frame"), Qt::Key_D, tr("One frame on"), [&cursor] { cursor.stepFrame(1); });
    add(QStringLiteral("cells.previous-frame"), tr("Previous frame"), Qt::Key_A, tr("One frame back"), [&cursor] { cursor.stepFrame(-1); });
    add(QStringLiteral("cells.first-frame"), tr("First frame"), Qt::CTRL | Qt::Key_Home, tr("The first frame of the movie"), [&cursor] { cursor.setFrame(0); });
    add(QStringLiteral("cells.last-frame"), tr("Last frame"), Qt::CTRL | Qt::Key_End, tr("The last frame of the movie"), [&cursor] { cursor.setFrame(cursor.frames() - 1); });
    auto& canvas = workspace.canvas();
    add(QStringLiteral("cells.play"), tr("Play"), Qt::Key_Space, tr("Play or pause"), [&canvas] { canvas.setPlaying(!canvas.isPlaying()); });
    add(QStringLiteral("cells.follow"), tr("Follow the cell"), Qt::Key_F, tr("Keep the chosen cell in the middle of the image"), [&canvas, &workspace] {
        const auto mask = workspace.currentMask();
        canvas.setFollowed(canvas.followed() ? std::nullopt : mask);
    });
    add(QStringLiteral("cells.next-unlabelled"), tr("Next unlabelled cell"), Qt::Key_U, tr("Later in this track, then the following tracks"), [&annotator] { annotator.nextUnlabelled(); });
    auto* queue = add(QStringLiteral("cells.queue"), tr("Label from the queue"), Qt::Key_Q, tr("After a label go to the cell that teaches the probe most"), [] {});
    queue->setCheckable(true);
    connect(queue, &QAction::toggled, &annotator, &Annotator::setQueueMode);
    add(QStringLiteral("cells.mark"), tr("Start an interval"), Qt::Key_I, tr("Shift with a label key then labels from here to the current frame"), [&annotator] { annotator.setMark(); });
    auto& selection = context.selection;
    add(QStringLiteral("cells.filter"), tr("Show only the selection"), Qt::Key_Slash, tr("Everything else becomes pale; again shows all"), [&selection, this] {
        if (selection.hasFilter(ElementKind::Cell))
            selection.clear(this);
        else if (const IdSet chosen = selection.get(SelectionLayer::Select, ElementKind::Cell); !chosen.empty())
            selection.set(SelectionLayer::Filter, ElementKind::Cell, chosen, this);
    });
}

void CellsActions::addViews(Workspace& workspace) {
    add(QStringLiteral("cells.gallery"), tr("Gallery of predictions"), Qt::Key_G, tr("Predictions by class, surest first; again shows what to label next"),
        [&workspace] { workspace.setShowsPredictions(!workspace.showsPredictions()); });
    add(QStringLiteral("cells.view2d"), tr("Map in 2-D"), {}, tr("The flat map"), [&workspace] { workspace.setThreeD(false); });
    add(QStringLiteral("cells.view3d"), tr("Map in 3-D"), {}, tr("The first three principal components"), [&workspace] { workspace.setThreeD(true); });
    for (const auto& [key, text] : {std::pair{QStringLiteral("state"), tr("Colour by state")}, {QStringLiteral("track"), tr("Colour by track")},
                                    {QStringLiteral("frame"), tr("Colour by frame")}, {QStringLiteral("confidence"), tr("Colour by confidence")}})
        add(QStringLiteral("cells.colour.") + key, text, {}, text, [&workspace, key = key] { workspace.setColourMode(key); });
}

}  // namespace driftscope::cells
