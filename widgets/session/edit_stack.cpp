#include "widgets/session/edit_stack.h"

#include <pwd.h>
#include <unistd.h>

#include <QAction>
#include <QKeySequence>

namespace driftscope {
namespace {

QString loginName() {
    const passwd* entry = ::getpwuid(::getuid());
    return entry ? QString::fromLocal8Bit(entry->pw_name) : QStringLiteral("user %1").arg(::getuid());
}

}  // namespace

struct EditStack::State {
    std::unique_ptr<LabelStore> store;
    QString annotator;
    QAction undo, redo;
    bool canUndo = false, canRedo = false;
};

EditStack::EditStack() : state_(std::make_unique<State>()) {
    QAction& undo = state_->undo;
    undo.setText(tr("Undo label"));
    undo.setToolTip(tr("Take back the last labelling step, also one of an earlier session (Ctrl+Z or Z)"));
    undo.setShortcuts({QKeySequence(QStringLiteral("Ctrl+Z")), QKeySequence(QStringLiteral("Z"))});
    QAction& redo = state_->redo;
    redo.setText(tr("Redo label"));
    redo.setToolTip(tr("Label again what was taken back (Ctrl+Shift+Z or Shift+Z)"));
    redo.setShortcuts({QKeySequence(QStringLiteral("Ctrl+Shift+Z")), QKeySequence(QStringLiteral("Shift+Z"))});
    connect(&undo, &QAction::triggered, this, &EditStack::undo);
    connect(&redo, &QAction::triggered, this, &EditStack::redo);
}

EditStack::~EditStack() = default;

Result<std::unique_ptr<EditStack>> EditStack::open(const QString& labelsFile, const QString& annotator) {
    std::unique_ptr<EditStack> stack(new EditStack);
    DS_ASSIGN(stack->state_->store, LabelStore::open(labelsFile.toStdString()));
    stack->setAnnotator(annotator);
    stack->refreshActions();
    return stack;
}

LabelStore& EditStack::store() {
    return *state_->store;
}
const LabelStore& EditStack::store() const {
    return *state_->store;
}
QString EditStack::annotator() const {
    return state_->annotator;
}

void EditStack::setAnnotator(const QString& name) {
    const QString chosen = name.trimmed().isEmpty() ? loginName() : name.trimmed();
    if (chosen == state_->annotator) return;
    state_->annotator = chosen;
    Q_EMIT annotatorChanged(chosen);
}

Result<void> EditStack::apply(const std::string& schema, const std::vector<LabelChange>& changes,
                              const std::string& origin) {
    auto number = state_->store->apply(schema, changes, state_->annotator.toStdString(), origin);
    if (number && *number == 0) return {};  // nothing new
    auto events =
        number ? state_->store->batch(*number) : Result<std::vector<LabelEvent>>(tl::unexpected<Error>(number.error()));
    refreshActions();
    if (!events) {
        Q_EMIT failed(QString::fromStdString(events.error().text()));
        return tl::unexpected<Error>(std::move(events).error());
    }
    Q_EMIT changed(schema, *events);
    return {};
}

Result<void> EditStack::putSchema(const LabelSchema& schema, const std::map<std::string, std::string>& renamed) {
    DS_TRY(state_->store->putSchema(schema, renamed));
    refreshActions();
    Q_EMIT schemasChanged();
    return {};
}

Result<void> EditStack::removeSchema(const std::string& name) {
    DS_TRY(state_->store->removeSchema(name));
    refreshActions();
    Q_EMIT schemasChanged();
    return {};
}

bool EditStack::canUndo() const {
    return state_->canUndo;
}
bool EditStack::canRedo() const {
    return state_->canRedo;
}
QAction* EditStack::undoAction() const {
    return &state_->undo;
}
QAction* EditStack::redoAction() const {
    return &state_->redo;
}

void EditStack::undo() {
    take(state_->store->undo(state_->annotator.toStdString()));
}
void EditStack::redo() {
    take(state_->store->redo(state_->annotator.toStdString()));
}

void EditStack::take(Result<std::optional<std::vector<LabelEvent>>> moved) {
    refreshActions();
    if (!moved) {
        Q_EMIT failed(QString::fromStdString(moved.error().text()));
        return;
    }
    if (*moved && !(*moved)->empty()) Q_EMIT changed((*moved)->front().schema, **moved);
}

void EditStack::refreshActions() {
    // A store that cannot be read shows itself at the next edit, with its reason.
    state_->canUndo = state_->store->canUndo().value_or(false);
    state_->canRedo = state_->store->canRedo().value_or(false);
    state_->undo.setEnabled(state_->canUndo);
    state_->redo.setEnabled(state_->canRedo);
}

}  // namespace driftscope
