#pragma once

#include <string>
#include <vector>

#include "core/base/params.h"

namespace driftscope::topics {

/// Whether a parameter of topics.train is of use for a model. The help of those that are not for all begins with the models they
/// are for ("LDA: …", "scholar, dvae: …", "Neural: …").
bool usedBy(const ParamSpec& spec, const std::string& model, const std::vector<std::string>& models);

/// What a model is, in a sentence, and whom it comes from; empty for one that is not known.
std::string modelAbout(const std::string& model);

}  // namespace driftscope::topics
