#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "core/base/error.h"
#include "core/table/embedding_table.h"

namespace driftscope::io {

/// What to load; X stays on disk when not asked for.
struct H5adSelection {
    bool x = true;
    bool obsm = true;
};

/// Reads an AnnData file: encodings 0.5 (compound obs), 0.7 (`__categories`) and 0.8+ (encoding-type attributes); dense or
/// CSR/CSC X. What a table cannot hold (obs columns of other types, layers, raw …) is skipped with a warning in
/// uns["driftscope_warnings"], a list of texts that is not written back.
/// Errors name the file and the HDF5 path.
Result<EmbeddingTable> readH5ad(const std::filesystem::path& path, const H5adSelection& selection = {});

/// Sizes of a table without its content.
struct H5adOutline {
    std::size_t columns = 0;                                       ///< of X
    std::string storage = "absent";                                ///< of X: "dense", "csr", "csc"
    std::vector<std::pair<std::string, std::size_t>> matrices;     ///< obsm: names and column counts
};
Result<H5adOutline> outlineH5ad(const std::filesystem::path& path);

/// Writes in AnnData 0.8 encoding (opens in anndata >= 0.8), float32 X in row chunks, to a temporary file then renamed.
/// Errors: column names that HDF5 or AnnData reserve, disk full.
Result<void> writeH5ad(const std::filesystem::path& path, const EmbeddingTable& table);

/// Reads blocks of X without loading it whole: for tables larger than memory.
class H5adRows {
  public:
    virtual ~H5adRows() = default;
    static Result<std::unique_ptr<H5adRows>> open(const std::filesystem::path& path);
    virtual std::size_t rows() const = 0;
    virtual std::size_t columns() const = 0;
    virtual Result<Matrix> read(std::size_t begin, std::size_t end) const = 0;
};

/// Appends rows of X and of obsm matrices with bounded memory; obs is written at the end. The file appears under its
/// final name only when finish() succeeds; unfinished work stays in `<name>.partial` and can be continued.
class H5adAppender {
  public:
    virtual ~H5adAppender() = default;
    /// Continues `<path>.partial` when it exists and fits, else starts anew. `matrices` are names and column counts of obsm.
    static Result<std::unique_ptr<H5adAppender>> open(const std::filesystem::path& path, std::size_t columns,
                                                      const std::vector<std::pair<std::string, std::size_t>>& matrices);
    virtual std::size_t rows() const = 0;  ///< rows already stored
    virtual Result<void> append(const Matrix& x, const std::vector<Matrix>& matrices) = 0;
    virtual Result<void> flush() = 0;      ///< what was appended survives a kill
    /// `meta` gives obs, obsNames and uns (its x and obsm are ignored); its rows must equal rows().
    virtual Result<void> finish(const EmbeddingTable& meta) = 0;
};

}  // namespace driftscope::io
