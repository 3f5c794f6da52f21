#pragma once

#include <vector>

#include "core/job/job_registry.h"
#include "core/topics/topic_model_kind.h"

namespace driftscope::topics {

/// topics.preprocess, train, infer, coherence, diversity, align, stability, ensemble, import, human and study. `models` are those that topics.train offers: ldaKind() and
/// whatever else the program links.
void registerTopicJobs(JobRegistry& registry, std::vector<TopicModelKind> models);

}  // namespace driftscope::topics
