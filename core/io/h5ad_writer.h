#pragma once

#include <filesystem>
#include <functional>
#include <map>
#include <span>
#include <string>

#include "core/base/error.h"
#include "core/table/embedding_table.h"

namespace driftscope::io {

/// A matrix to be written that need not fit memory.
struct MatrixSource {
    std::size_t columns = 0;
    /// Fills `out` with the rows from `begin` on, as many as fit.
    std::function<Result<void>(std::size_t begin, std::span<float> out)> read;
};

/// Writes obs, names and uns of `meta` with the given X and obsm, in AnnData 0.8 encoding; atomic.
Result<void> writeH5adFrom(const std::filesystem::path& path, const EmbeddingTable& meta, const MatrixSource& x, const std::map<std::string, MatrixSource>& matrices);

}  // namespace driftscope::io
