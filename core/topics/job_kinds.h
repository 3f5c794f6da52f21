#pragma once

#include <memory>
#include <vector>

#include "core/job/job_context.h"
#include "core/job/job_registry.h"
#include "core/topics/topic_model_kind.h"

namespace driftscope::topics {

// The kinds that registerTopicJobs() registers, one file each.
using ModelList = std::shared_ptr<const std::vector<TopicModelKind>>;
JobKind preprocessKind();
JobKind trainKind(ModelList models);
JobKind inferKind();
JobKind coherenceKind();
JobKind diversityKind();
JobKind alignKind();
JobKind stabilityKind();
JobKind ensembleKind();
JobKind humanKind();
JobKind importKind();
JobKind studyKind(ModelList models);

/// The parameters of topics.train: the common ones, then those of every model.
std::vector<ParamSpec> trainParams(const std::vector<TopicModelKind>& models);
/// Trains with the model that the request names, after the checks that all models share (vocabulary, k, documents), and
/// fills in the record that every run carries.
Result<TrainOutcome> trainModel(const std::vector<TopicModelKind>& models, const Corpus& corpus, const TrainRequest& request, const TrainHooks& hooks);
/// The part of the corpus that `split` ("all", "train") names. Errors: no such documents.
Result<Corpus> trainingPart(const Corpus& corpus, const std::string& split);

Result<void> writeJson(const std::filesystem::path& file, const nlohmann::json& content);

}  // namespace driftscope::topics
