#include "core/job/run_job.h"

#include <new>

#include "core/base/clock.h"
#include "core/base/fingerprint.h"

namespace driftscope {
namespace {

using nlohmann::json;

/// Content hashes of every path parameter that exists, so that a result names its inputs.
Result<json> fingerprintInputs(const JobKind& kind, const Params& params) {
    json inputs = json::array();
    for (const ParamSpec& spec : kind.params) {
        if (spec.type != ParamType::Path && spec.type != ParamType::PathList) continue;
        if (!params.isSet(spec.name)) continue;
        const auto paths = spec.type == ParamType::Path ? std::vector<std::string>{params.text(spec.name)} : params.texts(spec.name);
        for (const std::string& path : paths) {
            if (path.empty()) continue;
            auto print = fingerprintPath(path);
            if (!print) return tl::unexpected(std::move(print).error().during(fmt::format("parameter '{}'", spec.name)));
            inputs.push_back({{"param", spec.name}, {"path", path}, {"hash", *print}});
        }
    }
    return inputs;
}

Result<json> callKind(const JobKind& kind, JobContext& context) {
    try {
        return kind.run(context);
    } catch (const std::bad_alloc&) {
        return fail(ErrorCode::Internal, "The computer ran out of memory.", "Use smaller batches or close other programs; --help lists the parameters.");
    } catch (const std::exception& error) {
        return fail(ErrorCode::Internal, fmt::format("Unexpected failure in {}: {}", kind.name, error.what()),
                    "Please report this with the run folder.");
    }
}

const JobKind* findKind(const JobRegistry& registry, const std::string& wanted, Error& error) {
    if (const JobKind* kind = registry.find(wanted)) return kind;
    std::vector<std::string> names;
    for (const JobKind& kind : registry.kinds()) names.push_back(kind.name);
    const std::string near = nearestName(wanted, names);
    error = {ErrorCode::Usage, fmt::format("There is no job kind '{}'.", wanted),
             near.empty() ? "--help lists the kinds." : fmt::format("Did you mean '{}'?", near), {}};
    return nullptr;
}

}  // namespace

Result<json> runJob(const JobRegistry& registry, const JobRequest& request, std::stop_token stop, JobContext::Listener listener) {
    Error unknown;
    const JobKind* kind = findKind(registry, request.kind, unknown);
    if (!kind) return tl::unexpected(unknown);
    DS_ASSIGN(Params params, Params::make(kind->params, request.params));
    DS_ASSIGN(json inputs, fingerprintInputs(*kind, params));
    json job{{"kind", kind->name}, {"params", params.values()}, {"inputs", inputs}, {"device", request.device},
             {"created", isoTime(now())}, {"versions", {{"driftscope", DRIFTSCOPE_VERSION}, {"compiler", __VERSION__}}}};
    DS_ASSIGN(RunFolder folder, RunFolder::prepare(request.out, kind->name, job, request.overwrite));
    JobContext context(std::move(params), std::move(folder), request.device, job, std::move(stop), std::move(listener));
    Result<json> result = callKind(*kind, context);
    if (result)
        context.finish(RunState::Done, *result, nullptr);
    else
        context.finish(result.error().code == ErrorCode::Cancelled ? RunState::Cancelled : RunState::Failed, json::object(), &result.error());
    return result;
}

}  // namespace driftscope
