#pragma once

#include "core/base/params.h"
#include "core/llm/model/lora_config.h"

namespace driftscope::llm {

enum class Stage { Pretrain, Align, Finetune };

/// Parameters of llm.pretrain, llm.align or llm.finetune.
std::vector<ParamSpec> trainingParams(Stage stage);

/// Parameters that choose who says whether an answer is harmful. Verdicts of another program can only be imported for answers that
/// do not change: `afterwards`.
std::vector<ParamSpec> judgeParams(bool afterwards);

/// Parameters with what a preset or a method's paper sets filled in: a value given by the user wins, then the preset, then
/// the method's default.
class ResolvedParams {
  public:
    ResolvedParams(const Params& given, Stage stage);
    double real(const std::string& name) const { return values_.at(name).get<double>(); }
    std::int64_t integer(const std::string& name) const { return static_cast<std::int64_t>(values_.at(name).get<double>()); }
    std::string text(const std::string& name) const { return values_.at(name).get<std::string>(); }
    const nlohmann::json& values() const { return values_; }

    /// Errors: those of LoraConfig.
    Result<LoraConfig> lora() const;

  private:
    nlohmann::json values_;
};

}  // namespace driftscope::llm
