#pragma once

#include <filesystem>
#include <set>
#include <string>

#include "core/base/error.h"

namespace driftscope::topics {

/// Function words of English: articles, pronouns, prepositions, conjunctions, auxiliaries, common adverbs of degree and
/// time, and their contractions. Lower case.
const std::set<std::string>& englishStopWords();

/// "none", "english", or a file with a word a line ('#' begins a comment). Errors: the file is missing or not UTF-8.
Result<std::set<std::string>> stopWords(const std::string& which);

}  // namespace driftscope::topics
