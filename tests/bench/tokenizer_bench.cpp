// Times tokenizing. Usage: tokenizer_bench TOKENIZER TEXTS.json; run by tokenizer_bench.py beside Debian's sentencepiece.
// TEXTS.json is a list of texts. Prints one line of JSON.
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <nlohmann/json.hpp>

#include "core/io/json_access.h"
#include "core/llm/text/tokenizer.h"

namespace {

using namespace driftscope;
using namespace driftscope::llm;
using Clock = std::chrono::steady_clock;

double seconds(Clock::time_point start) {
    return std::chrono::duration<double>(Clock::now() - start).count();
}

/// The fastest of several passes, in seconds.
template <class Work>
double best(int passes, Work work) {
    double fastest = 1e300;
    for (int i = 0; i < passes; ++i) {
        const auto start = Clock::now();
        work();
        fastest = std::min(fastest, seconds(start));
    }
    return fastest;
}

Result<nlohmann::json> measure(const char* path, const char* textsFile) {
    DS_ASSIGN(const nlohmann::json list, io::readJson(textsFile));
    const auto texts = list.get<std::vector<std::string>>();
    const auto start = Clock::now();
    DS_ASSIGN(const Tokenizer tokenizer, Tokenizer::open(path));
    const double load = seconds(start);
    const Tokenizer::Options plain{.addSpecial = false, .parseSpecial = false};
    std::size_t tokens = 0;
    std::uint64_t checksum = 0;
    for (const std::string& text : texts) {
        DS_ASSIGN(const auto ids, tokenizer.ids(text, plain));
        tokens += ids.size();
        for (TokenId id : ids) checksum = (checksum * 31 + static_cast<std::uint64_t>(id)) % 1000000007;
    }
    // A new tokenizer starts with an empty cache: the first pass over a text is what a user waits for.
    DS_ASSIGN(const Tokenizer fresh, Tokenizer::open(path));
    const double first = best(1, [&] {
        for (const std::string& text : texts) (void)fresh.ids(text, plain);
    });
    const double again = best(5, [&] {
        for (const std::string& text : texts) (void)fresh.ids(text, plain);
    });
    const double spans = best(5, [&] {
        for (const std::string& text : texts) (void)fresh.encode(text, plain);
    });
    std::vector<std::vector<TokenId>> encoded;
    for (const std::string& text : texts) encoded.push_back(fresh.ids(text, plain).value());
    const double decode = best(5, [&] {
        for (const auto& ids : encoded) (void)fresh.decode(ids);
    });
    return nlohmann::json{{"tokens", tokens}, {"checksum", checksum}, {"load_s", load},    {"first_s", first},
                          {"ids_s", again},   {"spans_s", spans},     {"decode_s", decode}};
}

}  // namespace

int main(int argc, char** argv) {
    if (argc != 3) {
        std::fprintf(stderr, "usage: tokenizer_bench TOKENIZER TEXTS.json\n");
        return 2;
    }
    const auto result = measure(argv[1], argv[2]);
    if (!result) {
        std::fprintf(stderr, "%s\n", result.error().text().c_str());
        return 1;
    }
    std::printf("%s\n", result->dump().c_str());
    return 0;
}
