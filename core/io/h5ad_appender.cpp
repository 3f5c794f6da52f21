#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "core/base/atomic_file.h"
#include "core/io/h5ad.h"
#include "core/io/h5ad_writer.h"
#include "core/io/json_access.h"

namespace driftscope::io {
namespace {

using nlohmann::json;
namespace fs = std::filesystem;

tl::unexpected<Error> ioError(const char* action, const fs::path& path) {
    return fail(ErrorCode::Io, fmt::format("Cannot {} {}: {}.", action, path.string(), std::strerror(errno)), "Check free space and permissions; what was flushed is kept.");
}

/// Rows of floats in a plain file that only grows.
class RowFile {
  public:
    RowFile(fs::path path, std::size_t columns) : path_(std::move(path)), columns_(columns) {}
    RowFile(RowFile&& other) noexcept : path_(std::move(other.path_)), columns_(other.columns_), file_(std::exchange(other.file_, -1)) {}
    RowFile& operator=(RowFile&&) = delete;
    ~RowFile() {
        if (file_ >= 0) ::close(file_);
    }

    std::size_t columns() const { return columns_; }

    /// Opens the file and cuts it to `rows`. Errors: shorter than that.
    Result<void> open(std::size_t rows) {
        file_ = ::open(path_.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644);
        struct stat info {};
        if (file_ < 0 || ::fstat(file_, &info) != 0) return ioError("open", path_);
        const auto wanted = static_cast<off_t>(rows * rowBytes());
        if (info.st_size < wanted) return fail(ErrorCode::BadInput, fmt::format("{} is shorter than the {} rows it should hold.", path_.string(), rows), "Delete the .partial folder to start again.");
        if (::ftruncate(file_, wanted) != 0 || ::lseek(file_, 0, SEEK_END) < 0) return ioError("cut", path_);
        return {};
    }

    Result<void> append(const std::vector<float>& values) {
        auto bytes = std::as_bytes(std::span(values));
        while (!bytes.empty()) {
            const ssize_t count = ::write(file_, bytes.data(), bytes.size());
            if (count < 0 && errno == EINTR) continue;
            if (count < 0) return ioError("write", path_);
            bytes = bytes.subspan(static_cast<std::size_t>(count));
        }
        return {};
    }

    Result<void> sync() {
        if (::fdatasync(file_) != 0) return ioError("flush", path_);
        return {};
    }

    Result<void> read(std::size_t begin, std::span<float> out) const {
        auto bytes = std::as_writable_bytes(out);
        auto offset = static_cast<off_t>(begin * rowBytes());
        while (!bytes.empty()) {
            const ssize_t count = ::pread(file_, bytes.data(), bytes.size(), offset);
            if (count < 0 && errno == EINTR) continue;
            if (count <= 0) return ioError("read", path_);
            bytes = bytes.subspan(static_cast<std::size_t>(count));
            offset += count;
        }
        return {};
    }

  private:
    std::size_t rowBytes() const { return columns_ * sizeof(float); }

    fs::path path_;
    std::size_t columns_;
    int file_ = -1;
};

/// Rows go to plain files in `<path>.partial/`, which a kill cannot corrupt as it could an open HDF5 file; the number of
/// rows that count is in state.json, replaced atomically by flush().
class PartialTable final : public H5adAppender {
  public:
    PartialTable(fs::path path, std::size_t columns, std::vector<std::pair<std::string, std::size_t>> matrices) : path_(std::move(path)), folder_(path_.string() + ".partial"), names_(std::move(matrices)) {
        files_.emplace_back(folder_ / "X.f32", columns);
        for (std::size_t i = 0; i < names_.size(); ++i) files_.emplace_back(folder_ / fmt::format("obsm-{}.f32", i), names_[i].second);
    }

    Result<void> open() {
        std::error_code code;
        if (fs::exists(folder_ / "state.json", code)) {
            DS_ASSIGN(const json state, readJson(folder_ / "state.json"));
            const double rows = numberMember(state, "rows", -1);
            if (objectMember(state, "layout") == layout() && rows >= 0 && rows < 9e15) rows_ = static_cast<std::size_t>(rows);
        }
        DS_TRY(makeFolder(folder_));
        for (RowFile& file : files_) DS_TRY(file.open(rows_));
        return writeState();
    }

    std::size_t rows() const override { return rows_; }

    Result<void> append(const Matrix& x, const std::vector<Matrix>& matrices) override {
        DS_TRY(check(x, matrices));
        DS_TRY(files_[0].append(x.values));
        for (std::size_t i = 0; i < matrices.size(); ++i) DS_TRY(files_[i + 1].append(matrices[i].values));
        rows_ += x.rows;
        return {};
    }

    Result<void> flush() override {
        for (RowFile& file : files_) DS_TRY(file.sync());
        return writeState();
    }

    Result<void> finish(const EmbeddingTable& meta) override {
        if (meta.rows() != rows_) return fail(ErrorCode::Internal, fmt::format("{} rows were appended to {}, but obs has {}.", rows_, path_.string(), meta.rows()));
        std::map<std::string, MatrixSource> sources;
        for (std::size_t i = 0; i < names_.size(); ++i) sources.emplace(names_[i].first, source(files_[i + 1]));
        DS_TRY(writeH5adFrom(path_, meta, source(files_[0]), sources));
        std::error_code code;
        fs::remove_all(folder_, code);
        return {};
    }

  private:
    static MatrixSource source(const RowFile& file) {
        return {file.columns(), [&file](std::size_t begin, std::span<float> out) { return file.read(begin, out); }};
    }

    json layout() const {
        json matrices = json::array();
        for (const auto& [name, columns] : names_) matrices.push_back({{"name", name}, {"columns", columns}});
        return {{"columns", files_[0].columns()}, {"matrices", matrices}};
    }

    Result<void> writeState() const { return writeFileAtomically(folder_ / "state.json", json{{"layout", layout()}, {"rows", rows_}}.dump()); }

    Result<void> check(const Matrix& x, const std::vector<Matrix>& matrices) const {
        bool fits = x.columns == files_[0].columns() && matrices.size() == names_.size();
        for (std::size_t i = 0; fits && i < matrices.size(); ++i) fits = matrices[i].columns == names_[i].second && matrices[i].rows == x.rows;
        if (fits) return {};
        return fail(ErrorCode::Internal, fmt::format("The rows to be appended to {} do not fit its {} columns and {} matrices.", path_.string(), files_[0].columns(), names_.size()));
    }

    fs::path path_;
    fs::path folder_;
    std::vector<std::pair<std::string, std::size_t>> names_;
    std::vector<RowFile> files_;
    std::size_t rows_ = 0;
};

}  // namespace

Result<std::unique_ptr<H5adAppender>> H5adAppender::open(const fs::path& path, std::size_t columns, const std::vector<std::pair<std::string, std::size_t>>& matrices) {
    auto table = std::make_unique<PartialTable>(path, columns, matrices);
    DS_TRY(table->open());
    return table;
}

}  // namespace driftscope::io
