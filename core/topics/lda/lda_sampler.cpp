#include "core/topics/lda/lda_sampler.h"

#include <nlohmann/json.hpp>

#include "core/base/atomic_file.h"
#include "core/io/json_access.h"
#include "core/topics/lda/priors.h"

namespace driftscope::topics {

using nlohmann::json;

LdaSampler::LdaSampler(const Corpus& corpus, const LdaSettings& settings)
    : settings_(settings),
      priors_(LdaPriors::symmetric(settings.topics, settings.alphaSum, settings.beta, corpus.vocabulary.size())),
      words_(corpus.vocabulary.size()),
      tokens_(corpus.tokens()),
      documents_(corpus.documents()) {}

double LdaSampler::logLikelihoodPerToken() const {
    return logLikelihood(priors_, histograms(), words_) / static_cast<double>(tokens_);
}

bool LdaSampler::priorsAreDue() const {
    return settings_.optimizeInterval > 0 && iteration_ > settings_.burnIn && iteration_ % settings_.optimizeInterval == 0;
}

Result<void> LdaSampler::saveState(const std::filesystem::path& folder, const std::vector<std::pair<std::string, std::string>>& extra) const {
    DS_TRY(makeFolder(folder));
    json state{{"iteration", iteration_}, {"alpha", priors_.alpha}, {"alpha_sum", priors_.alphaSum}, {"beta", priors_.beta}, {"beta_sum", priors_.betaSum},
               {"topics", settings_.topics}, {"words", words_}, {"tokens", tokens_}, {"documents", documents_}, {"files", json::object()}};
    for (const auto& [name, bytes] : extra) {
        // The iteration is part of the name, so that a kill between two files leaves the old set whole.
        const std::string file = fmt::format("{}-{}.bin", name, iteration_);
        DS_TRY(writeFileAtomically(folder / file, bytes));
        state["files"][name] = file;
    }
    DS_TRY(writeFileAtomically(folder / "lda.json", state.dump()));
    std::error_code ignored;
    for (const auto& entry : std::filesystem::directory_iterator(folder, ignored)) {
        const std::string file = entry.path().filename().string();
        if (file.ends_with(".bin") && !file.ends_with(fmt::format("-{}.bin", iteration_))) std::filesystem::remove(entry.path(), ignored);
    }
    return {};
}

Result<std::vector<std::string>> LdaSampler::loadState(const std::filesystem::path& folder, const std::vector<std::string>& names) {
    const auto unfit = [&](const std::string& what) {
        return fail(ErrorCode::BadInput, fmt::format("The saved state {} does not fit: {}.", (folder / "lda.json").string(), what), "Continue with the corpus and the settings it was saved with.");
    };
    DS_ASSIGN(const json state, io::readJson(folder / "lda.json"));
    for (const auto& [name, own] : {std::pair{"topics", static_cast<std::size_t>(settings_.topics)}, {"words", words_}, {"tokens", tokens_}, {"documents", documents_}})
        if (const double saved = io::numberMember(state, name, -1); saved != static_cast<double>(own)) return unfit(fmt::format("{} {}, not {}", saved, name, own));
    try {
        iteration_ = state.at("iteration").get<std::int64_t>();
        priors_ = {state.at("alpha").get<std::vector<double>>(), state.at("alpha_sum").get<double>(), state.at("beta").get<double>(), state.at("beta_sum").get<double>()};
    } catch (const json::exception& error) {
        return unfit(error.what());
    }
    if (priors_.alpha.size() != static_cast<std::size_t>(settings_.topics)) return unfit("the prior has another length");
    std::vector<std::string> contents;
    for (const std::string& name : names) {
        const std::string file = io::textMember(io::objectMember(state, "files"), name);
        if (file.empty() || file.find('/') != std::string::npos) return unfit(fmt::format("it was saved in another mode (no '{}')", name));
        DS_ASSIGN(std::string bytes, readFile(folder / file));
        contents.push_back(std::move(bytes));
    }
    return contents;
}

Matrix documentTopics(const Corpus& corpus, const std::vector<std::uint32_t>& assignments, const LdaPriors& priors) {
    const std::size_t topics = priors.alpha.size();
    Matrix theta(corpus.documents(), topics);
    std::vector<std::uint32_t> counts(topics);
    for (std::size_t d = 0; d < corpus.documents(); ++d) {
        std::fill(counts.begin(), counts.end(), 0);
        for (std::size_t i = corpus.offsets[d]; i < corpus.offsets[d + 1]; ++i) ++counts[assignments[i]];
        const double total = static_cast<double>(corpus.offsets[d + 1] - corpus.offsets[d]) + priors.alphaSum;
        for (std::size_t k = 0; k < topics; ++k) theta(d, k) = static_cast<float>((counts[k] + priors.alpha[k]) / total);
    }
    return theta;
}

Matrix topicWords(const Corpus& corpus, const std::vector<std::uint32_t>& assignments, const LdaPriors& priors) {
    const std::size_t topics = priors.alpha.size();
    const std::size_t words = corpus.vocabulary.size();
    std::vector<std::uint32_t> counts(topics * words, 0);
    std::vector<std::uint64_t> totals(topics, 0);
    for (std::size_t i = 0; i < corpus.tokens(); ++i) {
        ++counts[assignments[i] * words + corpus.words[i]];
        ++totals[assignments[i]];
    }
    Matrix beta(topics, words);
    for (std::size_t k = 0; k < topics; ++k)
        for (std::size_t w = 0; w < words; ++w)
            beta(k, w) = static_cast<float>((counts[k * words + w] + priors.beta) / (static_cast<double>(totals[k]) + priors.beta * static_cast<double>(words)));
    return beta;
}

}  // namespace driftscope::topics
