// Documents per second of the neural topic models beside the same networks in python3-torch, on the same counts, batch
// sizes and optimiser. Usage: neural_topics_bench [epochs [corpus.tsv]]   (OMP_NUM_THREADS sets the peer's threads too)
#include <cstdio>
#include <cstdlib>
#include <filesystem>

#include "core/topics/data/corpus_folder.h"
#include "core/topics/data/preprocess.h"
#include "core/topics/job_kinds.h"
#include "core/topics/neural/neural_kinds.h"
#include "tests/bench/peer.h"

using namespace driftscope;
using namespace driftscope::topics;

int main(int argc, char** argv) {
    const std::int64_t epochs = argc > 1 ? std::max(1L, std::atol(argv[1])) : 5;
    const std::string file = argc > 2 ? argv[2] : DRIFTSCOPE_SOURCE_DIR "/tests/data/topics/M10/corpus.tsv";
    auto raw = readSource(file, {.format = "octis"});
    if (!raw) {
        std::fprintf(stderr, "%s\n", raw.error().text().c_str());
        return 1;
    }
    const Corpus corpus = preprocess(std::move(*raw), PreprocessRules::forPreparedText()).value().corpus;
    const std::filesystem::path folder = std::filesystem::temp_directory_path() / ("neural_topics_bench." + std::to_string(::getpid()));
    if (const auto written = writeCorpus(folder, corpus, {}, nlohmann::json::object()); !written) {
        std::fprintf(stderr, "%s\n", written.error().text().c_str());
        return 1;
    }
    std::printf("%zu documents, %zu words of %zu kinds, %ld epochs, 1 thread\n", corpus.documents(), corpus.tokens(), corpus.vocabulary.size(), static_cast<long>(epochs));
    const std::vector<TopicModelKind> models = neuralKinds();
    bench::Peer peer(DRIFTSCOPE_SOURCE_DIR "/tests/bench/neural_topics_peer.py");
    const std::vector<ParamSpec> specs = trainParams(models);
    for (const char* model : {"prodlda", "scholar", "dvae"}) {
        for (int round = 0; round < 2; ++round) {  // alternating, so that a disturbance hits both
            const nlohmann::json given{{"corpus", folder.string()}, {"model", model}, {"k", 50}, {"epochs", epochs}, {"measure_interval", epochs}};
            const TrainRequest request{Params::make(specs, given).value(), {}, {}, false, "cpu"};
            const auto ours = trainModel(models, corpus, request, {});
            if (!ours) {
                std::fprintf(stderr, "%s\n", ours.error().text().c_str());
                return 1;
            }
            const nlohmann::json theirs = peer.ask({{"corpus", (folder / "dtm.npz").string()}, {"model", model}, {"k", 50}, {"epochs", epochs}, {"threads", 1}});
            const nlohmann::json& record = ours->run.record;
            std::printf("%-8s driftscope %9.0f documents/s (reconstruction %8.3f)   python3-torch %9.0f documents/s (reconstruction %8.3f)   ratio %.2f\n", model, record["documents_per_second"].get<double>(),
                        record["reconstruction"].get<double>(), theirs["documents_per_second"].get<double>(), theirs["reconstruction"].get<double>(), record["documents_per_second"].get<double>() / theirs["documents_per_second"].get<double>());
            std::fflush(stdout);
        }
    }
    std::error_code ignored;
    std::filesystem::remove_all(folder, ignored);
    return 0;
}
