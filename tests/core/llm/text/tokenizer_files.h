#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "core/base/atomic_file.h"
#include "core/io/json_access.h"
#include "core/llm/text/tokenizer.h"
#include "tests/core/io/scratch.h"

namespace driftscope::llm {

using nlohmann::json;

inline std::string dataPath(const std::string& name) {
    return std::string(DRIFTSCOPE_TEST_DATA) + "/llm/" + name;
}

inline json dataJson(const std::string& name) {
    return io::readJson(dataPath(name)).value();
}

/// The merges of GPT-2's vocab.bpe as tokenizer.json writes them.
inline json gpt2Merges() {
    json merges = json::array();
    const std::string text = readFile(dataPath("gpt2_encoder/vocab.bpe")).value();
    for (std::size_t at = text.find('\n') + 1; at < text.size();) {
        const std::size_t end = std::min(text.find('\n', at), text.size());
        if (end > at) merges.push_back(text.substr(at, end - at));
        at = end + 1;
    }
    return merges;
}

/// A tokenizer.json whose vocabulary and merges are GPT-2's ("gpt2") or those of stories260K ("stories").
inline json tokenizerJson(const std::string& base, const json& model, const json& rest) {
    json whole = rest;
    whole["model"] = model;
    whole["model"]["type"] = "BPE";
    const json stories = base == "gpt2" ? json() : dataJson("stories260K_hf/tokenizer.json")["model"];
    whole["model"]["vocab"] = base == "gpt2" ? dataJson("gpt2_encoder/encoder.json") : stories["vocab"];
    whole["model"]["merges"] = base == "gpt2" ? gpt2Merges() : stories["merges"];
    return whole;
}

inline Result<Tokenizer> openJson(const io::Scratch& scratch, const json& content) {
    return Tokenizer::open(scratch.file("tokenizer.json", content.dump()));
}

}  // namespace driftscope::llm
