#include "core/debate/oracle_choice.h"

#include "core/debate/model_oracle.h"
#include "core/embed/saved_probe.h"
#include "core/io/h5ad.h"

namespace driftscope::debate {
namespace {

tl::unexpected<Error> missing(const char* oracle, const char* what) {
    return fail(ErrorCode::Usage, fmt::format("oracle={} needs {}.", oracle, what), fmt::format("Add --set {}=….", what));
}

Result<std::unique_ptr<RowJudge>> judgeOf(const Params& params, std::shared_ptr<const EmbeddingTable> table, const std::string& yes) {
    if (params.isSet("probe") == params.isSet("scores"))
        return fail(ErrorCode::Usage, params.isSet("probe") ? "Both a probe and scores are given." : "oracle=model needs a probe, or scores in the table.",
                    "Give one of --set probe=probe.json and --set scores=COLUMN.");
    if (params.isSet("scores")) return scoreJudge(std::move(table), params.text("scores"), yes);
    DS_ASSIGN(embed::SavedProbe probe, embed::readProbe(params.text("probe")));
    auto judge = embed::probeJudge(std::move(probe), std::move(table), yes);
    if (!judge) return tl::unexpected(std::move(judge).error().during(fmt::format("probe {}", params.text("probe"))));
    return judge;
}

Result<std::shared_ptr<Oracle>> model(const Params& params, const nlohmann::json& computation) {
    if (!params.isSet("table")) return missing("model", "table");
    auto table = std::make_shared<EmbeddingTable>();
    DS_ASSIGN(*table, io::readH5ad(params.text("table")));
    const std::string yes = params.isSet("yes") ? params.text("yes") : computation.is_object() ? computation.value("yes", "") : "";
    DS_ASSIGN(auto judge, judgeOf(params, table, yes));
    const std::string repeat = params.text("repeat");
    ModelOptions options;
    options.repeat = repeat == "neighbours" ? Repeat::Neighbours : repeat == "verdict" ? Repeat::Verdict : Repeat::Probability;
    options.radius = params.integer("radius");
    options.entityColumns = params.texts("entity");
    options.stepColumn = params.text("step_column");
    return modelOracle(std::move(table), std::move(judge), std::move(options));
}

}  // namespace

std::vector<ParamSpec> oracleParams() {
    return {{.name = "oracle", .type = ParamType::Choice, .fallback = "stated",
             .help = "Who answers: the probabilities that the computation states, one constant, a table of probabilities, a model on rows of an embedding table, or a person's recorded answers.",
             .choices = {"stated", "constant", "table", "model", "person"}},
            {.name = "probability", .type = ParamType::Real, .help = "oracle=constant: probability of yes.", .minimum = 0, .maximum = 1, .optional = true, .advanced = true},
            {.name = "answers", .type = ParamType::Path, .help = "CSV with the columns question and answer (oracle=person: yes or no, one row per answer given) or question and probability (oracle=table).", .optional = true, .advanced = true},
            {.name = "table", .type = ParamType::Path, .help = "oracle=model: embedding table (.h5ad) whose rows the questions are about.", .optional = true, .advanced = true},
            {.name = "probe", .type = ParamType::Path, .help = "oracle=model: probe.json of label.probe.", .optional = true, .advanced = true},
            {.name = "scores", .type = ParamType::Text, .help = "oracle=model: instead of a probe, a column of obs or a matrix of obsm that holds a model's probabilities.", .optional = true, .advanced = true},
            {.name = "yes", .type = ParamType::Text, .help = "oracle=model: the class that counts as yes; the computation may name it too.", .optional = true, .advanced = true},
            {.name = "rows", .type = ParamType::TextList, .fallback = nlohmann::json::array(), .help = "computation=majority: rows of the table, by number or name, one per vote.", .advanced = true},
            {.name = "repeat", .type = ParamType::Choice, .fallback = "probability",
             .help = "What a repeated answer of a deterministic model is: drawn with its probability, its verdict on neighbouring steps of the same entity, or always its verdict.",
             .choices = {"probability", "neighbours", "verdict"}, .advanced = true},
            {.name = "radius", .type = ParamType::Int, .fallback = 2, .help = "repeat=neighbours: steps either side.", .unit = "steps", .minimum = 1, .maximum = 1000, .advanced = true},
            {.name = "entity", .type = ParamType::TextList, .fallback = {"fov_name", "track_id"}, .help = "repeat=neighbours: columns that make an entity of the table.", .advanced = true},
            {.name = "step_column", .type = ParamType::Text, .fallback = "t", .help = "repeat=neighbours: column of the steps.", .advanced = true},
            {.name = "pairs", .type = ParamType::Int, .fallback = 1000, .help = "Pairs of answers that estimate the oracle's repeatability; they are not part of the budget.", .unit = "pairs", .minimum = 0, .maximum = 1e7, .advanced = true}};
}

Result<std::shared_ptr<Oracle>> makeOracle(const Params& params, const nlohmann::json& computation) {
    const std::string choice = params.text("oracle");
    if (choice == "constant") {
        if (!params.isSet("probability")) return missing("constant", "probability");
        return constantOracle(params.real("probability"));
    }
    if (choice == "model") return model(params, computation);
    if (choice == "stated") return nullptr;
    if (!params.isSet("answers")) return missing(choice.c_str(), "answers");
    return choice == "table" ? tableOracle(params.text("answers")) : personOracle(params.text("answers"));
}

}  // namespace driftscope::debate
