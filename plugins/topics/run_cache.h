#pragma once

#include <QString>
#include <map>
#include <memory>
#include <mutex>

#include "core/topics/data/topic_run.h"

namespace driftscope::topics {

/// Runs that were read, for views that need several at once. Safe from any thread; a run whose files changed is read again.
class RunCache {
  public:
    Result<std::shared_ptr<const TopicRun>> read(const QString& folder);

  private:
    struct Entry {
        qint64 stamp = 0;
        std::shared_ptr<const TopicRun> run;
    };
    std::mutex lock_;
    std::map<QString, Entry> entries_;
};

}  // namespace driftscope::topics
