#include "core/cells/exchange/property_columns.h"

#include <charconv>
#include <cmath>
#include <limits>
#include <optional>

namespace driftscope::cells {
namespace {

template <class T>
std::optional<T> parse(const std::string& text) {
    T value{};
    const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (code != std::errc() || end != text.data() + text.size()) return std::nullopt;
    return value;
}

std::optional<std::vector<std::int64_t>> asIntegers(const std::vector<std::string>& texts) {
    std::vector<std::int64_t> values;
    for (const std::string& text : texts) {
        const auto value = parse<std::int64_t>(text);
        if (!value) return std::nullopt;
        values.push_back(*value);
    }
    return values;
}

std::optional<std::vector<double>> asNumbers(const std::vector<std::string>& texts) {
    std::vector<double> values;
    for (const std::string& text : texts) {
        const auto value = text.empty() ? std::optional(std::numeric_limits<double>::quiet_NaN()) : parse<double>(text);
        if (!value) return std::nullopt;
        values.push_back(*value);
    }
    return values;
}

}  // namespace

Column columnFromTexts(const std::vector<std::string>& texts) {
    if (auto integers = asIntegers(texts)) return std::move(*integers);
    if (auto numbers = asNumbers(texts)) return std::move(*numbers);
    return texts;
}

}  // namespace driftscope::cells
