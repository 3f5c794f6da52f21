#include "core/cells/track_edit_log.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fstream>

#include "core/base/clock.h"

namespace driftscope::cells {
namespace {

using nlohmann::json;
constexpr const char* kTool = "driftscope " DRIFTSCOPE_VERSION;

tl::unexpected<Error> systemError(const std::filesystem::path& file, const char* verb) {
    return fail(ErrorCode::Io, fmt::format("{} cannot be {}: {}.", file.string(), verb, std::strerror(errno)), "Check that the folder is writable and the disk not full.");
}

/// Appends all of `text` and waits until it is on disk; takes back a part that was written before a failure.
Result<void> appendDurably(const std::filesystem::path& file, const std::string& text) {
    const int handle = ::open(file.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0644);
    if (handle < 0) return systemError(file, "opened");
    const off_t before = ::lseek(handle, 0, SEEK_END);
    std::size_t written = 0;
    bool good = true;
    while (good && written < text.size()) {
        const ssize_t count = ::write(handle, text.data() + written, text.size() - written);
        if (count < 0 && errno == EINTR) continue;
        good = count > 0;
        if (good) written += static_cast<std::size_t>(count);
    }
    good = good && ::fsync(handle) == 0;
    const int problem = errno;
    if (!good && ::ftruncate(handle, before) != 0) errno = problem;
    ::close(handle);
    errno = problem;
    if (!good) return systemError(file, "written");
    return {};
}

/// Removes a last line without an end: a process was killed while it wrote.
void dropTornLine(const std::filesystem::path& file, std::string& text) {
    const std::size_t end = text.rfind('\n');
    const std::size_t kept = end == std::string::npos ? 0 : end + 1;
    if (kept == text.size()) return;
    std::error_code ignored;  // on read-only media the line is only left out
    std::filesystem::resize_file(file, kept, ignored);
    text.resize(kept);
}

}  // namespace

Result<TrackEditLog> TrackEditLog::open(const std::filesystem::path& file) {
    TrackEditLog log;
    log.file_ = file;
    if (!std::filesystem::exists(file)) return log;
    std::ifstream stream(file, std::ios::binary);
    if (!stream) return systemError(file, "read");
    std::string text{std::istreambuf_iterator<char>(stream), {}};
    dropTornLine(file, text);
    std::size_t number = 0;
    for (std::size_t begin = 0; begin < text.size();) {
        const std::size_t end = text.find('\n', begin);
        const std::string line = text.substr(begin, end - begin);
        begin = end + 1;
        ++number;
        const json parsed = json::parse(line, nullptr, false);
        if (!parsed.is_object()) return fail(ErrorCode::BadInput, fmt::format("{}, line {} is not JSON.", file.string(), number), "Restore the file from a backup; tracks and labels are not affected.");
        if (auto taken = log.take(parsed); !taken) return tl::unexpected(std::move(taken).error().during(fmt::format("while reading {}, line {}", file.string(), number)));
    }
    return log;
}

Result<void> TrackEditLog::take(const json& line) {
    try {
        const auto dataset = line.at("dataset").get<std::string>();
        const auto action = line.at("action").get<std::string>();
        auto &done = done_[dataset], &undone = undone_[dataset];
        if (action == "undo" || action == "redo") {
            auto &from = action == "undo" ? done : undone, &to = action == "undo" ? undone : done;
            if (from.empty()) return fail(ErrorCode::BadInput, fmt::format("There is nothing to {} here.", action));
            to.push_back(std::move(from.back()));
            from.pop_back();
            return {};
        }
        if (action != "edit") return fail(ErrorCode::BadInput, fmt::format("There is no action '{}'.", action));
        DS_ASSIGN(const TrackEdit edit, TrackEdit::fromJson(line));
        Entry entry{edit, dataset, line.at("annotator"), line.at("time"), line.at("tool"), line.at("batch")};
        if (done.empty() || done.back().entries.front().batch != entry.batch) done.push_back({{}, dataset});
        lastBatch_ = std::max(lastBatch_, entry.batch);
        done.back().entries.push_back(std::move(entry));
        undone.clear();
        return {};
    } catch (const json::exception& error) {
        return fail(ErrorCode::BadInput, fmt::format("A recorded edit cannot be read: {}.", error.what()));
    }
}

Result<void> TrackEditLog::append(const std::vector<json>& lines) {
    std::string text;
    for (const json& line : lines) text += line.dump() + "\n";
    DS_TRY(appendDurably(file_, text));
    for (const json& line : lines) DS_TRY(take(line));
    return {};
}

Result<void> TrackEditLog::add(const std::string& dataset, const std::vector<TrackEdit>& edits, const std::string& annotator) {
    if (annotator.empty()) return fail(ErrorCode::Usage, "Nobody is named as the annotator.", "Enter a name in the settings.");
    std::vector<json> lines;
    const double time = now();
    for (const TrackEdit& edit : edits) {
        json line = edit.toJson();
        line["action"] = "edit";
        line["dataset"] = dataset;
        line["annotator"] = annotator;
        line["time"] = time;
        line["tool"] = kTool;
        line["batch"] = lastBatch_ + 1;
        lines.push_back(std::move(line));
    }
    return append(lines);
}

bool TrackEditLog::canUndo(const std::string& dataset) const {
    const auto found = done_.find(dataset);
    return found != done_.end() && !found->second.empty();
}

bool TrackEditLog::canRedo(const std::string& dataset) const {
    const auto found = undone_.find(dataset);
    return found != undone_.end() && !found->second.empty();
}

Result<std::vector<TrackEditLog::Entry>> TrackEditLog::move(const std::string& dataset, const std::string& annotator, bool back) {
    if (back ? !canUndo(dataset) : !canRedo(dataset)) return std::vector<Entry>{};
    const std::vector<Entry> moved = (back ? done_ : undone_)[dataset].back().entries;
    DS_TRY(append({{{"action", back ? "undo" : "redo"}, {"dataset", dataset}, {"annotator", annotator}, {"time", now()}, {"tool", kTool}}}));
    return moved;
}

Result<std::vector<TrackEditLog::Entry>> TrackEditLog::undo(const std::string& dataset, const std::string& annotator) {
    return move(dataset, annotator, true);
}

Result<std::vector<TrackEditLog::Entry>> TrackEditLog::redo(const std::string& dataset, const std::string& annotator) {
    return move(dataset, annotator, false);
}

std::vector<TrackEditLog::Entry> TrackEditLog::standing(const std::string& dataset) const {
    std::vector<Entry> out;
    if (const auto found = done_.find(dataset); found != done_.end())
        for (const Step& step : found->second) out.insert(out.end(), step.entries.begin(), step.entries.end());
    return out;
}

std::vector<std::string> TrackEditLog::datasets() const {
    std::vector<std::string> out;
    for (const auto& [dataset, steps] : done_)
        if (!steps.empty()) out.push_back(dataset);
    return out;
}

Result<std::vector<EditedTracks>> applyEdits(const std::vector<TrackTable>& fields, const std::vector<TrackEditLog::Entry>& entries) {
    std::vector<EditedTracks> out;
    for (const TrackTable& field : fields) out.emplace_back(field);
    for (std::size_t i = 0; i < entries.size(); ++i) {
        const TrackEdit& edit = entries[i].edit;
        const auto field = std::ranges::find_if(out, [&](const EditedTracks& one) { return one.tracks().fovName == edit.fov; });
        if (field == out.end())
            return fail(ErrorCode::BadInput, fmt::format("Edit {} is about position {}, which these tracks do not have.", i + 1, edit.fov), "Choose the tracks that were edited.");
        if (auto done = field->apply(edit); !done) return tl::unexpected(std::move(done).error().during(fmt::format("while repeating edit {} of {}", i + 1, edit.fov)));
    }
    return out;
}

}  // namespace driftscope::cells
