#include "core/topics/topics_jobs.h"

#include "core/base/atomic_file.h"
#include "core/topics/job_kinds.h"

namespace driftscope::topics {

Result<void> writeJson(const std::filesystem::path& file, const nlohmann::json& content) {
    return writeFileAtomically(file, content.dump(2, ' ', false, nlohmann::json::error_handler_t::replace) + "\n");
}

void registerTopicJobs(JobRegistry& registry, std::vector<TopicModelKind> models) {
    const auto shared = std::make_shared<const std::vector<TopicModelKind>>(std::move(models));
    registry.add(preprocessKind());
    registry.add(trainKind(shared));
    registry.add(inferKind());
    registry.add(coherenceKind());
    registry.add(diversityKind());
    registry.add(alignKind());
    registry.add(stabilityKind());
    registry.add(ensembleKind());
    registry.add(importKind());
    registry.add(humanKind());
    registry.add(studyKind(shared));
}

}  // namespace driftscope::topics
