#pragma once

#include <map>
#include <nlohmann/json.hpp>

#include "core/base/params.h"

namespace driftscope::llm {

/// One way to defend a model in a study: a method of the alignment or of the fine-tuning stage, and which adapter is tuned.
struct Arm {
    std::string name;                    ///< "booster", or "sft:single"
    std::string alignMethod = "sft", finetuneMethod = "sft";
    bool single = false;                 ///< the alignment's adapter goes on

    /// "method" or "method:single" / "method:double". Booster is single unless told otherwise. Errors: unknown method or mode.
    static Result<Arm> parse(const std::string& text);
};

/// Settings of a study's runs from lines such as "align.lr=1e-3", "finetune.epochs=4" or, for one arm, "booster.align.lambda=1".
class StudySettings {
  public:
    /// Errors: a line that is no such thing, an unknown parameter (with the nearest known one), a value of the wrong type.
    static Result<StudySettings> parse(const std::vector<std::string>& lines, const std::vector<Arm>& arms);
    /// Parameters of a stage ("align", "finetune") for an arm: those for all, then its own.
    nlohmann::json of(const Arm& arm, const std::string& stage) const;
    bool hasOwn(const Arm& arm, const std::string& stage) const { return own_.count(arm.name + "." + stage) > 0; }
    /// Folders of an arm's runs below the study's. Arms that align alike share the run.
    std::string alignFolder(const Arm& arm, std::int64_t seed) const;
    static std::string finetuneFolder(const Arm& arm, double ratio, std::int64_t seed);

  private:
    std::map<std::string, nlohmann::json> common_, own_;
};

}  // namespace driftscope::llm
