#include "core/cells/dynaclr/patch_source.h"

namespace driftscope::cells {
namespace {

using nlohmann::json;

constexpr const char* kVisCy = "VisCy";

/// The recipe under its parameter names.
json valuesOf(const PatchRecipe& recipe) {
    return {{"channels", recipe.channels},     {"z_range", recipe.zRange},         {"z_reduction", recipe.zReduction},
            {"patch", recipe.patch},           {"normalise", recipe.normalise},    {"statistics", recipe.level},
            {"grid", recipe.grid},             {"stored_statistics", recipe.storedStatistics},
            {"percentiles", {recipe.lowPercentile, recipe.highPercentile}},        {"percentile_scope", recipe.percentilesPerBatch ? "batch" : "cell"},
            {"border", recipe.border},         {"border_shift", recipe.maxShift},   {"pixel_size", recipe.pixelSize}};
}

}  // namespace

json PatchRecipe::toJson() const {
    return valuesOf(*this);
}

std::vector<ParamSpec> PatchRecipe::params(bool fromWeights) {
    std::vector<ParamSpec> specs{
        {.name = "patch", .type = ParamType::Int, .help = "Side of the square around a cell that the network sees.", .unit = "px", .minimum = 4, .maximum = 4096},
        {.name = "channels", .type = ParamType::TextList, .help = "Channel names or numbers, in the order of the network's inputs; empty takes all."},
        {.name = "z_range", .type = ParamType::IntList, .help = "First slice and the one after the last; empty takes all.", .advanced = true},
        {.name = "z_reduction", .type = ParamType::Choice, .help = "What becomes of the slices: all, maximum projection, or by channel (centre slice of label-free ones, maximum of the others).", .choices = {"none", "max", "channel"}, .source = kVisCy, .advanced = true},
        {.name = "normalise", .type = ParamType::TextList, .help = "zscore, median (and interquartile range), percentile or none; one for all channels or one per channel.", .source = kVisCy},
        {.name = "statistics", .type = ParamType::Choice, .help = "Pixels over which zscore and median are taken.", .choices = {"fov", "dataset", "timepoint"}, .source = kVisCy, .advanced = true},
        {.name = "grid", .type = ParamType::Int, .help = "Every how many pixels the statistics look; 0 takes 32, or finer for small images.", .unit = "px", .minimum = 0, .maximum = 1024, .source = kVisCy, .advanced = true},
        {.name = "stored_statistics", .type = ParamType::Bool, .help = "Use the statistics stored in the plate where there are some.", .advanced = true},
        {.name = "percentiles", .type = ParamType::RealList, .help = "The two percentiles that become 0 and 1.", .unit = "%", .minimum = 0, .maximum = 100, .source = kVisCy, .advanced = true},
        {.name = "percentile_scope", .type = ParamType::Choice, .help = "Percentiles of each cell, or of a whole batch in file order (what VisCy 0.4 does: a cell's result then depends on its neighbours in the file).", .choices = {"cell", "batch"}, .advanced = true},
        {.name = "border", .type = ParamType::Choice, .help = "Cells near the edge: drop them, clamp the patch inside the image, or pad by mirroring.", .choices = {"drop", "clamp", "pad"}},
        {.name = "border_shift", .type = ParamType::Real, .help = "How far clamp may move a patch, as a share of its side; cells beyond are dropped. VisCy uses 0.25.", .minimum = 0, .maximum = 1, .advanced = true},
        {.name = "pixel_size", .type = ParamType::Real, .help = "Rescale images to this pixel size, so that cells of all magnifications look alike; 0 takes pixels as they are. VisCy's reference is 0.1494.", .unit = "um", .minimum = 0, .maximum = 1000, .source = kVisCy, .advanced = true}};
    const json defaults = valuesOf({});
    for (ParamSpec& spec : specs) {
        if (fromWeights)
            spec.optional = true;
        else
            spec.fallback = defaults.at(spec.name);
    }
    return specs;
}

Result<PatchRecipe> PatchRecipe::make(const Params& params, const json& base) {
    json values = valuesOf({});
    for (auto& item : values.items()) {
        if (base.is_object() && base.contains(item.key())) item.value() = base[item.key()];
        if (params.isSet(item.key())) item.value() = params.values().at(item.key());
    }
    try {
        PatchRecipe recipe;
        values.at("channels").get_to(recipe.channels);
        values.at("z_range").get_to(recipe.zRange);
        values.at("z_reduction").get_to(recipe.zReduction);
        values.at("patch").get_to(recipe.patch);
        values.at("normalise").get_to(recipe.normalise);
        values.at("statistics").get_to(recipe.level);
        values.at("grid").get_to(recipe.grid);
        values.at("stored_statistics").get_to(recipe.storedStatistics);
        values.at("border").get_to(recipe.border);
        values.at("border_shift").get_to(recipe.maxShift);
        values.at("pixel_size").get_to(recipe.pixelSize);
        recipe.percentilesPerBatch = values.at("percentile_scope") == "batch";
        const auto percentiles = values.at("percentiles").get<std::vector<double>>();
        if (percentiles.size() != 2 || percentiles[0] >= percentiles[1])
            return fail(ErrorCode::Usage, "'percentiles' needs two numbers, the lower first.");
        recipe.lowPercentile = percentiles[0];
        recipe.highPercentile = percentiles[1];
        return recipe;
    } catch (const json::exception& error) {
        return fail(ErrorCode::BadInput, fmt::format("The preprocessing in config.json cannot be read: {}", error.what()), "Give the values as parameters, or repair the file.");
    }
}

}  // namespace driftscope::cells
