#include <algorithm>
#include <exception>
#include <map>

#include "core/io/h5ad.h"
#include "core/io/h5ad_columns.h"
#include "core/io/h5ad_compound.h"
#include "core/io/h5ad_matrix.h"
#include "core/io/h5ad_uns.h"

namespace driftscope::io {
namespace {

using nlohmann::json;
using Warnings = std::vector<std::string>;

constexpr const char* kWarnings = "driftscope_warnings";
constexpr std::string_view kCategoriesSuffix = "_categories";

/// AnnData until 0.6 kept the texts of categorical columns in uns, as <column>_categories.
std::map<std::string, std::vector<std::string>> categoriesInUns(const Hdf5Object& file) {
    std::map<std::string, std::vector<std::string>> categories;
    const auto uns = file.child("uns");
    if (!uns || !uns->isGroup()) return categories;
    for (const std::string& name : uns->children()) {
        if (!name.ends_with(kCategoriesSuffix)) continue;
        const auto dataset = uns->child(name);
        if (!dataset || !dataset->isDataset()) continue;
        if (auto texts = dataset->texts()) categories[name.substr(0, name.size() - kCategoriesSuffix.size())] = std::move(*texts);
    }
    return categories;
}

/// Element names of obsm with their column counts; members of a compound in old files.
std::vector<std::pair<std::string, std::size_t>> outlineMatrices(const Hdf5Object& obsm) {
    if (obsm.isDataset()) return compoundMembers(obsm);
    std::vector<std::pair<std::string, std::size_t>> names;
    for (const std::string& name : obsm.children()) {
        auto child = obsm.child(name);
        if (!child) continue;
        if (const auto matrix = H5adMatrix::open(std::move(*child))) names.emplace_back(name, matrix->columns());
    }
    return names;
}

Result<void> readMatrices(const Hdf5Object& obsm, EmbeddingTable& table, Warnings& warnings) {
    if (obsm.isDataset()) {
        DS_ASSIGN(auto matrices, readCompoundMatrices(obsm, warnings));
        for (auto& [name, matrix] : matrices) DS_TRY(table.setMatrix(name, std::move(matrix)));
        return {};
    }
    for (const std::string& name : obsm.children()) {
        auto matrix = obsm.child(name).and_then([](Hdf5Object child) { return H5adMatrix::open(std::move(child)); }).and_then([](const H5adMatrix& m) { return m.read(0, m.rows()); });
        if (matrix && matrix->rows == table.rows())
            DS_TRY(table.setMatrix(name, std::move(*matrix)));
        else
            warnings.push_back(matrix ? fmt::format("{}/{} has {} rows for {}", obsm.place(), name, matrix->rows, table.rows()) : matrix.error().message);
    }
    return {};
}

Result<void> readX(const Hdf5Object& file, EmbeddingTable& table) {
    DS_ASSIGN(Hdf5Object child, file.child("X"));
    if (child.textAttribute("encoding-type") == "null") return {};
    DS_ASSIGN(const H5adMatrix x, H5adMatrix::open(std::move(child)));
    if (x.rows() != table.rows()) return file.failure(fmt::format("has {} rows in X and {} in obs", x.rows(), table.rows()));
    DS_ASSIGN(table.x, x.read(0, x.rows()));
    return {};
}

Result<void> readNotes(const Hdf5Object& file, const std::map<std::string, std::vector<std::string>>& categories, EmbeddingTable& table, Warnings& warnings) {
    if (file.has("uns")) {
        DS_ASSIGN(const Hdf5Object uns, file.child("uns"));
        if (uns.isGroup()) {
            DS_ASSIGN(table.uns, readUns(uns, warnings));
        }
    }
    for (const auto& [column, texts] : categories)
        if (table.column(column)) table.uns.erase(column + std::string(kCategoriesSuffix));
    for (const char* part : {"layers", "raw", "obsp", "varm", "varp"}) {
        const auto child = file.child(part);
        if (child && child->isGroup() && !child->children().empty()) warnings.push_back(fmt::format("{} was not read: tables here have no such part", child->place()));
    }
    if (!warnings.empty()) table.uns[kWarnings] = warnings;
    return {};
}

Result<EmbeddingTable> readTable(const std::filesystem::path& path, const H5adSelection& selection) {
    DS_ASSIGN(const Hdf5Object file, Hdf5Object::openFile(path));
    const auto categories = categoriesInUns(file);
    DS_ASSIGN(const Hdf5Object obs, file.child("obs"));
    DS_ASSIGN(H5adFrame frame, readH5adFrame(obs, categories, false));
    EmbeddingTable table(frame.index.size());
    table.obsNames = std::move(frame.index);
    for (auto& [name, column] : frame.columns) DS_TRY(table.setColumn(name, std::move(column)));
    if (file.has("var")) {
        DS_ASSIGN(const Hdf5Object var, file.child("var"));
        DS_ASSIGN(H5adFrame features, readH5adFrame(var, categories, true));
        table.varNames = std::move(features.index);
    }
    if (selection.x && file.has("X")) DS_TRY(readX(file, table));
    if (table.x.columns > 0 && table.varNames.size() != table.x.columns) return file.failure(fmt::format("has {} columns in X and {} names in var", table.x.columns, table.varNames.size()));
    if (selection.obsm && file.has("obsm")) {
        DS_ASSIGN(const Hdf5Object obsm, file.child("obsm"));
        DS_TRY(readMatrices(obsm, table, frame.warnings));
    }
    DS_TRY(readNotes(file, categories, table, frame.warnings));
    return table;
}

Result<H5adOutline> readOutline(const std::filesystem::path& path) {
    DS_ASSIGN(const Hdf5Object file, Hdf5Object::openFile(path));
    H5adOutline outline;
    if (file.has("X")) {
        DS_ASSIGN(Hdf5Object child, file.child("X"));
        if (child.textAttribute("encoding-type") != "null") {
            DS_ASSIGN(const H5adMatrix x, H5adMatrix::open(std::move(child)));
            outline.columns = x.columns();
            outline.storage = x.storage();
        }
    }
    if (file.has("obsm")) {
        DS_ASSIGN(const Hdf5Object obsm, file.child("obsm"));
        outline.matrices = outlineMatrices(obsm);
    }
    return outline;
}

class RowsOfX final : public H5adRows {
  public:
    RowsOfX(Hdf5Object file, H5adMatrix x) : file_(std::in_place, std::move(file)), x_(std::in_place, std::move(x)) {}
    ~RowsOfX() override {
        const Hdf5Session session;
        x_.reset();
        file_.reset();
    }
    std::size_t rows() const override { return x_->rows(); }
    std::size_t columns() const override { return x_->columns(); }
    Result<Matrix> read(std::size_t begin, std::size_t end) const override {
        const Hdf5Session session;
        return x_->read(begin, end);
    }

