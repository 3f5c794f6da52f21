#pragma once

#include <QObject>
#include <QString>
#include <functional>
#include <memory>
#include <vector>

#include "core/label/label_store.h"

class QAction;

namespace driftscope {

/// The project's labels as the GUI edits them: every edit is stored before changed() says so; undo and redo are events in
/// the store and work across restarts.
class EditStack : public QObject {
    Q_OBJECT
  public:
    static Result<std::unique_ptr<EditStack>> open(const QString& labelsFile, const QString& annotator);
    ~EditStack() override;

    LabelStore& store();
    const LabelStore& store() const;
    QString annotator() const;
    void setAnnotator(const QString& name);

    /// Stores one batch ("label 12 cells mitosis"). An error is returned and also sent as failed().
    Result<void> apply(const std::string& schema, const std::vector<LabelChange>& changes, const std::string& origin = "manual");
    bool canUndo() const;
    bool canRedo() const;
    void undo();
    void redo();
    QAction* undoAction() const;  ///< owned here, with shortcut and enabled state kept current
    QAction* redoAction() const;

  Q_SIGNALS:
    void changed(const std::string& schema, const std::vector<driftscope::LabelEvent>& events);
    void schemasChanged();
    void failed(const QString& message);

  private:
    EditStack();
    struct State;
    std::unique_ptr<State> state_;
};

}  // namespace driftscope
