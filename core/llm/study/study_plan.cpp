#include "core/llm/study/study_plan.h"

#include <algorithm>

#include "core/llm/train/training_params.h"

namespace driftscope::llm {
namespace {

using nlohmann::json;

const std::vector<std::string> kAlignMethods{"sft", "vaccine", "random_vaccine", "t_vaccine", "booster", "booster+vaccine", "repnoise"};
const std::vector<std::string> kFinetuneMethods{"lisa", "bso", "ewc", "vlguard", "kl", "ldifs"};

bool among(const std::vector<std::string>& all, const std::string& one) {
    return std::find(all.begin(), all.end(), one) != all.end();
}

std::string fileName(std::string arm) {
    std::replace(arm.begin(), arm.end(), ':', '-');
    return arm;
}

}  // namespace

Result<Arm> Arm::parse(const std::string& text) {
    Arm arm;
    arm.name = text;
    const auto colon = text.find(':');
    const std::string method = text.substr(0, colon), mode = colon == std::string::npos ? "" : text.substr(colon + 1);
    std::vector<std::string> all = kAlignMethods;
    all.insert(all.end(), kFinetuneMethods.begin(), kFinetuneMethods.end());
    if (!among(all, method)) {
        const std::string near = nearestName(method, all);
        return fail(ErrorCode::Usage, fmt::format("There is no method '{}'.", method), near.empty() ? fmt::format("Methods are {}.", fmt::join(all, ", ")) : fmt::format("Did you mean '{}'?", near));
    }
    if (!mode.empty() && mode != "single" && mode != "double") return fail(ErrorCode::Usage, fmt::format("'{}' names the adapter mode '{}'.", text, mode), "Use single or double.");
    (among(kAlignMethods, method) ? arm.alignMethod : arm.finetuneMethod) = method;
    arm.single = mode == "single" || (mode.empty() && method.rfind("booster", 0) == 0);
    return arm;
}

Result<StudySettings> StudySettings::parse(const std::vector<std::string>& lines, const std::vector<Arm>& arms) {
    StudySettings settings;
    for (const std::string& line : lines) {
        const auto equal = line.find('=');
        const auto wrong = [&](const std::string& what) { return fail(ErrorCode::Usage, fmt::format("The setting '{}' {}.", line, what), "Write align.lr=1e-3, finetune.epochs=4 or booster.align.lambda=1."); };
        if (equal == std::string::npos) return wrong("has no value");
        std::string key = line.substr(0, equal), arm;
        for (const Arm& one : arms)
            if (key.rfind(one.name + ".", 0) == 0) arm = one.name;
        if (!arm.empty()) key = key.substr(arm.size() + 1);
        const auto dot = key.find('.');
        const std::string stage = key.substr(0, dot), name = dot == std::string::npos ? "" : key.substr(dot + 1);
        if (stage != "align" && stage != "finetune") return wrong("names neither align nor finetune, nor one of the study's methods");
        const std::vector<ParamSpec> specs = trainingParams(stage == "align" ? Stage::Align : Stage::Finetune);
        const auto spec = std::find_if(specs.begin(), specs.end(), [&](const ParamSpec& one) { return one.name == name; });
        if (spec == specs.end()) return wrong(fmt::format("sets '{}', which is no parameter of llm.{}", name, stage));
        DS_ASSIGN(const json value, Params::parse(*spec, line.substr(equal + 1)));
        (arm.empty() ? settings.common_[stage] : settings.own_[arm + "." + stage])[name] = value;
    }
    return settings;
}

json StudySettings::of(const Arm& arm, const std::string& stage) const {
    json all = json::object();
    if (const auto found = common_.find(stage); found != common_.end()) all.update(found->second);
    if (const auto found = own_.find(arm.name + "." + stage); found != own_.end()) all.update(found->second);
    return all;
}

std::string StudySettings::alignFolder(const Arm& arm, std::int64_t seed) const {
    return fmt::format("align/{}-seed{}", fileName(hasOwn(arm, "align") ? arm.name : arm.alignMethod), seed);
}

std::string StudySettings::finetuneFolder(const Arm& arm, double ratio, std::int64_t seed) {
    return fmt::format("finetune/{}-p{:g}-seed{}", fileName(arm.name), ratio, seed);
}

}  // namespace driftscope::llm