  private:
    std::optional<Hdf5Object> file_;  ///< optional, to be closed while a session is held
    std::optional<H5adMatrix> x_;
};

Result<std::unique_ptr<H5adRows>> openRows(const std::filesystem::path& path) {
    DS_ASSIGN(Hdf5Object file, Hdf5Object::openFile(path));
    DS_ASSIGN(Hdf5Object child, file.child("X"));
    DS_ASSIGN(H5adMatrix x, H5adMatrix::open(std::move(child)));
    if (x.storage() == "csc") return fail(ErrorCode::Unsupported, fmt::format("{}:/X is stored by columns (csc) and cannot be read in blocks of rows.", path.string()), "Save it as csr or dense.");
    return std::make_unique<RowsOfX>(std::move(file), std::move(x));
}

/// Runs `read` within a session; memory that a damaged file asks for ends as an error.
template <class Read>
auto guarded(const std::filesystem::path& path, Read read) -> decltype(read()) {
    const Hdf5Session session;
    try {
        return read();
    } catch (const std::exception& error) {
        return fail(ErrorCode::BadInput, fmt::format("{} cannot be read: {}.", path.string(), error.what()), "It is damaged, or larger than the memory of this machine.");
    }
}

}  // namespace

Result<EmbeddingTable> readH5ad(const std::filesystem::path& path, const H5adSelection& selection) {
    return guarded(path, [&] { return readTable(path, selection); });
}

Result<H5adOutline> outlineH5ad(const std::filesystem::path& path) {
    return guarded(path, [&] { return readOutline(path); });
}

Result<std::unique_ptr<H5adRows>> H5adRows::open(const std::filesystem::path& path) {
    return guarded(path, [&] { return openRows(path); });
}

}  // namespace driftscope::io
