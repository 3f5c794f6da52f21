// Tokens per second, likelihood and coherence of the LDA samplers. Usage: topics_bench [iterations [corpus.tsv]]
// Corpus: OCTIS's M10 (49,385 tokens), or the file named, and the same repeated four times. The compatible rows follow
// MALLET's sampler draw for draw in C++; gensim's LdaModel is variational, not Gibbs, and is no like-for-like peer.
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "core/topics/data/preprocess.h"
#include "core/topics/data/topic_run.h"
#include "core/topics/lda/lda_sampler.h"
#include "core/topics/measure/coherence.h"
#include "tests/bench/peer.h"

using namespace driftscope;
using namespace driftscope::topics;

namespace {

double seconds() {
    return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

Corpus repeated(const Corpus& corpus, int times) {
    std::vector<std::uint32_t> which;
    for (int i = 0; i < times; ++i)
        for (std::uint32_t d = 0; d < corpus.documents(); ++d) which.push_back(d);
    return selectDocuments(corpus, which);
}

double npmi(const Corpus& corpus, const LdaSampler& sampler) {
    std::vector<std::vector<std::string>> words;
    for (const auto& topic : topWords(topicWords(corpus, sampler.assignments(), sampler.priors()), 10)) {
        words.emplace_back();
        for (const std::uint32_t word : topic) words.back().push_back(corpus.vocabulary[word]);
    }
    const auto scored = coherence(words, corpus, {});
    return scored ? scored->mean : 0;
}

void measure(const char* name, const Corpus& corpus, const LdaSettings& settings, bool compatible) {
    auto made = compatible ? makeCompatibleSampler(corpus, settings) : makeFastSampler(corpus, settings);
    if (!made) {
        std::fprintf(stderr, "%s\n", made.error().text().c_str());
        std::exit(1);
    }
    LdaSampler& sampler = **made;
    const double begun = seconds();
    for (std::int64_t i = 0; i < settings.iterations; ++i) sampler.sweep();
    const double took = seconds() - begun;
    const double pace = static_cast<double>(corpus.tokens()) * static_cast<double>(settings.iterations) / took / 1e6;
    std::printf("%-12s %8zu tokens  K %3ld  threads %ld  %8.2f s  %6.2f Mtok/s  LL/token %8.4f  NPMI %.4f\n", name, corpus.tokens(), static_cast<long>(settings.topics),
                static_cast<long>(settings.threads), took, pace, sampler.logLikelihoodPerToken(), npmi(corpus, sampler));
    std::fflush(stdout);
}

void gensim(const std::string& file) {
    bench::Peer peer(DRIFTSCOPE_SOURCE_DIR "/tests/bench/topics_peer.py");
    const nlohmann::json answer = peer.ask({{"corpus", file}, {"k", 50}, {"passes", 5}});
    std::printf("gensim       LdaModel (variational, not Gibbs), K 50, 5 passes: %.2f s, %.2f Mtok/s\n", answer["seconds"].get<double>(), answer["mtok_s"].get<double>());
}

}  // namespace

int main(int argc, char** argv) {
    const std::int64_t iterations = argc > 1 ? std::max(1L, std::atol(argv[1])) : 1000;
    const std::string file = argc > 2 ? argv[2] : DRIFTSCOPE_SOURCE_DIR "/tests/data/topics/M10/corpus.tsv";
    auto raw = readSource(file, {.format = "octis"});
    if (!raw) {
        std::fprintf(stderr, "%s\n", raw.error().text().c_str());
        return 1;
    }
    const Corpus corpus = preprocess(std::move(*raw), PreprocessRules::forPreparedText()).value().corpus;
    for (const int times : {1, 4}) {
        const Corpus part = repeated(corpus, times);
        for (const std::int64_t k : {50, 200, 400}) {
            measure("compatible", part, {.topics = k, .iterations = iterations}, true);
            measure("fast, P=1", part, {.topics = k, .iterations = iterations, .partitions = 1}, false);
            for (const std::int64_t threads : {1, 2}) measure("fast, P=4", part, {.topics = k, .iterations = iterations, .threads = threads}, false);
        }
    }
    gensim(file);
    return 0;
}
