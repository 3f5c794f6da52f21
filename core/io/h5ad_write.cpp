#include <algorithm>
#include <exception>

#include "core/base/atomic_file.h"
#include "core/io/h5ad.h"
#include "core/io/h5ad_columns.h"
#include "core/io/h5ad_uns.h"
#include "core/io/h5ad_writer.h"

namespace driftscope::io {
namespace {

constexpr std::size_t kChunkBytes = 1u << 20;

Result<void> writeMatrix(const Hdf5Object& parent, const std::string& name, std::size_t rows, const MatrixSource& source) {
    const std::size_t blockRows = std::max<std::size_t>(1, kChunkBytes / std::max<std::size_t>(source.columns * sizeof(float), 1));
    DS_ASSIGN(const Hdf5Object dataset, parent.createDataset(name, H5T_IEEE_F32LE, {rows, source.columns}, blockRows));
    std::vector<float> block(std::min(blockRows, rows) * source.columns);
    for (std::size_t begin = 0; begin < rows && source.columns > 0; begin += blockRows) {
        const std::span<float> part = std::span(block).first(std::min(blockRows, rows - begin) * source.columns);
        DS_TRY(source.read(begin, part));
        DS_TRY(dataset.writeRows(begin, source.columns, part));
    }
    return setEncoding(dataset, "array", "0.2.0");
}

std::vector<std::string> namesOr(const std::vector<std::string>& given, std::size_t count) {
    if (given.size() == count) return given;
    std::vector<std::string> names(count);
    for (std::size_t i = 0; i < count; ++i) names[i] = std::to_string(i);
    return names;
}

Result<void> writeEmptyGroups(const Hdf5Object& file) {
    for (const char* name : {"layers", "obsp", "varm", "varp"}) {
        DS_ASSIGN(const Hdf5Object group, file.createGroup(name));
        DS_TRY(setEncoding(group, "dict", "0.1.0"));
    }
    return {};
}

Result<void> writeParts(const Hdf5Object& file, const EmbeddingTable& meta, const MatrixSource& x, const std::map<std::string, MatrixSource>& matrices) {
    DS_TRY(setEncoding(file, "anndata", "0.1.0"));
    DS_TRY(writeMatrix(file, "X", meta.rows(), x));
    std::vector<std::pair<std::string, const Column*>> columns;
    for (const std::string& name : meta.columnNames()) columns.emplace_back(name, meta.column(name));
    DS_TRY(writeH5adFrame(file, "obs", namesOr(meta.obsNames, meta.rows()), columns));
    DS_TRY(writeH5adFrame(file, "var", namesOr(meta.varNames, x.columns), {}));
    DS_ASSIGN(const Hdf5Object obsm, file.createGroup("obsm"));
    DS_TRY(setEncoding(obsm, "dict", "0.1.0"));
    for (const auto& [name, source] : matrices) DS_TRY(writeMatrix(obsm, name, meta.rows(), source));
    nlohmann::json uns = meta.uns.is_object() ? meta.uns : nlohmann::json::object();
    uns.erase("driftscope_warnings");  // they are about the file that was read
    DS_ASSIGN(const Hdf5Object notes, file.createGroup("uns"));
    DS_TRY(setEncoding(notes, "dict", "0.1.0"));
    for (const auto& [key, value] : uns.items()) {
        if (key.empty() || key.find('/') != std::string::npos) return fail(ErrorCode::Internal, fmt::format("A note cannot be named '{}' in an .h5ad file.", key));
        DS_TRY(writeUns(notes, key, value));
    }
    return writeEmptyGroups(file);
}

Result<void> writeFile(const std::filesystem::path& path, const EmbeddingTable& meta, const MatrixSource& x, const std::map<std::string, MatrixSource>& matrices) {
    const Hdf5Session session;
    try {
        DS_ASSIGN(const Hdf5Object file, Hdf5Object::createFile(path));
        DS_TRY(writeParts(file, meta, x, matrices));
        if (H5Fflush(file.id(), H5F_SCOPE_LOCAL) < 0) return file.failure("cannot be flushed", ErrorCode::Io);
        return {};
    } catch (const std::exception& error) {
        return fail(ErrorCode::Internal, fmt::format("{} cannot be written: {}.", path.string(), error.what()));
    }
}

MatrixSource inMemory(const Matrix& matrix) {
    return {matrix.columns, [&matrix](std::size_t begin, std::span<float> out) -> Result<void> {
                std::copy_n(matrix.values.begin() + static_cast<std::ptrdiff_t>(begin * matrix.columns), out.size(), out.begin());
                return {};
            }};
}

}  // namespace

Result<void> writeH5adFrom(const std::filesystem::path& path, const EmbeddingTable& meta, const MatrixSource& x, const std::map<std::string, MatrixSource>& matrices) {
    const std::filesystem::path temporary = temporaryBeside(path);
    if (auto written = writeFile(temporary, meta, x, matrices); !written) {
        std::error_code code;
        std::filesystem::remove(temporary, code);
        return tl::unexpected(std::move(written.error()).during("while writing " + path.string()));
    }
    return commitFile(temporary, path);
}

Result<void> writeH5ad(const std::filesystem::path& path, const EmbeddingTable& table) {
    if (table.x.columns > 0 && table.x.rows != table.rows())
        return fail(ErrorCode::Internal, fmt::format("X has {} rows, the table {}: {} was not written.", table.x.rows, table.rows(), path.string()));
    std::map<std::string, MatrixSource> matrices;
    for (const std::string& name : table.matrixNames()) matrices.emplace(name, inMemory(*table.matrix(name)));
    return writeH5adFrom(path, table, inMemory(table.x), matrices);
}

}  // namespace driftscope::io
