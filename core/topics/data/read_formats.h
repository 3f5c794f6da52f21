#pragma once

#include "core/topics/data/raw_corpus.h"

namespace driftscope::topics {

// One reader per format; readSource() picks among them.
Result<RawCorpus> readTextLines(const std::filesystem::path& file, const SourceOptions& options);
Result<RawCorpus> readTextFiles(const std::filesystem::path& folder, const SourceOptions& options);
Result<RawCorpus> readOctis(const std::filesystem::path& file, const SourceOptions& options);
Result<RawCorpus> readCsvDocuments(const std::filesystem::path& file, const SourceOptions& options);
Result<RawCorpus> readJsonLines(const std::filesystem::path& file, const SourceOptions& options);
Result<RawCorpus> readMatrixFolder(const std::filesystem::path& folder, const SourceOptions& options);

/// Checks or repairs the UTF-8 of `text`; errors name `place`.
Result<std::string> checkedText(std::string text, const std::string& place, const SourceOptions& options);
/// The lines of a file without their ends ("\n" or "\r\n"), and without a byte-order mark.
Result<std::vector<std::string>> readLines(const std::filesystem::path& file);

}  // namespace driftscope::topics
