#include <algorithm>

#include "core/base/atomic_file.h"
#include "core/io/natural_order.h"
#include "core/topics/data/read_formats.h"

namespace driftscope::topics {

namespace fs = std::filesystem;

Result<RawCorpus> readTextLines(const fs::path& file, const SourceOptions& options) {
    DS_ASSIGN(std::vector<std::string> lines, readLines(file));
    RawCorpus corpus;
    for (std::size_t i = 0; i < lines.size(); ++i) {
        DS_ASSIGN(std::string text, checkedText(std::move(lines[i]), fmt::format("{}, line {}", file.string(), i + 1), options));
        corpus.documents.push_back({std::to_string(i), std::move(text), static_cast<std::int64_t>(i), std::nullopt, {}});
    }
    return corpus;
}

Result<RawCorpus> readTextFiles(const fs::path& folder, const SourceOptions& options) {
    std::vector<fs::path> files;
    for (const auto& entry : fs::recursive_directory_iterator(folder))
        if (entry.is_regular_file() && entry.path().extension() == ".txt") files.push_back(entry.path());
    if (files.empty()) return fail(ErrorCode::BadInput, fmt::format("{} holds no .txt files.", folder.string()), "Name a folder of text files, or say which format the input has.");
    std::sort(files.begin(), files.end(), [](const fs::path& a, const fs::path& b) { return io::naturallyBefore(a.string(), b.string()); });
    RawCorpus corpus;
    // A folder within the folder is a category, as corpora of texts are commonly laid out.
    const bool nested = std::any_of(files.begin(), files.end(), [&](const fs::path& file) { return file.parent_path() != folder; });
    if (nested) corpus.levels.push_back("folder");
    for (const fs::path& file : files) {
        DS_ASSIGN(std::string content, readFile(file));
        DS_ASSIGN(std::string text, checkedText(std::move(content), file.string(), options));
        std::replace(text.begin(), text.end(), '\0', ' ');
        const fs::path inside = fs::relative(file, folder);
        RawDocument document{inside.string(), std::move(text), static_cast<std::int64_t>(corpus.documents.size()), std::nullopt, {}};
        if (nested) document.labels.push_back(inside.parent_path().string());
        corpus.documents.push_back(std::move(document));
    }
    return corpus;
}

Result<RawCorpus> readOctis(const fs::path& file, const SourceOptions& options) {
    DS_ASSIGN(std::vector<std::string> lines, readLines(file));
    RawCorpus corpus;
    corpus.prepared = true;
    corpus.levels = {"label"};
    bool labelled = false;
    for (std::size_t i = 0; i < lines.size(); ++i) {
        const std::string place = fmt::format("{}, line {}", file.string(), i + 1);
        DS_ASSIGN(const std::string line, checkedText(std::move(lines[i]), place, options));
        std::vector<std::string> fields;
        for (std::size_t at = 0; at <= line.size();) {
            const std::size_t tab = std::min(line.find('\t', at), line.size());
            fields.push_back(line.substr(at, tab - at));
            at = tab + 1;
        }
        if (fields.size() > 3)
            return fail(ErrorCode::BadInput, fmt::format("{} has {} columns; OCTIS has text, split and label.", place, fields.size()), "Take tabs out of the texts.");
        RawDocument document{std::to_string(i), fields[0], static_cast<std::int64_t>(i), std::nullopt, {""}};
        if (fields.size() > 1 && !fields[1].empty()) {
            document.split = splitFromName(fields[1]);
            if (!document.split) return fail(ErrorCode::BadInput, fmt::format("{}: '{}' is not a split.", place, fields[1]), "The second column says train, val or test.");
        }
        if (fields.size() > 2) document.labels[0] = fields[2];
        labelled = labelled || !document.labels[0].empty();
        corpus.documents.push_back(std::move(document));
    }
    if (!labelled) {
        corpus.levels.clear();
        for (RawDocument& document : corpus.documents) document.labels.clear();
        corpus.notes.push_back("The corpus has no labels.");
    }
    return corpus;
}

}  // namespace driftscope::topics
