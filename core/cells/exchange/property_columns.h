#pragma once

#include <string>
#include <vector>

#include "core/table/embedding_table.h"

namespace driftscope::cells {

/// Whole numbers when all are, else numbers (empty fields are NaN), else texts.
Column columnFromTexts(const std::vector<std::string>& texts);

/// True when the first line of a file names columns that readTrackCsv() understands.
bool isTrackTable(const std::string& firstLine);

}  // namespace driftscope::cells
