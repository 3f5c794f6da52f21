#pragma once

#include <QObject>
#include <QString>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "core/label/label_store.h"

class QAction;

namespace driftscope {

/// The project's labels as the GUI edits them: every edit is stored before changed() says so; undo and redo are events
/// in the store and work across restarts. Large edits are stored on a thread of their own, one after another; the window
/// stays free and shows them when they are on disk. All functions are for the GUI thread.
class EditStack : public QObject {
    Q_OBJECT
  public:
    /// An empty annotator becomes the login name. Errors: those of LabelStore::open().
    static Result<std::unique_ptr<EditStack>> open(const QString& labelsFile, const QString& annotator);
    ~EditStack() override;

    /// For reading. While isStoring() this is what was on disk before, or after, never in between.
    LabelStore& store();
    const LabelStore& store() const;
    QString annotator() const;
    void setAnnotator(const QString& name);

    /// Stores one batch ("label 12 cells mitosis"). An error is returned and also sent as failed().
    Result<void> apply(const std::string& schema, const std::vector<LabelChange>& changes,
                       const std::string& origin = "manual");
    /// The same on a thread of its own: changed() follows when the batch is on disk, or failed(). Later edits wait their
    /// turn. What is under way is finished before the stack goes.
    void applyLater(const std::string& schema, std::vector<LabelChange> changes, const std::string& origin = "manual");
    /// Some edits are not on disk yet. apply() and the schemas' functions wait for them.
    bool isStoring() const;
    /// Edits of more labels than this are better stored later: storing them takes longer than a frame.
    static constexpr std::size_t kAtOnce = 500;

    /// Change the project's schemas (LabelStore::putSchema, removeSchema) and tell the views. Errors are only returned.
    Result<void> putSchema(const LabelSchema& schema, const std::map<std::string, std::string>& renamed = {});
    Result<void> removeSchema(const std::string& name);

    bool canUndo() const;
    bool canRedo() const;
    void undo();  ///< large batches later, as applyLater()
    void redo();
    QAction* undoAction() const;  ///< owned here, with shortcuts (Ctrl+Z, Z) and enabled state kept current
    QAction* redoAction() const;

  Q_SIGNALS:
    /// Sent after the events are on disk; `events` are what was stored, also for undo and redo.
    void changed(const std::string& schema, const std::vector<driftscope::LabelEvent>& events);
    void schemasChanged();
    void storingChanged(bool storing);
    void annotatorChanged(const QString& name);
    void failed(const QString& message);

  private:
    EditStack();
    struct State;
    using Moved = Result<std::optional<std::vector<LabelEvent>>>;
    void take(Moved moved);
    void refreshActions();
    void enqueue(std::function<Moved(LabelStore&)> edit);
    void work(const std::stop_token& stop);
    void deliver();
    void finish();
    std::unique_ptr<State> state_;
};

}  // namespace driftscope
