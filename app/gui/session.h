#pragma once

#include <QObject>
#include <QString>
#include <cstdint>
#include <memory>

#include "core/base/error.h"

namespace driftscope {

struct HostContext;
class EditStack;
class JobRunner;
class Project;
class SelectionHub;

/// What is open in this window: at most one project with its labels, runs and selection. Panels live between opened() and
/// aboutToClose().
class Session : public QObject {
    Q_OBJECT
  public:
    Session(const QString& runner, QString annotator, std::uint64_t cacheBytes, QObject* parent = nullptr);
    ~Session() override;

    /// Closes what is open first. Errors: those of Project and EditStack; then nothing is open.
    Result<void> open(const QString& folder);
    Result<void> create(const QString& folder, const QString& name);
    void close();

    bool isOpen() const;
    Project* project() const;   ///< null when none is open
    EditStack* edits() const;   ///< null when none is open
    HostContext* context() const;
    SelectionHub& selection() const { return *selection_; }
    JobRunner& jobs() const { return *jobs_; }
    void setAnnotator(const QString& name);
    void setCacheBytes(std::uint64_t bytes);

  Q_SIGNALS:
    void opened();
    void aboutToClose();
    void closed();
    void warned(const QString& message);  ///< a file could not be written, a field not understood

  private:
    Result<void> take(Result<std::unique_ptr<Project>> project);

    QString annotator_;
    std::uint64_t cacheBytes_;
    std::unique_ptr<SelectionHub> selection_;
    std::unique_ptr<JobRunner> jobs_;
    std::unique_ptr<Project> project_;
    std::unique_ptr<EditStack> edits_;
    std::unique_ptr<HostContext> context_;
};

}  // namespace driftscope
