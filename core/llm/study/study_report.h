#pragma once

#include "core/llm/study/study_results.h"

namespace driftscope::llm {

/// A page that stands alone: tables with spreads over seeds, curves as SVG, what each number means, and what is needed to make
/// the study again (parameters, hashes of inputs, versions). Says what the numbers do not show.
std::string studyReportHtml(const StudyResults& results);

/// Writes table.csv, table.tex and report.html of a study into a folder. Errors: nothing finished; cannot write.
Result<void> writeStudyReport(const StudyResults& results, const std::filesystem::path& folder);

}  // namespace driftscope::llm
