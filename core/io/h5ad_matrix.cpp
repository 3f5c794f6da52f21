#include "core/io/h5ad_matrix.h"

#include <algorithm>

#include "core/io/checked_size.h"

namespace driftscope::io {
namespace {

constexpr std::uint64_t kLargestDense = 16ull << 30;

bool isNumber(Hdf5Content content) {
    return content == Hdf5Content::Integer || content == Hdf5Content::Float || content == Hdf5Content::Unsigned64;
}

}  // namespace

Result<H5adMatrix> H5adMatrix::open(Hdf5Object object) {
    H5adMatrix matrix(std::move(object));
    if (matrix.object_.isGroup()) {
        DS_TRY(matrix.openSparse());
        return matrix;
    }
    const std::vector<std::size_t> shape = matrix.object_.shape();
    if (!isNumber(matrix.object_.content()) || shape.empty() || shape.size() > 2) return matrix.object_.failure("is not a matrix of numbers");
    matrix.rows_ = shape[0];
    matrix.columns_ = shape.size() == 2 ? shape[1] : 1;
    return matrix;
}

Result<void> H5adMatrix::openSparse() {
    const std::string encoding = object_.textAttribute("encoding-type", object_.textAttribute("h5sparse_format"));
    if (encoding != "csr_matrix" && encoding != "csc_matrix" && encoding != "csr" && encoding != "csc")
        return object_.failure(fmt::format("has the encoding '{}', which is not a matrix", encoding));
    storage_ = encoding.substr(0, 3);
    const std::vector<std::int64_t> shape = object_.integersAttribute(object_.hasAttribute("shape") ? "shape" : "h5sparse_shape");
    if (shape.size() != 2 || shape[0] < 0 || shape[1] < 0) return object_.failure("does not give its shape");
    rows_ = static_cast<std::size_t>(shape[0]);
    columns_ = static_cast<std::size_t>(shape[1]);
    DS_ASSIGN(const Hdf5Object pointers, object_.child("indptr"));
    DS_ASSIGN(starts_, pointers.numbers<std::int64_t>());
    if (starts_.size() != (storage_ == "csr" ? rows_ : columns_) + 1 || starts_.front() != 0 || !std::is_sorted(starts_.begin(), starts_.end()))
        return pointers.failure("does not fit the matrix");
    return {};
}

Result<Matrix> H5adMatrix::read(std::size_t begin, std::size_t end) const {
    if (begin > end || end > rows_) return object_.failure(fmt::format("has no rows {} to {}", begin, end));
    const auto bytes = checkedBytes(std::array<std::int64_t, 2>{static_cast<std::int64_t>(end - begin), static_cast<std::int64_t>(columns_)}, sizeof(float));
    if (!bytes || *bytes > kLargestDense)
        return fail(ErrorCode::Unsupported, fmt::format("{} has {} x {} values, more than 16 GiB as a dense matrix.", object_.place(), end - begin, columns_), "Read it in blocks of rows.");
    if (storage_ != "dense") return readSparse(begin, end);
    DS_TRY(object_.checkSize(end - begin, columns_ * sizeof(float)));
    Matrix matrix(end - begin, columns_);
    DS_TRY(object_.readRows(begin, end, std::span(matrix.values)));
    return matrix;
}

Result<Matrix> H5adMatrix::readSparse(std::size_t begin, std::size_t end) const {
    const bool byRows = storage_ == "csr";
    if (!byRows && (begin != 0 || end != rows_))
        return fail(ErrorCode::Unsupported, fmt::format("{} is stored by columns (csc) and cannot be read in blocks of rows.", object_.place()), "Save it as csr or dense.");
    const std::size_t first = byRows ? begin : 0;
    const std::size_t last = byRows ? end : columns_;
    const auto from = static_cast<std::size_t>(starts_[first]);
    const auto to = static_cast<std::size_t>(starts_[last]);
    DS_ASSIGN(const Hdf5Object dataAt, object_.child("data"));
    DS_ASSIGN(const Hdf5Object indicesAt, object_.child("indices"));
    DS_TRY(dataAt.checkSize(to - from, sizeof(float)));
    if (to > dataAt.size() || to > indicesAt.size()) return object_.failure("has fewer values than its indptr says");
    std::vector<float> data(to - from);
    std::vector<std::int64_t> indices(to - from);
    DS_TRY(dataAt.readRows(from, to, std::span(data)));
    DS_TRY(indicesAt.readRows(from, to, std::span(indices)));
    Matrix matrix(end - begin, columns_);
    const std::size_t across = byRows ? columns_ : rows_;
    for (std::size_t line = first; line < last; ++line)
        for (auto i = static_cast<std::size_t>(starts_[line]); i < static_cast<std::size_t>(starts_[line + 1]); ++i) {
            const std::int64_t index = indices[i - from];
            if (index < 0 || static_cast<std::size_t>(index) >= across) return indicesAt.failure(fmt::format("holds {}, beyond the matrix", index));
            // Duplicate entries add up, as SciPy reads them.
            (byRows ? matrix(line - begin, static_cast<std::size_t>(index)) : matrix(static_cast<std::size_t>(index), line)) += data[i - from];
        }
    return matrix;
}

}  // namespace driftscope::io
