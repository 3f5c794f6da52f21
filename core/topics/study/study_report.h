#pragma once

#include "core/topics/study/study_tables.h"

namespace driftscope::topics {

/// What the report says of how the study was run.
struct StudyAbout {
    std::string command;                  ///< that repeats it
    std::vector<std::string> settings;    ///< parameters that differ from the defaults
    std::vector<std::string> corpora;     ///< a line each: documents, words, categories
    std::string version;
};

/// The two findings of Hoyle et al. 2022 and how often they held here, as sentences.
std::vector<std::string> findingSentences(const StudyFindings& findings);

/// Markdown with links to the plots in `plots/`.
std::string studyMarkdown(const StudyResult& result, const StudyAbout& about);
/// One page that stands alone: tables, and plots inline.
std::string studyHtml(const StudyResult& result, const StudyAbout& about);

}  // namespace driftscope::topics
