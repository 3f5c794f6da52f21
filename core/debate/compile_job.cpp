#include "core/base/atomic_file.h"
#include "core/debate/bisection.h"
#include "core/debate/job_kinds.h"
#include "core/debate/play.h"
#include "core/debate/report.h"
#include "core/debate/witness.h"
#include "core/io/csv.h"
#include "core/job/job_context.h"

namespace driftscope::debate {
namespace {

using nlohmann::json;
constexpr std::size_t kMostRows = 200'000;  ///< of bernoulli.csv

std::string number(double value) {
    return fmt::format("{:.17g}", value);
}

/// The Lean form: at every step, and in every state that the answers before can lead to, one Bernoulli.
Result<void> writeBernoulli(JobContext& job, const Arena& arena) {
    if (!arena.graph || arena.graph->states() > kMostRows) {
        job.warn(arena.graph ? fmt::format("bernoulli.csv is not written: {} states are too many to read.", arena.graph->states()) : "bernoulli.csv is not written: " + arena.graphProblem);
        return {};
    }
    io::CsvTable csv{{"step", "state", "question", "asked", "probability", "next_if_no", "next_if_yes"}, {}};
    for (std::int64_t step = 0; step < arena.graph->steps(); ++step)
        for (std::size_t i = 0; i < arena.graph->level(step).size(); ++i) {
            const StateGraph::Node& node = arena.graph->level(step)[i];
            csv.rows.push_back({fmt::to_string(step), fmt::to_string(i), arena.setup.machine->question(step), node.asked ? "yes" : "no", number(node.probability), fmt::to_string(node.no), fmt::to_string(node.yes)});
        }
    return io::writeCsv(job.out("bernoulli.csv"), csv);
}

/// The form for bisection: the configurations C_0 … C_T of the likelier answers.
Result<void> writeConfigurations(JobContext& job, const Machine& machine) {
    const std::vector<Configuration> run = trace(machine, likelierAnswers(machine));
    io::CsvTable csv{{"step", "question", "answer", "configuration"}, {}};
    csv.rows.push_back({"0", "", "", configurationText(run.front())});
    for (std::int64_t step = 0; step < machine.steps(); ++step) {
        const Configuration& after = run[static_cast<std::size_t>(step) + 1];
        csv.rows.push_back({fmt::to_string(step + 1), machine.question(step), after.answer ? "yes" : "no", configurationText(after)});
    }
    return io::writeCsv(job.out("configurations.csv"), csv);
}

/// What a person is to answer: oracle=person reads this file back.
Result<void> writeQuestions(JobContext& job, const Machine& machine) {
    io::CsvTable csv{{"question", "answer"}, {}};
    for (std::int64_t step = 0; step < machine.steps(); ++step)
        if (machine.questionNumber(step) >= 0) csv.rows.push_back({machine.question(step), ""});
    return io::writeCsv(job.out("questions.csv"), csv);
}

Result<json> run(JobContext& job) {
    DS_ASSIGN(const json asked, readComputationParam(job.params()));
    DS_ASSIGN(const Published published, publish(asked, job.params(), false, job.stopToken()));
    json values = job.params().values();
    if (!published.bits.empty()) values["witness_bits"] = published.bits;
    DS_ASSIGN(const Params params, Params::make(compileKind().params, values));
    DS_ASSIGN(const std::shared_ptr<const Arena> arena, Arena::make(published.computation, params, job.stopToken()));
    const Machine& machine = *arena->setup.machine;
    DS_TRY(writeFileAtomically(job.out("computation.json"), machine.toJson().dump(2) + "\n"));
    DS_TRY(writeBernoulli(job, *arena));
    DS_TRY(writeConfigurations(job, machine));
    DS_TRY(writeQuestions(job, machine));
    json result = describeMachine(*arena);
    result["outside_promise"] = arena->outside;
    DS_TRY(writeFileAtomically(job.out("result.json"), result.dump(2) + "\n"));
    return result;
}

}  // namespace

JobKind compileKind() {
    std::vector<ParamSpec> specs = setupParams();
    const std::vector<ParamSpec> witness = witnessParams();
    specs.insert(specs.end(), witness.begin(), witness.end());
    return {"debate.compile", "Compile a computation",
            "Reads a computation and writes it in the forms that debates use: computation.json with everything filled in, bernoulli.csv (a Bernoulli per step and state), configurations.csv (the steps "
            "that a bisection halves), questions.csv for a person to answer, and T, S, l, P(accept) and the Lipschitz constants.",
            std::move(specs), run};
}

}  // namespace driftscope::debate
