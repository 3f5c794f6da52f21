#include "plugins/drift/pair_data.h"

#include <QFile>
#include <QObject>
#include <algorithm>
#include <cmath>
#include <limits>
#include <set>

namespace driftscope::drift {
Result<PairSide> PairSide::read(const QString& folder) {
    const std::filesystem::path path = QFile::encodeName(folder).toStdString();
    PairSide side;
    DS_ASSIGN(side.drift, LayerDriftTable::readSteps(path));
    DS_ASSIGN(side.answers, AnswerBook::read(path));
    return side;
}

PairMaps pairMaps(const LayerDriftTable& first, const LayerDriftTable& second, MetricId metric, const std::string& point) {
    std::set<std::int64_t> steps, layers;
    for (const LayerDriftTable* table : {&first, &second}) {
        for (const std::int64_t step : table->steps()) steps.insert(step);
        for (const std::int64_t layer : table->layers(point)) layers.insert(layer);
    }
    PairMaps maps;
    plot::MatrixPlot::Matrix blank{static_cast<int>(layers.size()), static_cast<int>(steps.size()), {}, {}, {}};
    for (const std::int64_t layer : layers) blank.rowNames << QString::number(layer);
    for (const std::int64_t step : steps) blank.columnNames << QString::number(step);
    maps.first = maps.second = maps.difference = blank;
    double low = std::numeric_limits<double>::infinity(), high = -low;
    for (const std::int64_t layer : layers)
        for (const std::int64_t step : steps) {
            const double a = first.value(metric, point, layer, step), b = second.value(metric, point, layer, step);
            maps.first.values.push_back(a);
            maps.second.values.push_back(b);
            maps.difference.values.push_back(b - a);
            for (const double value : {a, b})
                if (std::isfinite(value)) low = std::min(low, value), high = std::max(high, value);
        }
    if (low <= high) maps.low = low, maps.high = high;
    return maps;
}

QString verdictText(const AskedPrompt& prompt, const Answer& answer) {
    if (answer.incoherent.value_or(false)) return QObject::tr("incoherent");
    if (answer.refused.value_or(false)) return QObject::tr("refused");
    if (prompt.set == "harmful") return answer.harmful.value_or(false) ? QObject::tr("harmful") : QObject::tr("not harmful");
    if (answer.content) return *answer.content >= 1 ? QObject::tr("right") : QObject::tr("wrong");
    const auto trimmed = [](const std::string& text) { return QString::fromStdString(text).trimmed(); };
    return !prompt.output.empty() && trimmed(answer.text) == trimmed(prompt.output) ? QObject::tr("right") : QObject::tr("other");
}

QString PairAnswer::change() const {
    const QString before = verdictText(prompt, first), after = verdictText(prompt, second);
    return before == after ? QString() : QStringLiteral("%1 → %2").arg(before, after);
}

std::vector<PairAnswer> pairAnswers(const AnswerBook& first, std::int64_t firstStep, const AnswerBook& second, std::int64_t secondStep) {
    std::vector<PairAnswer> pairs;
    for (const AskedPrompt& prompt : first.prompts()) {
        const std::string key = promptKey(prompt.instruction, prompt.input);
        const Answer *a = first.find(key, firstStep), *b = second.find(key, secondStep);
        if (a && b) pairs.push_back({prompt, *a, *b});
    }
    std::stable_partition(pairs.begin(), pairs.end(), [](const PairAnswer& pair) { return !pair.change().isEmpty(); });
    return pairs;
}

llm::Course difference(const llm::Course& first, const llm::Course& second) {
    llm::Course out;
    for (const auto& [step, value] : first)
        if (const auto found = second.find(step); found != second.end()) out[step] = found->second - value;
    return out;
}

}  // namespace driftscope::drift
