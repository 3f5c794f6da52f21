#include "core/base/atomic_file.h"
#include "core/cells/dynaclr/job_kinds.h"
#include "core/cells/dynaclr/viscy_config.h"
#include "core/job/job_context.h"

namespace driftscope::cells {
namespace {

using nlohmann::json;

/// Values out of range are found now rather than when the run starts.
Result<void> checkAgainst(const JobKind& kind, const json& params) {
    json given = params;
    for (const ParamSpec& spec : kind.params)  // what the file does not say may be said later
        if (!spec.optional && spec.fallback.is_null() && !given.contains(spec.name)) given[spec.name] = "later";
    DS_TRY(Params::make(kind.params, given));
    return {};
}

Result<json> importConfig(JobContext& job) {
    const std::string file = job.params().text("config");
    DS_ASSIGN(const json config, readLightningConfig(file));
    DS_ASSIGN(const ViscyImport import, importViscyConfig(config, job.params().text("kind"), file));
    DS_TRY(checkAgainst(import.kind == "cells.train" ? trainKind() : embedKind(), import.params));
    DS_TRY(writeFileAtomically(job.out("parameters.json"), import.params.dump(2) + "\n"));
    std::string text = fmt::format("{} as parameters of {}\n\n", file, import.kind);
    for (const std::string& note : import.notes) {
        text += "note  " + note + "\n";
        job.log(note);
    }
    json leftovers = json::array();
    for (const auto& left : import.leftovers) {
        text += fmt::format("left out  {} = {}  {}\n", left.field, left.value, left.why);
        job.warn(fmt::format("{} = {} is left out. {}", left.field, left.value, left.why));
        leftovers.push_back({{"field", left.field}, {"value", left.value}, {"why", left.why}});
    }
    DS_TRY(writeFileAtomically(job.out("report.txt"), text));
    return json{{"kind", import.kind}, {"parameters", "parameters.json"}, {"notes", import.notes}, {"left_out", leftovers}};
}

}  // namespace

JobKind importConfigKind() {
    return {"cells.import_config", "Import a VisCy configuration",
            "Translates a fit or predict YAML of VisCy into parameters.json for cells.train or cells.embed (driftscope-run KIND --config parameters.json), and lists every field without an equivalent.",
            {{.name = "config", .type = ParamType::Path, .help = "The YAML file; its 'base' files are read too."},
             {.name = "kind", .type = ParamType::Choice, .fallback = "auto", .help = "What it configures; auto takes embedding where there is an EmbeddingWriter.", .choices = {"auto", "cells.train", "cells.embed"}}},
            importConfig};
}

}  // namespace driftscope::cells
