#pragma once

#include "core/io/csv.h"
#include "core/topics/study/dot_plot.h"
#include "core/topics/study/study_findings.h"

namespace driftscope::topics {

/// A table for people: cells are text.
struct ReportTable {
    std::string title, note;
    std::vector<std::string> header;
    std::vector<std::vector<std::string>> rows;
};

/// Everything the study found.
struct StudyResult {
    std::vector<StudyCell> cells;
    std::vector<StudyMeasure> measures;  ///< those of any cell
    std::vector<StudyComparison> comparisons;
    StudyFindings findings;
};
StudyResult concludeStudy(std::vector<StudyCell> cells);

/// runs.csv: a line per run and measure.  cells.csv: mean and interval per cell and measure.  ensembles.csv: ensembles beside
/// their members.  comparisons.csv: all pairs of models.
io::CsvTable runsCsv(const StudyResult& result);
io::CsvTable cellsCsv(const StudyResult& result);
io::CsvTable ensemblesCsv(const StudyResult& result);
io::CsvTable comparisonsCsv(const StudyResult& result);

std::vector<ReportTable> reportTables(const StudyResult& result);
/// Plots by file name without extension.
std::vector<std::pair<std::string, DotPlot>> reportPlots(const StudyResult& result);

}  // namespace driftscope::topics
