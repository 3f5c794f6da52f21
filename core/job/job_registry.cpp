#include "core/job/job_registry.h"

#include <algorithm>
#include <stdexcept>

namespace driftscope {

nlohmann::json JobKind::describe() const {
    nlohmann::json list = nlohmann::json::array();
    for (const ParamSpec& spec : params) list.push_back(spec.toJson());
    return {{"name", name}, {"title", title}, {"help", help}, {"params", list}};
}

void JobRegistry::add(JobKind kind) {
    if (find(kind.name)) throw std::logic_error("job kind registered twice: " + kind.name);
    kinds_.push_back(std::move(kind));
}

const JobKind* JobRegistry::find(std::string_view name) const {
    const auto found = std::find_if(kinds_.begin(), kinds_.end(), [&](const JobKind& kind) { return kind.name == name; });
    return found == kinds_.end() ? nullptr : &*found;
}

}  // namespace driftscope
