#pragma once

#include <string>
#include <vector>

#include "core/base/error.h"
#include "core/io/hdf5_object.h"
#include "core/table/embedding_table.h"

namespace driftscope::io {

/// A matrix inside an .h5ad file, dense or sparse by rows or columns, read by rows. All calls need a session.
class H5adMatrix {
  public:
    /// Errors: not a matrix of numbers (three dimensions, text, unknown encoding).
    static Result<H5adMatrix> open(Hdf5Object object);

    std::size_t rows() const { return rows_; }
    std::size_t columns() const { return columns_; }
    const std::string& storage() const { return storage_; }  ///< "dense", "csr" or "csc"
    /// Rows begin … end - 1. Sparse matrices by columns can only be read whole.
    Result<Matrix> read(std::size_t begin, std::size_t end) const;

  private:
    explicit H5adMatrix(Hdf5Object object) : object_(std::move(object)) {}
    Result<void> openSparse();
    Result<Matrix> readSparse(std::size_t begin, std::size_t end) const;

    Hdf5Object object_;
    std::size_t rows_ = 0;
    std::size_t columns_ = 0;
    std::string storage_ = "dense";
    std::vector<std::int64_t> starts_;  ///< of each row or column in a sparse matrix
};

}  // namespace driftscope::io
