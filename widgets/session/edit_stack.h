#pragma once

#include <QObject>
#include <QString>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/label/label_store.h"

class QAction;

namespace driftscope {

/// The project's labels as the GUI edits them: every edit is stored before changed() says so; undo and redo are events
/// in the store and work across restarts.
class EditStack : public QObject {
    Q_OBJECT
  public:
    /// An empty annotator becomes the login name. Errors: those of LabelStore::open().
    static Result<std::unique_ptr<EditStack>> open(const QString& labelsFile, const QString& annotator);
    ~EditStack() override;

    LabelStore& store();
    const LabelStore& store() const;
    QString annotator() const;
    void setAnnotator(const QString& name);

    /// Stores one batch ("label 12 cells mitosis"). An error is returned and also sent as failed().
    Result<void> apply(const std::string& schema, const std::vector<LabelChange>& changes,
                       const std::string& origin = "manual");
    /// Change the project's schemas (LabelStore::putSchema, removeSchema) and tell the views. Errors are only returned.
    Result<void> putSchema(const LabelSchema& schema, const std::map<std::string, std::string>& renamed = {});
    Result<void> removeSchema(const std::string& name);

    bool canUndo() const;
    bool canRedo() const;
    void undo();
    void redo();
    QAction* undoAction() const;  ///< owned here, with shortcuts (Ctrl+Z, Z) and enabled state kept current
    QAction* redoAction() const;

  Q_SIGNALS:
    /// Sent after the events are on disk; `events` are what was stored, also for undo and redo.
    void changed(const std::string& schema, const std::vector<driftscope::LabelEvent>& events);
    void schemasChanged();
    void annotatorChanged(const QString& name);
    void failed(const QString& message);

  private:
    EditStack();
    void take(Result<std::optional<std::vector<LabelEvent>>> moved);
    void refreshActions();
    struct State;
    std::unique_ptr<State> state_;
};

}  // namespace driftscope
