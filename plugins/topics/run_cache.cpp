#include "plugins/topics/run_cache.h"

#include <QDateTime>
#include <QFileInfo>

namespace driftscope::topics {

Result<std::shared_ptr<const TopicRun>> RunCache::read(const QString& folder) {
    const qint64 stamp = QFileInfo(folder + QStringLiteral("/beta.npy")).lastModified().toMSecsSinceEpoch();
    {
        const std::scoped_lock guard(lock_);
        const auto found = entries_.find(folder);
        if (found != entries_.end() && found->second.stamp == stamp) return found->second.run;
    }
    DS_ASSIGN(TopicRun run, readTopicRun(folder.toStdString()));
    auto shared = std::make_shared<const TopicRun>(std::move(run));
    const std::scoped_lock guard(lock_);
    entries_[folder] = {stamp, shared};
    return shared;
}

}  // namespace driftscope::topics
