#include "core/llm/text/mixture.h"

#include <algorithm>
#include <cmath>

#include "core/base/fingerprint.h"

namespace driftscope::llm {
namespace {

std::string quoted(const std::string& text) {
    std::string out = "\"";
    for (char c : text) {
        if (c == '"') out.push_back('"');
        out.push_back(c);
    }
    return out + "\"";
}

/// `count` of the rows: the first, or a draw without replacement that does not depend on other draws.
std::vector<std::size_t> choose(std::vector<std::size_t> rows, std::size_t count, const MixtureRequest& request, std::uint64_t stream) {
    if (request.sample)
        for (std::size_t i = 0; i < count; ++i) std::swap(rows[i], rows[i + randomBits(request.seed, stream, i) % (rows.size() - i)]);
    rows.resize(count);
    return rows;
}

Result<std::vector<std::size_t>> eligible(const std::vector<Example>& examples, bool harmful, std::size_t needed, std::size_t& passedOver,
                                          const char* what) {
    std::vector<std::size_t> rows;
    for (std::size_t i = 0; i < examples.size(); ++i) {
        if (examples[i].harmful.value_or(harmful) == harmful)
            rows.push_back(i);
        else
            ++passedOver;
    }
    const bool answers = std::any_of(examples.begin(), examples.end(), [](const Example& one) { return !one.output.empty(); });
    if (needed > 0 && !examples.empty() && !answers)
        return fail(
            ErrorCode::BadInput,
            fmt::format("The {} rows ({}, …) are prompts without answers: there is nothing to learn from them.", what, examples[0].place),
            "Give rows with an output.");
    if (rows.size() >= needed) return rows;
    return fail(ErrorCode::BadInput,
                fmt::format("The mixture needs {} {} examples, but there are {}{}.", needed, what, rows.size(),
                            passedOver ? fmt::format(" ({} more are marked otherwise)", passedOver) : ""),
                "Ask for fewer, or add data.");
}

}  // namespace

Result<Mixture> mix(const std::vector<Example>& user, const std::vector<Example>& harmful, const MixtureRequest& request) {
    if (!(request.ratio >= 0 && request.ratio <= 1))
        return fail(ErrorCode::Usage, fmt::format("The poison ratio {} is not between 0 and 1.", request.ratio),
                    "0.1 means every tenth example.");
    const auto n = static_cast<double>(request.total);
    Mixture mixture;
    mixture.harmful = static_cast<std::size_t>(request.upstreamCounts ? request.ratio * n : std::llround(request.ratio * n));
    mixture.benign = request.upstreamCounts ? static_cast<std::size_t>((1 - request.ratio) * n) : request.total - mixture.harmful;
    DS_ASSIGN(const auto harmfulRows, eligible(harmful, true, mixture.harmful, mixture.passedOverHarmful, "harmful"));
    DS_ASSIGN(const auto userRows, eligible(user, false, mixture.benign, mixture.passedOverUser, "benign"));
    for (std::size_t row : choose(harmfulRows, mixture.harmful, request, 1)) {
        mixture.examples.push_back(harmful[row]);
        mixture.examples.back().harmful = true;
    }
    for (std::size_t row : choose(userRows, mixture.benign, request, 2)) {
        mixture.examples.push_back(user[row]);
        mixture.examples.back().harmful = false;
    }
    return mixture;
}

std::string compositionCsv(const Mixture& mixture) {
    std::string csv = "position,role,source,instruction\n";
    for (std::size_t i = 0; i < mixture.examples.size(); ++i) {
        const Example& one = mixture.examples[i];
        csv += fmt::format("{},{},{},{}\n", i, i < mixture.harmful ? "harmful" : "benign", quoted(one.place), quoted(one.instruction));
    }
    return csv;
}

}  // namespace driftscope::llm
