#include "widgets/session/edit_stack.h"

#include <pwd.h>
#include <unistd.h>

#include <QAction>
#include <QKeySequence>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <thread>
#include <utility>

namespace driftscope {
namespace {

QString loginName() {
    const passwd* entry = ::getpwuid(::getuid());
    return entry ? QString::fromLocal8Bit(entry->pw_name) : QStringLiteral("user %1").arg(::getuid());
}

/// Stores a batch and reads its events back; nothing when there was nothing new.
Result<std::optional<std::vector<LabelEvent>>> storeBatch(LabelStore& store, const std::string& schema,
                                                          const std::vector<LabelChange>& changes,
                                                          const std::string& annotator, const std::string& origin) {
    DS_ASSIGN(const std::int64_t number, store.apply(schema, changes, annotator, origin));
    if (number == 0) return std::nullopt;
    DS_ASSIGN(auto events, store.batch(number));
    return events;
}

bool isLarge(const Result<std::int64_t>& labels) {
    return labels && *labels > static_cast<std::int64_t>(EditStack::kAtOnce);
}

}  // namespace

struct EditStack::State {
    std::filesystem::path file;
    std::unique_ptr<LabelStore> store;   // of the worker while edits are pending
    std::unique_ptr<LabelStore> reader;  // stands in for it meanwhile
    QString annotator;
    QAction undo, redo;
    bool canUndo = false, canRedo = false;
    std::size_t pending = 0;  // edits given to the worker whose results were not delivered

    std::mutex mutex;  // guards what follows
    std::condition_variable_any wake, idle;
    std::deque<std::function<Moved(LabelStore&)>> edits;
    std::deque<Moved> results;
    bool working = false;
    std::jthread worker;  // last: joined before anything it touches goes
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

EditStack::~EditStack() {
    // What a person did is stored, even when the window closes first.
    std::unique_lock lock(state_->mutex);
    state_->idle.wait(lock, [this] { return state_->edits.empty() && !state_->working; });
    lock.unlock();
    state_->worker.request_stop();
}

Result<std::unique_ptr<EditStack>> EditStack::open(const QString& labelsFile, const QString& annotator) {
    std::unique_ptr<EditStack> stack(new EditStack);
    stack->state_->file = labelsFile.toStdString();
    DS_ASSIGN(stack->state_->store, LabelStore::open(stack->state_->file));
    stack->setAnnotator(annotator);
    stack->refreshActions();
    return stack;
}

LabelStore& EditStack::store() {
    return state_->pending > 0 ? *state_->reader : *state_->store;
}
const LabelStore& EditStack::store() const {
    return state_->pending > 0 ? *state_->reader : *state_->store;
}
bool EditStack::isStoring() const {
    return state_->pending > 0;
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
    finish();
    auto events = storeBatch(*state_->store, schema, changes, state_->annotator.toStdString(), origin);
    refreshActions();
    if (!events) {
        Q_EMIT failed(QString::fromStdString(events.error().text()));
        return tl::unexpected<Error>(std::move(events).error());
    }
    if (*events) Q_EMIT changed(schema, **events);
    return {};
}

void EditStack::applyLater(const std::string& schema, std::vector<LabelChange> changes, const std::string& origin) {
    enqueue([schema, origin, changes = std::move(changes), who = state_->annotator.toStdString()](LabelStore& store) {
        return storeBatch(store, schema, changes, who, origin);
    });
}

void EditStack::enqueue(std::function<Moved(LabelStore&)> edit) {
    State& s = *state_;
    if (!s.reader) {
        auto reader = LabelStore::openForReading(s.file);
        if (!reader) {  // without it there is nothing to show meanwhile: store now
            take(edit(*s.store));
            return;
        }
        s.reader = std::move(*reader);
    }
    if (!s.worker.joinable()) s.worker = std::jthread([this](const std::stop_token& stop) { work(stop); });
    const bool first = s.pending++ == 0;
    {
        const std::lock_guard lock(s.mutex);
        s.edits.push_back(std::move(edit));
    }
    s.wake.notify_one();
    refreshActions();
    if (first) Q_EMIT storingChanged(true);
}

void EditStack::work(const std::stop_token& stop) {
    State& s = *state_;
    std::unique_lock lock(s.mutex);
    while (s.wake.wait(lock, stop, [&] { return !s.edits.empty(); })) {
        const auto edit = std::move(s.edits.front());
        s.edits.pop_front();
        s.working = true;
        lock.unlock();
        Moved result = edit(*s.store);
        lock.lock();
        s.results.push_back(std::move(result));
        s.working = false;
        s.idle.notify_all();
        QMetaObject::invokeMethod(this, &EditStack::deliver, Qt::QueuedConnection);
    }
}

/// Tells the views what the worker has stored.
void EditStack::deliver() {
    State& s = *state_;
    while (true) {
        std::unique_lock lock(s.mutex);
        if (s.results.empty()) return;
        Moved result = std::move(s.results.front());
        s.results.pop_front();
        lock.unlock();
        --s.pending;
        take(std::move(result));
        if (s.pending == 0) Q_EMIT storingChanged(false);
    }
}

/// Waits for the worker, for edits that must be done before the next line.
void EditStack::finish() {
    State& s = *state_;
    if (s.pending == 0) return;
    {
        std::unique_lock lock(s.mutex);
        s.idle.wait(lock, [&] { return s.edits.empty() && !s.working; });
    }
    deliver();
}

Result<void> EditStack::putSchema(const LabelSchema& schema, const std::map<std::string, std::string>& renamed) {
    finish();
    DS_TRY(state_->store->putSchema(schema, renamed));
    refreshActions();
    Q_EMIT schemasChanged();
    return {};
}

Result<void> EditStack::removeSchema(const std::string& name) {
    finish();
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
    const auto edit = [who = state_->annotator.toStdString()](LabelStore& store) { return store.undo(who); };
    if (isStoring() || isLarge(state_->store->undoSize())) return enqueue(edit);
    take(edit(*state_->store));
}

void EditStack::redo() {
    const auto edit = [who = state_->annotator.toStdString()](LabelStore& store) { return store.redo(who); };
    if (isStoring() || isLarge(state_->store->redoSize())) return enqueue(edit);
    take(edit(*state_->store));
}

void EditStack::take(Moved moved) {
    refreshActions();
    if (!moved) {
        Q_EMIT failed(QString::fromStdString(moved.error().text()));
        return;
    }
    if (*moved && !(*moved)->empty()) Q_EMIT changed((*moved)->front().schema, **moved);
}

void EditStack::refreshActions() {
    // A store that cannot be read shows itself at the next edit, with its reason. Nothing can be taken back before it is
    // stored.
    const bool storing = isStoring();
    state_->canUndo = !storing && state_->store->canUndo().value_or(false);
    state_->canRedo = !storing && state_->store->canRedo().value_or(false);
    state_->undo.setEnabled(state_->canUndo);
    state_->redo.setEnabled(state_->canRedo);
}

}  // namespace driftscope
