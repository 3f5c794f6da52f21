#include "core/base/atomic_file.h"
#include "core/debate/job_kinds.h"
#include "core/debate/transcript.h"
#include "core/job/job_context.h"

namespace driftscope::debate {
namespace {

using nlohmann::json;

Result<void> write(JobContext& job, const json& document) {
    DS_TRY(writeFileAtomically(job.out("transcript.json"), document.dump(2) + "\n"));
    DS_TRY(writeFileAtomically(job.out("transcript.csv"), transcriptCsv(document)));
    DS_TRY(writeFileAtomically(job.out("transcript.md"), transcriptMarkdown(document)));
    return writeFileAtomically(job.out("meters.json"), document["meters"].dump(2) + "\n");
}

json resultOf(const json& document) {
    json result{{"winner", document["winner"]}, {"rounds", document["spent"].size()}, {"meters", document["meters"]}, {"files", {"transcript.json", "transcript.csv", "transcript.md", "meters.json"}}};
    for (const char* field : {"disputed_step", "named_step", "copies_differ", "true_outcome", "unfinished", "witness", "outside_promise"})
        if (document.contains(field)) result[field] = document[field];
    if (document.contains("oracle")) {
        result["oracle"] = {{"repeatability", document["oracle"]["repeatability"]}};
        for (const char* field : {"kind", "asks", "an_answer_is", "calls_of_this_game", "model_evaluations"})
            if (document["oracle"].contains(field)) result["oracle"][field] = document["oracle"][field];
    }
    return result;
}

void warn(JobContext& job, const PlayedGame& game) {
    if (const auto shortage = game.play->shortage()) job.warn(shortage->text(game.arena->setup.sampling.budget));
    for (const json& reason : game.document.value("outside_promise", json::array())) job.warn("Outside the promise: " + reason.get<std::string>());
}

Result<json> replay(JobContext& job) {
    const std::string file = job.params().text("replay");
    DS_ASSIGN(const std::string text, readFile(file));
    const json recorded = json::parse(text, nullptr, false);
    if (recorded.is_discarded()) return fail(ErrorCode::BadInput, fmt::format("{} is not JSON.", file), "Use the transcript.json that debate.play wrote.");
    auto game = replayTranscript(recorded, job.stopToken());
    if (!game) return tl::unexpected(std::move(game).error().during(fmt::format("replaying {}", file)));
    DS_TRY(write(job, game->document));
    if (const auto mismatch = firstMismatch(recorded, game->document))
        return fail(ErrorCode::BadInput, fmt::format("{} does not replay. First difference at {}.", file, mismatch->text()),
                    "The transcript was changed, or a file that its oracle reads was; the run's transcript.json holds what playing again gives.");
    json result = resultOf(game->document);
    result["replayed"] = file;
    result["identical"] = true;
    return result;
}

Result<json> run(JobContext& job) {
    if (job.params().isSet("replay")) return replay(job);
    if (!job.params().isSet("computation")) return fail(ErrorCode::Usage, "Parameter 'computation' is required.", "Add --set computation=…, or --set replay=transcript.json.");
    DS_ASSIGN(const json computation, readComputationParam(job.params()));
    json values = job.params().values();
    values.erase("replay");
    DS_ASSIGN(const Params params, Params::make(playParams(), values));
    DS_ASSIGN(const PlayedGame game, playGame(computation, params, {}, {}, job.stopToken()));
    DS_TRY(write(job, game.document));
    warn(job, game);
    return resultOf(game.document);
}

}  // namespace

JobKind playKind() {
    std::vector<ParamSpec> specs = playParams();
    specs.front().optional = true;  // computation, when a transcript is replayed
    specs.push_back({.name = "replay", .type = ParamType::Path, .help = "A transcript.json to play again instead; fails with the place of the first difference.", .optional = true, .advanced = true});
    return {"debate.play", "Play one debate",
            "Plays one debate and writes transcript.json, transcript.csv, transcript.md and meters.json: the stochastic protocol (Theorem 6.2), deterministic bisection (5.1), "
            "cross-examination (5.3), each also after a published witness.",
            std::move(specs), run};
}

}  // namespace driftscope::debate
