#pragma once

#include "core/llm/measure/drift_torch.h"
#include "core/llm/measure/evaluation_torch.h"

namespace driftscope::llm {

/// What a probe reads of the model.
struct ProbeReading {
    PromptTemplate form;
    Point point = Point::AttentionOut;
    std::int64_t layer = 0;
    TokenClass tokens = TokenClass::Response;
    std::string harmful;  ///< the class that counts as harmful; empty: "harmful", else "complied"
};

/// A judge that asks a linear probe (probe.json of label.probe) about the hidden states that `model` itself has over prompt and
/// answer; harmful when that class is the likeliest. `model` and `tokenizer` must outlive it.
/// Errors: no such class, a probe for another width, a layer the model does not have; when judging, an answer without such
/// tokens (named).
Result<HarmJudge> probeJudge(const CausalModel& model, const Tokenizer& tokenizer, const std::filesystem::path& probe, const ProbeReading& reading);

}  // namespace driftscope::llm
