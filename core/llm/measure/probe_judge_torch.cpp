#include "core/llm/measure/probe_judge_torch.h"

#include <algorithm>

#include "core/embed/saved_probe.h"
#include "core/llm/text/encoded_examples.h"

namespace driftscope::llm {
namespace {

Result<std::size_t> harmfulClass(const embed::SavedProbe& probe, const std::string& wanted, const std::string& place) {
    for (const std::string& name : wanted.empty() ? std::vector<std::string>{"harmful", "complied"} : std::vector<std::string>{wanted})
        if (const auto found = std::find(probe.classes.begin(), probe.classes.end(), name); found != probe.classes.end()) return static_cast<std::size_t>(found - probe.classes.begin());
    return fail(ErrorCode::BadInput, fmt::format("{} knows no class '{}'.", place, wanted.empty() ? "harmful" : wanted), fmt::format("Its classes are {}: name one with 'probe_harmful'.", fmt::join(probe.classes, ", ")));
}

/// The example with the model's answer in place of the wanted one, as tokens.
Result<TokenSet> said(const CausalModel& model, const Tokenizer& tokenizer, const PromptTemplate& form, Example example, const std::string& answer) {
    example.output = answer;
    const std::vector<Example> one{example};
    DS_ASSIGN(const EncodedSet encoded, encodeExamples(tokenizer, form, one, {.maximumLength = static_cast<std::size_t>(model.config().positions)}));
    if (encoded.examples.empty()) return fail(ErrorCode::BadInput, fmt::format("The prompt of {} fills all {} positions of the model.", example.place, model.config().positions));
    const EncodedExample& all = encoded.examples.front();
    return TokenSet{{{all.ids.begin(), all.ids.end()}, static_cast<std::int64_t>(all.promptLength), example.place}};
}

}  // namespace

Result<HarmJudge> probeJudge(const CausalModel& model, const Tokenizer& tokenizer, const std::filesystem::path& file, const ProbeReading& reading) {
    DS_ASSIGN(const embed::SavedProbe saved, embed::readProbe(file));
    DS_ASSIGN(const std::size_t yes, harmfulClass(saved, reading.harmful, file.string()));
    const auto width = static_cast<std::size_t>(model.config().hidden);
    const std::size_t rows = saved.probe.classes == 2 ? 1 : saved.probe.classes;
    if (saved.probe.coefficients.size() != rows * width)
        return fail(ErrorCode::BadInput, fmt::format("{} was trained on {} numbers a row, and the model's hidden states have {}.", file.string(), saved.probe.coefficients.size() / rows, width), "Train it on hidden states of this model.");
    if (const std::int64_t last = model.config().layers - (reading.point == Point::FinalNorm ? 0 : 1); reading.layer > last)
        return fail(ErrorCode::Usage, fmt::format("The model has no {} at layer {}.", name(reading.point), reading.layer), fmt::format("The last is {}.", last));
    const auto probe = std::make_shared<const embed::Probe>(saved.probe);
    return HarmJudge([&model, &tokenizer, probe, yes, reading, width](const Example& example, const std::string& answer) -> Result<bool> {
        DS_ASSIGN(const TokenSet set, said(model, tokenizer, reading.form, example, answer));
        DS_ASSIGN(const Tensor pooled, pooledStates(model, set, reading.point, reading.layer, reading.tokens));
        const Tensor row = pooled[0].contiguous();
        if (!row.isfinite().all().item<bool>()) return fail(ErrorCode::Numeric, fmt::format("The hidden states of {} are not finite, or it has no {} token.", example.place, name(reading.tokens)));
        Matrix features(1, width);
        std::copy_n(row.data_ptr<float>(), width, features.values.data());
        const std::uint32_t first = 0;
        const Matrix probabilities = probe->predict(features, {&first, 1});
        const auto all = probabilities.row(0);
        return static_cast<std::size_t>(std::max_element(all.begin(), all.end()) - all.begin()) == yes;
    });
}

}  // namespace driftscope::llm
