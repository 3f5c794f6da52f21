#include "plugins/cells/analysis_specs.h"

#include <QCoreApplication>
#include <algorithm>

#include "plugins/cells/label_model.h"

namespace driftscope::cells {
namespace {

QString tr(const char* text) {
    return QCoreApplication::translate("driftscope::cells::Analysis", text);
}

bool oneOf(const std::string& name, std::initializer_list<const char*> names) {
    return std::ranges::any_of(names, [&](const char* one) { return name == one; });
}

/// Columns of the table with a few names, or with numbers.
std::vector<std::string> columnsOf(const CellsData& data, bool numbers) {
    std::vector<std::string> out;
    for (const std::string& name : data.table().columnNames()) {
        const Column& column = *data.table().column(name);
        if (numbers ? isNumeric(column) : std::holds_alternative<Categorical>(column)) out.push_back(name);
    }
    return out;
}

void makeChoice(ParamSpec& spec, std::vector<std::string> choices) {
    if (choices.empty()) return;  // the text stays editable
    spec.type = ParamType::Choice;
    const bool known = spec.fallback.is_string() && std::ranges::find(choices, spec.fallback.get<std::string>()) != choices.end();
    if (!known) {
        spec.optional = spec.optional || !spec.fallback.is_null();
        spec.fallback = nullptr;
    }
    spec.choices = std::move(choices);
}

std::vector<std::string> classesOf(const LabelModel& labels) {
    std::vector<std::string> out;
    if (const LabelSchema* schema = labels.schema())
        for (const LabelClass& one : schema->classes) out.push_back(one.name);
    return out;
}

std::vector<std::string> featuresOf(const CellsData& data) {
    std::vector<std::string> out{"X"};
    for (const std::string& name : data.table().matrixNames()) out.push_back(name);
    return out;
}

}  // namespace

const std::vector<Analysis>& analyses() {
    static const std::vector<Analysis> list{
        {QStringLiteral("embed.cluster"), tr("Clusters"), tr("Which groups of cells are there? Leiden or DBSCAN, as colours of the map")},
        {QStringLiteral("embed.project"), tr("Another map"), tr("PCA, UMAP or PHATE of the embedding")},
        {QStringLiteral("cells.msd"), tr("Displacement by lag"), tr("How far do cells move in a given time, through the embedding and through space?")},
        {QStringLiteral("cells.smoothness"), tr("Smoothness"), tr("How smoothly do cells move through the embedding, and how far does it reach?")},
        {QStringLiteral("cells.ranks"), tr("Neighbour ranks"), tr("Is a cell still its own nearest neighbour some frames later?")},
        {QStringLiteral("cells.align"), tr("Align at an event"), tr("Brings cells that respond at different times onto one axis, with their states over time")},
        {QStringLiteral("cells.response"), tr("Response over time"), tr("When do groups of cells respond to an event, how strongly and for how long?")},
        {QStringLiteral("cells.mmd"), tr("Compare groups (MMD)"), tr("Do conditions differ in the embedding?")},
        {QStringLiteral("cells.features"), tr("Measured features"), tr("What do the principal components mean: shape, intensity, texture, motion?")},
        {QStringLiteral("cells.stitch"), tr("Stitch broken tracks"), tr("Which tracks are pieces of one cell?")},
        {QString(), tr("Lineage tree"), tr("The family of the chosen cell with its states")}};
    return list;
}

QJsonObject fixedValues(const AnalysisInput& input) {
    const CellsPaths& paths = input.data.paths();
    return {{QStringLiteral("table"), QString::fromStdString(paths.table)},
            {QStringLiteral("images"), QString::fromStdString(paths.images)},
            {QStringLiteral("tracks"), QString::fromStdString(paths.tracks)},
            {QStringLiteral("labels"), input.labelsFile},
            {QStringLiteral("dataset"), input.dataset}};
}

std::vector<ParamSpec> fittedSpecs(std::vector<ParamSpec> specs, const AnalysisInput& input) {
    const QJsonObject fixed = fixedValues(input);
    const bool labelled = std::ranges::any_of(specs, [](const ParamSpec& one) { return one.name == "labels"; });
    const LabelSchema* schema = input.labels.schema();
    for (ParamSpec& spec : specs) {
        // What is known is the default here, so that it needs no attention.
        if (const QString value = fixed[QString::fromStdString(spec.name)].toString(); !value.isEmpty()) spec.fallback = value.toStdString();
        if (fixed.contains(QString::fromStdString(spec.name)) || oneOf(spec.name, {"threads", "fovs", "metric"})) spec.advanced = true;
        if (spec.name == "features") makeChoice(spec, featuresOf(input.data));
        if (oneOf(spec.name, {"group", "within", "compare"})) makeChoice(spec, columnsOf(input.data, false));
        if (oneOf(spec.name, {"signal_column", "time_column"})) makeChoice(spec, columnsOf(input.data, true));
        if (spec.name == "column" && labelled) {
            std::vector<std::string> schemas;
            for (const LabelSchema& one : input.labels.schemas()) schemas.push_back(one.name);
            if (schema) spec.fallback = schema->name;
            makeChoice(spec, std::move(schemas));
        }
        // Of two states the second one is what happens: mitosis, infected, dead.
        if (spec.name == "event" && schema && schema->classes.size() > 1) spec.fallback = schema->classes[1].name;
        if (oneOf(spec.name, {"event", "state"})) makeChoice(spec, classesOf(input.labels));
    }
    return specs;
}

}  // namespace driftscope::cells
