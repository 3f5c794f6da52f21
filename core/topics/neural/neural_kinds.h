#pragma once

#include <vector>

#include "core/topics/topic_model_kind.h"

namespace driftscope::topics {

/// The models that LibTorch trains: prodlda, scholar, dvae, etm and ctm.
std::vector<TopicModelKind> neuralKinds();

}  // namespace driftscope::topics
