#include "tests/fuzz/mutate.h"

#include <algorithm>
#include <cctype>
#include <iterator>

namespace driftscope::fuzz {
namespace {

constexpr std::size_t kLargest = 1u << 16;

std::size_t below(std::size_t end, std::mt19937_64& random) {
    return end == 0 ? 0 : static_cast<std::size_t>(random() % end);
}

/// Replaces a run of digits by a number that programs stumble over.
void replaceNumber(std::string& text, std::mt19937_64& random) {
    constexpr const char* kNumbers[] = {"0", "-1", "1", "255", "65536", "2147483648", "4294967295", "9223372036854775807", "18446744073709551615", "1e308", "-0.5", "NaN", "\"\"", "null", "[]", "{}"};
    const auto isDigit = [](unsigned char c) { return std::isdigit(c) != 0; };
    const auto begin = std::find_if(text.begin() + static_cast<std::ptrdiff_t>(below(text.size(), random)), text.end(), isDigit);
    const auto end = std::find_if_not(begin, text.end(), isDigit);
    text.replace(begin, end, kNumbers[below(std::size(kNumbers), random)]);
}

void once(std::string& text, const std::vector<std::string>& seeds, std::mt19937_64& random) {
    if (text.empty()) text = seeds[below(seeds.size(), random)];
    const std::size_t at = below(text.size(), random), length = 1 + below(std::min<std::size_t>(64, text.size() - at), random);
    constexpr char kExtremes[] = {'\0', '\1', '\x7F', '\x80', '\xFF', '"', ',', '<', '{', '\n'};
    switch (random() % 8) {
        case 0: text[at] = static_cast<char>(text[at] ^ static_cast<char>(1u << (random() % 8))); break;
        case 1: text[at] = kExtremes[below(std::size(kExtremes), random)]; break;
        case 2: text.erase(at, length); break;
        case 3: text.insert(at, text.substr(at, length)); break;
        case 4: text.resize(at); break;
        case 5: {
            const std::string& other = seeds[below(seeds.size(), random)];
            text.insert(at, other.substr(below(other.size(), random), length));
            break;
        }
        case 6: text[at] = static_cast<char>(random()); break;
        default: replaceNumber(text, random); break;
    }
    if (text.size() > kLargest) text.resize(kLargest);
}

}  // namespace

std::string mutate(const std::vector<std::string>& seeds, std::mt19937_64& random) {
    std::string text = seeds[below(seeds.size(), random)];
    for (std::size_t count = 1 + below(6, random); count > 0; --count) once(text, seeds, random);
    return text;
}

}  // namespace driftscope::fuzz
