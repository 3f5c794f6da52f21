#include "plugins/drift/inspected_run.h"

#include <QCryptographicHash>
#include <set>

#include "core/io/json_access.h"

namespace driftscope::drift {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

/// What made the run: its kind, the content of its inputs, and its parameters but for the paths of those inputs.
Result<std::string> identity(const fs::path& folder) {
    DS_ASSIGN(const json job, io::readJson(folder / "job.json"));
    json params = io::objectMember(job, "params"), inputs = json::object();
    for (const json& input : io::arrayMember(job, "inputs")) {
        const std::string param = io::textMember(input, "param");
        inputs[param].push_back(io::textMember(input, "hash"));
        params.erase(param);
    }
    const json whole{{"kind", io::textMember(job, "kind")}, {"inputs", inputs}, {"params", params}};
    const QByteArray hash = QCryptographicHash::hash(QByteArray::fromStdString(whole.dump()), QCryptographicHash::Sha256).toHex().left(12);
    return "drift-" + hash.toStdString();
}

}  // namespace

Result<std::shared_ptr<const InspectedRun>> InspectedRun::load(const DriftRun& run, const QString& measured) {
    auto out = std::make_shared<InspectedRun>();
    out->run_ = run;
    const fs::path folder = run.folder.toStdString();
    DS_ASSIGN(out->dataset_, identity(folder));
    DS_ASSIGN(out->own_, LayerDriftTable::readSteps(folder));
    DS_ASSIGN(out->answers_, AnswerBook::read(folder));
    for (const AskedPrompt& prompt : out->answers_.prompts()) out->asked_.push_back({prompt.instruction, prompt.input, prompt.output, promptKey(prompt.instruction, prompt.input), prompt.set, prompt.harmful});
    if (!measured.isEmpty()) {
        DS_ASSIGN(out->data_, DriftData::load(measured));
    }
    const std::vector<Sample>& samples = out->samples();
    for (std::uint32_t i = 0; i < samples.size(); ++i) out->sampleOf_.emplace(samples[i].key(), i);
    return out;
}

std::vector<std::int64_t> InspectedRun::steps() const {
    std::set<std::int64_t> all;
    for (const std::int64_t step : table().steps()) all.insert(step);
    if (all.empty())
        for (const std::int64_t step : answers_.steps()) all.insert(std::max<std::int64_t>(0, step));
    return {all.begin(), all.end()};
}

const Answer* InspectedRun::answerTo(const std::string& prompt, std::int64_t step) const {
    if (data_)
        if (const Answer* found = data_->answers().find(prompt, step)) return found;
    return answers_.find(prompt, step);
}

const Answer* InspectedRun::answer(std::uint32_t sample, std::int64_t step) const {
    return sample < samples().size() ? answerTo(samples()[sample].key(), step) : nullptr;
}

std::optional<std::uint32_t> InspectedRun::sampleOf(const std::string& prompt) const {
    const auto found = sampleOf_.find(prompt);
    return found == sampleOf_.end() ? std::nullopt : std::optional(found->second);
}

}  // namespace driftscope::drift
