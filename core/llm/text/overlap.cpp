#include "core/llm/text/overlap.h"

#include <nlohmann/json.hpp>
#include <unordered_map>
#include <unordered_set>

#include "core/llm/text/refusal.h"
#include "core/llm/text/unicode.h"

namespace driftscope::llm {
namespace {

using nlohmann::json;

/// Lower case, single spaces. Texts that are not UTF-8 are compared after replacement.
std::string folded(const std::string& given) {
    const std::string text = replaceInvalidUtf8(given);
    std::string out;
    bool space = false;
    for (std::size_t at = 0; at < text.size();) {
        const CodePoint point = codePointAt(text, at);
        at += point.length;
        if (isSpace(point.value)) {
            space = !out.empty();
            continue;
        }
        if (space) out.push_back(' ');
        space = false;
        appendLowerCase(out, point.value);
    }
    return out;
}

std::string promptKey(const Example& example) {
    return folded(example.instruction) + '\x1F' + folded(example.input);
}
std::string rowKey(const Example& example) {
    return promptKey(example) + '\x1F' + folded(example.output);
}

/// First row of each prompt, and the answers given to it.
struct Index {
    std::unordered_map<std::string, std::size_t> prompts;
    std::unordered_set<std::string> rows;
};

Index indexOf(const std::vector<Example>& examples) {
    Index index;
    for (std::size_t i = 0; i < examples.size(); ++i) {
        index.prompts.try_emplace(promptKey(examples[i]), i);
        index.rows.insert(rowKey(examples[i]));
    }
    return index;
}

OverlapReport::Within within(const NamedSet& set, const RefusalMatcher& matcher, std::size_t listed) {
    OverlapReport::Within out{.name = set.name, .rows = set.examples->size()};
    std::unordered_map<std::string, std::size_t> seen;
    std::unordered_set<std::string> prompts;
    for (std::size_t i = 0; i < set.examples->size(); ++i) {
        const Example& one = (*set.examples)[i];
        prompts.insert(promptKey(one));
        out.refusals += matcher.refuses(one.output);
        const auto [earlier, fresh] = seen.try_emplace(rowKey(one), i);
        if (fresh) continue;
        ++out.repeatedRows;
        if (out.listed.size() < listed) out.listed.emplace_back(one.place, (*set.examples)[earlier->second].place);
    }
    out.prompts = prompts.size();
    return out;
}

OverlapReport::Between between(const NamedSet& first, const Index& firstIndex, const NamedSet& second, const Index& secondIndex,
                               std::size_t listed) {
    OverlapReport::Between out{.first = first.name, .second = second.name};
    std::unordered_set<std::string> counted;
    for (std::size_t i = 0; i < first.examples->size(); ++i) {
        const Example& one = (*first.examples)[i];
        const std::string key = promptKey(one);
        const auto found = secondIndex.prompts.find(key);
        if (found == secondIndex.prompts.end() || firstIndex.prompts.at(key) != i) continue;
        ++out.prompts;
        out.answersToo += secondIndex.rows.contains(rowKey(one));
        if (out.listed.size() < listed) out.listed.emplace_back(one.place, (*second.examples)[found->second].place);
    }
    return out;
}

}  // namespace

OverlapReport findOverlaps(const std::vector<NamedSet>& sets, std::size_t listed) {
    const RefusalMatcher matcher = RefusalMatcher::standard();
    std::vector<Index> indices;
    OverlapReport report;
    for (const NamedSet& set : sets) {
        indices.push_back(indexOf(*set.examples));
        report.within.push_back(within(set, matcher, listed));
    }
    for (std::size_t a = 0; a < sets.size(); ++a)
        for (std::size_t b = a + 1; b < sets.size(); ++b)
            report.between.push_back(between(sets[a], indices[a], sets[b], indices[b], listed));
    return report;
}

std::size_t removeRepeats(std::vector<Example>& examples, const std::vector<const std::vector<Example>*>& held) {
    std::unordered_set<std::string> heldPrompts;
    for (const auto* set : held)
        for (const Example& one : *set) heldPrompts.insert(promptKey(one));
    std::unordered_set<std::string> seen;
    return std::erase_if(examples,
                         [&](const Example& one) { return heldPrompts.contains(promptKey(one)) || !seen.insert(rowKey(one)).second; });
}

json OverlapReport::toJson() const {
    const auto pairs = [](const auto& listed) {
        json out = json::array();
        for (const auto& [a, b] : listed) out.push_back({a, b});
        return out;
    };
    json out{{"sets", json::array()}, {"overlaps", json::array()}};
    for (const Within& one : within)
        out["sets"].push_back({{"name", one.name},
                               {"rows", one.rows},
                               {"different_prompts", one.prompts},
                               {"repeated_rows", one.repeatedRows},
                               {"refusals", one.refusals},
                               {"listed", pairs(one.listed)}});
    for (const Between& one : between)
        out["overlaps"].push_back({{"first", one.first},
                                   {"second", one.second},
                                   {"shared_prompts", one.prompts},
                                   {"with_same_answer", one.answersToo},
                                   {"listed", pairs(one.listed)}});
    return out;
}

}  // namespace driftscope::llm
