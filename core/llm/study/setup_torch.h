#pragma once

#include "core/llm/model/adapter_torch.h"
#include "core/llm/model/compute_torch.h"
#include "core/llm/measure/evaluation_torch.h"
#include "core/llm/text/tokenizer.h"
#include "core/llm/train/training_params.h"
#include "core/llm/train/training_torch.h"

namespace driftscope::llm {

/// What a training job works on, made from its parameters.
struct TrainingSetup {
    ResolvedParams resolved;
    Compute compute;
    CausalModel model;
    std::optional<Tokenizer> tokenizer;
    std::optional<LoraConfig> lora;  ///< nothing when all weights are trained
    TrainingData data;
    EvalSets sets;  ///< what is answered at every measurement
    TrainingOptions options;

    /// Errors: those of reading the model, adapters and data; data the method needs and does not have.
    static Result<TrainingSetup> make(JobContext& job, Stage stage);
};

}  // namespace driftscope::llm
