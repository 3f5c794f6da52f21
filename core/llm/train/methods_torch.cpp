#include <algorithm>

#include "core/base/params.h"
#include "core/llm/train/perturbation_torch.h"

namespace driftscope::llm {

const std::vector<std::string>& methodNames() {
    static const std::vector<std::string> names{"sft", "vaccine", "random_vaccine", "t_vaccine", "booster", "booster+vaccine", "lisa", "bso", "ewc", "vlguard", "kl", "repnoise", "ldifs"};
    return names;
}

bool needsHarmful(const std::string& method) {
    return method == "booster" || method == "booster+vaccine" || method == "repnoise" || method == "t_vaccine";
}

bool needsAlign(const std::string& method) {
    return method == "lisa" || method == "bso" || method == "ewc" || method == "vlguard";
}

Result<std::unique_ptr<Method>> makeMethod(const std::string& name, const MethodOptions& given) {
    MethodOptions options = given;
    if (name == "lisa" || name == "bso") {
        if (options.alignSteps == 0 && options.userSteps == 0) return fail(ErrorCode::Usage, "'lisa.align_steps' and 'lisa.user_steps' are both 0: there is nothing to do.", "Set one of them.");
        if (name == "bso") options.rho = 0;
        return makeLisa(options);
    }
    if (name == "sft") return makeSft();
    if (name == "vaccine") return makeVaccine(options);
    if (name == "random_vaccine") return makeRandomVaccine(options);
    if (name == "t_vaccine") return makeTargetedVaccine(options);
    if (name == "booster" || name == "booster+vaccine") return makeBooster(options, name != "booster");
    if (name == "ewc") return makeEwc(options);
    if (name == "vlguard") return makeVlguard(options);
    if (name == "kl") return makeKl(options);
    if (name == "repnoise") return makeRepNoise(options);
    if (name == "ldifs") return makeLdifs(options);
    const std::string near = nearestName(name, methodNames());
    return fail(ErrorCode::Usage, fmt::format("There is no method '{}'.", name), near.empty() ? fmt::format("Methods are {}.", fmt::join(methodNames(), ", ")) : fmt::format("Did you mean '{}'?", near));
}

}  // namespace driftscope::llm
