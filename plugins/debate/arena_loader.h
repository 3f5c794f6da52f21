#pragma once

#include <QObject>
#include <QTimer>
#include <memory>
#include <stop_token>
#include <string>

#include "core/debate/arena.h"

class QThreadPool;

namespace driftscope::debate {

class SetupModel;

/// Computes, in the background, everything that follows from a setup: states, exact values, K, sample counts, and whether the
/// theorem speaks about it. A newer setup stops the work on an older one.
class ArenaLoader : public QObject {
    Q_OBJECT
  public:
    explicit ArenaLoader(SetupModel& setup, QObject* parent = nullptr);
    ~ArenaLoader() override;

    bool busy() const { return busy_; }
    /// Null while there is none: nothing chosen, something wrong (see problem()), or still computing for the first time.
    const std::shared_ptr<const Arena>& arena() const { return arena_; }
    QString problem() const { return problem_; }

  Q_SIGNALS:
    void busyChanged(bool busy);
    /// arena() or problem() are new.
    void loaded();

  private:
    void request();
    void start();
    void finish(std::uint64_t generation, Result<std::shared_ptr<const Arena>> arena);
    void setBusy(bool busy);

    SetupModel& setup_;
    QThreadPool* pool_;
    QTimer debounce_;
    std::stop_source stop_;
    std::uint64_t generation_ = 0;
    bool busy_ = false;
    std::shared_ptr<const Arena> arena_;
    std::string made_;  ///< what arena_ was made from: another game of the same debate needs no other
    std::string making_;
    QString problem_;
};

}  // namespace driftscope::debate
