#include "core/io/h5ad.h"

#include <cmath>
#include <thread>

#include "core/base/atomic_file.h"
#include "core/io/h5ad_columns.h"
#include "tests/core/io/scratch.h"

namespace driftscope::io {
namespace {

using nlohmann::json;
const std::string kNumerics = std::string(DRIFTSCOPE_TEST_DATA) + "/numerics/";

EmbeddingTable read(const std::filesystem::path& path, const H5adSelection& selection = {}) {
    auto table = readH5ad(path, selection);
    EXPECT_TRUE(table) << table.error().text();
    return table ? *std::move(table) : EmbeddingTable();
}

std::string warningsOf(const EmbeddingTable& table) {
    return table.uns.value("driftscope_warnings", json::array()).dump();
}

TEST(H5ad, ReadsEncoding05) {
    const EmbeddingTable table = read(kNumerics + "anndata_archives/v0.5.0/adata.h5ad");
    ASSERT_EQ(table.rows(), 700u);
    ASSERT_EQ(table.x.columns, 765u);
    EXPECT_NEAR(table.x(0, 0), -0.326, 1e-6);
    EXPECT_NEAR(table.x(1, 0), 1.171, 1e-6);
    EXPECT_NEAR(table.x(0, 764), 4.011, 1e-6);
    EXPECT_EQ(table.obsNames[0], "AAAGCCTGGCTAAC-1");
    EXPECT_EQ(table.varNames[0], "HES4");
    EXPECT_EQ(table.columnNames(), (std::vector<std::string>{"bulk_labels", "n_genes", "percent_mito", "n_counts", "S_score", "G2M_score", "phase", "louvain"}));
    const auto& labels = std::get<Categorical>(*table.column("bulk_labels"));
    EXPECT_EQ(labels.codes[0], 5);
    EXPECT_EQ(labels.categories[0], "CD4+/CD25 T Reg");
    EXPECT_EQ(std::get<std::vector<std::int64_t>>(*table.column("n_genes"))[1], 1080);
    EXPECT_NEAR(std::get<std::vector<double>>(*table.column("S_score"))[0], -1.19159803e-01, 1e-9);
    EXPECT_EQ(table.matrix("X_pca")->columns, 50u);
    EXPECT_NEAR((*table.matrix("X_pca"))(0, 0), -7.93961811, 1e-6);
    EXPECT_EQ(table.matrix("X_umap")->columns, 2u);
    EXPECT_EQ(table.uns["neighbors"]["params"]["n_neighbors"], json::array({10}));
    EXPECT_FALSE(table.uns.contains("phase_categories"));
    EXPECT_NE(warningsOf(table).find("connectivities"), std::string::npos);
}

TEST(H5ad, ReadsEncoding07) {
    const EmbeddingTable table = read(kNumerics + "anndata_archives/v0.7.0/adata.h5ad");
    ASSERT_EQ(table.rows(), 30u);
    ASSERT_EQ(table.x.columns, 20u);
    EXPECT_EQ(table.x(0, 6), 1);  // csr
    EXPECT_EQ(table.x(0, 7), 0);
    EXPECT_EQ(table.columnNames(), (std::vector<std::string>{"obs_cat", "cat_ordered", "int64", "float64", "uint8"}));
    const auto& plain = std::get<Categorical>(*table.column("obs_cat"));
    EXPECT_EQ(plain.codes[0], 8);
    EXPECT_EQ(plain.at(0), "S");
    EXPECT_FALSE(plain.ordered);
    EXPECT_TRUE(std::get<Categorical>(*table.column("cat_ordered")).ordered);
    EXPECT_EQ(std::get<std::vector<std::int64_t>>(*table.column("int64"))[0], -29);
    EXPECT_EQ(std::get<std::vector<std::int64_t>>(*table.column("uint8"))[0], 226);
    EXPECT_NEAR((*table.matrix("array"))(0, 0), 0.487989, 1e-6);
    EXPECT_EQ(table.matrix("sparse")->columns, 100u);
    EXPECT_NEAR((*table.matrix("sparse"))(0, 72), 0.88910046, 1e-6);
    EXPECT_EQ(table.matrix("df"), nullptr);
    for (const char* skipped : {"/obsm/df", "/layers", "/raw", "O_recarray"}) EXPECT_NE(warningsOf(table).find(skipped), std::string::npos) << skipped;
}

TEST(H5ad, ReadsEncoding08) {
    const EmbeddingTable table = read(kNumerics + "anndata_080/digits.h5ad");
    ASSERT_EQ(table.rows(), 1797u);
    ASSERT_EQ(table.x.columns, 64u);
    EXPECT_EQ(table.x(0, 2), 5);
    EXPECT_EQ(std::get<Categorical>(*table.column("label")).at(0), "digit_0");
    EXPECT_EQ(table.matrix("X_umap")->columns, 2u);
    EXPECT_TRUE(table.uns["source"].is_string());
    EXPECT_FALSE(table.uns.contains("driftscope_warnings")) << warningsOf(table);
}

TEST(H5ad, PartsStayOnDiskWhenNotAskedFor) {
    const EmbeddingTable table = read(kNumerics + "anndata_080/digits.h5ad", {.x = false, .obsm = false});
    EXPECT_EQ(table.rows(), 1797u);
    EXPECT_EQ(table.x.columns, 0u);
    EXPECT_TRUE(table.matrixNames().empty());
    const auto outline = outlineH5ad(kNumerics + "anndata_archives/v0.7.0/adata.h5ad").value();
    EXPECT_EQ(outline.storage, "csr");
    EXPECT_EQ(outline.columns, 20u);
    EXPECT_EQ(outline.matrices, (std::vector<std::pair<std::string, std::size_t>>{{"array", 50}, {"sparse", 100}}));
}

EmbeddingTable sample() {
    EmbeddingTable table(4);
    table.x = Matrix(4, 3);
    for (std::size_t i = 0; i < 12; ++i) table.x.values[i] = static_cast<float>(i) / 7;
    table.obsNames = {"a", "b", "c", "µ"};
    table.varNames = {"f0", "f1", "f2"};
    EXPECT_TRUE(table.setColumn("t", std::vector<std::int64_t>{3, -1, 9'007'199'254'740'993, 0}));
    EXPECT_TRUE(table.setColumn("score", std::vector<double>{0.1, NAN, -1e300, 0}));
    EXPECT_TRUE(table.setColumn("dividing", std::vector<std::uint8_t>{1, 0, 0, 1}));
    Categorical state = Categorical::fromTexts({"mitosis", "", "inter,phase", "mitosis"});
    state.ordered = true;
    EXPECT_TRUE(table.setColumn("state", state));
    EXPECT_TRUE(table.setColumn("note", std::vector<std::string>{"", "x y", "ü", "\"q\""}));
    Matrix pca(4, 2);
    pca(3, 1) = 2.5f;
    EXPECT_TRUE(table.setMatrix("X_pca", pca));
    table.uns = {{"run", {{"kind", "cells.embed"}, {"seed", 7}, {"rate", 0.5}, {"cuda", false}}}, {"paths", {"a", "b"}}, {"empty", json::array()}, {"grid", {{1, 2}, {3, 4}}},
                 {"mixed", {{{"a", 1}}, 2}}, {"slash", {{"x/y", 1}}}, {"nothing", nullptr}};
    return table;
}

TEST(H5ad, RoundTripsEveryColumnType) {
    const Scratch scratch;
    const EmbeddingTable table = sample();
    ASSERT_TRUE(writeH5ad(scratch / "t.h5ad", table));
    const EmbeddingTable back = read(scratch / "t.h5ad");
    EXPECT_EQ(back.x.values, table.x.values);
    EXPECT_EQ(back.obsNames, table.obsNames);
    EXPECT_EQ(back.varNames, table.varNames);
    EXPECT_EQ(back.columnNames(), table.columnNames());
    EXPECT_EQ(std::get<std::vector<std::int64_t>>(*back.column("t")), std::get<std::vector<std::int64_t>>(*table.column("t")));
    EXPECT_TRUE(std::isnan(std::get<std::vector<double>>(*back.column("score"))[1]));
    EXPECT_EQ(std::get<std::vector<double>>(*back.column("score"))[2], -1e300);
    EXPECT_EQ(std::get<std::vector<std::uint8_t>>(*back.column("dividing")), (std::vector<std::uint8_t>{1, 0, 0, 1}));
    const auto& state = std::get<Categorical>(*back.column("state"));
    EXPECT_EQ(state.codes, (std::vector<std::int32_t>{1, -1, 0, 1}));
    EXPECT_TRUE(state.ordered);
    EXPECT_EQ(std::get<std::vector<std::string>>(*back.column("note")), (std::vector<std::string>{"", "x y", "ü", "\"q\""}));
    EXPECT_EQ(back.matrix("X_pca")->values, table.matrix("X_pca")->values);
    EXPECT_EQ(back.uns["run"], table.uns["run"]);
    EXPECT_EQ(back.uns["paths"], table.uns["paths"]);
    EXPECT_EQ(back.uns["grid"], table.uns["grid"]);
    EXPECT_EQ(json::parse(back.uns["mixed"].get<std::string>()), table.uns["mixed"]);
    EXPECT_EQ(json::parse(back.uns["slash"].get<std::string>()), table.uns["slash"]);
    EXPECT_FALSE(back.uns.contains("nothing"));
}

TEST(H5ad, SameTableSameBytes) {
    const Scratch scratch;
    ASSERT_TRUE(writeH5ad(scratch / "a.h5ad", sample()));
    std::this_thread::sleep_for(std::chrono::milliseconds(1100));  // HDF5 would store times in seconds
    ASSERT_TRUE(writeH5ad(scratch / "b.h5ad", sample()));
    EXPECT_EQ(readFile(scratch / "a.h5ad").value(), readFile(scratch / "b.h5ad").value());
}

TEST(H5ad, EmptyAndManyCategoryTables) {
    const Scratch scratch;
    EmbeddingTable empty(0);
    ASSERT_TRUE(empty.setColumn("t", std::vector<std::int64_t>{}));
    ASSERT_TRUE(writeH5ad(scratch / "e.h5ad", empty));
    EXPECT_EQ(read(scratch / "e.h5ad").rows(), 0u);
    EmbeddingTable wide(40000);
    std::vector<std::string> names(40000);
    for (std::size_t i = 0; i < names.size(); ++i) names[i] = fmt::format("track {}", i);
    ASSERT_TRUE(wide.setColumn("track", Categorical::fromTexts(names)));
    ASSERT_TRUE(writeH5ad(scratch / "w.h5ad", wide));
    EXPECT_EQ(columnText(*read(scratch / "w.h5ad").column("track"), 39999), "track 39999");
}

TEST(H5ad, ReservedNamesAreRefused) {
    const Scratch scratch;
    for (const char* name : {"_index", "a/b", "", "."}) {
        EmbeddingTable table(1);
        ASSERT_TRUE(table.setColumn(name, std::vector<double>{1}));
        const auto written = writeH5ad(scratch / "t.h5ad", table);
        ASSERT_FALSE(written) << name;
        EXPECT_FALSE(std::filesystem::exists(scratch / "t.h5ad"));
    }
    EXPECT_TRUE(std::filesystem::is_empty(scratch.path()));
}

TEST(H5ad, RowsAreReadInBlocks) {
    for (const char* file : {"anndata_080/digits.h5ad", "anndata_archives/v0.7.0/adata.h5ad", "anndata_archives/v0.5.0/adata.h5ad"}) {
        const EmbeddingTable whole = read(kNumerics + file);
        const auto rows = H5adRows::open(kNumerics + file);
        ASSERT_TRUE(rows) << rows.error().text();
        ASSERT_EQ((*rows)->rows(), whole.rows());
        const Matrix block = (*rows)->read(7, 19).value();
        for (std::size_t row = 0; row < 12; ++row)
            for (std::size_t column = 0; column < block.columns; ++column) ASSERT_EQ(block(row, column), whole.x(row + 7, column));
        EXPECT_FALSE((*rows)->read(5, whole.rows() + 1));
    }
}

TEST(H5ad, ThreadsMayReadAtOnce) {
    std::atomic<int> failures{0};
    std::vector<std::jthread> threads;
    for (int i = 0; i < 4; ++i)
        threads.emplace_back([&] {
            for (int k = 0; k < 5; ++k) {
                const auto table = readH5ad(kNumerics + "anndata_archives/v0.7.0/adata.h5ad");
                failures += !table || table->rows() != 30;
            }
        });
    threads.clear();
    EXPECT_EQ(failures, 0);
}

TEST(H5ad, DamageIsNamed) {
    const Scratch scratch;
    EXPECT_EQ(readH5ad(scratch / "absent.h5ad").error().code, ErrorCode::NotFound);
    EXPECT_NE(readH5ad(scratch.file("text.h5ad", "not HDF5")).error().message.find("text.h5ad"), std::string::npos);
    ASSERT_TRUE(writeH5ad(scratch / "good.h5ad", sample()));
    const std::string good = readFile(scratch / "good.h5ad").value();
    for (std::size_t length = 0; length < good.size(); length += 97) EXPECT_FALSE(readH5ad(scratch.file("bad.h5ad", good.substr(0, length)))) << length;
}

/// A file whose parts are made by the given function instead of by AnnData's rules.
template <class Make>
Result<EmbeddingTable> readMade(const Scratch& scratch, Make make) {
    {
        const Hdf5Session session;
        const auto file = Hdf5Object::createFile(scratch / "made.h5ad").value();
        make(file);
    }
    return readH5ad(scratch / "made.h5ad");
}

void makeFrame(const Hdf5Object& file, const char* name, std::size_t rows) {
    EXPECT_TRUE(writeH5adFrame(file, name, std::vector<std::string>(rows, "r"), {}));
}

TEST(H5ad, ContradictionsAreNamed) {
    const Scratch scratch;
    EXPECT_NE(readMade(scratch, [](const Hdf5Object&) {}).error().message.find("has no 'obs'"), std::string::npos);
    const auto rows = readMade(scratch, [](const Hdf5Object& file) {
        makeFrame(file, "obs", 3);
        makeFrame(file, "var", 2);
        EXPECT_TRUE(file.writeNumbers<double>("X", {2, 2}, std::vector<double>(4)));
    });
    EXPECT_NE(rows.error().message.find("2 rows in X and 3 in obs"), std::string::npos) << rows.error().message;
    const auto columns = readMade(scratch, [](const Hdf5Object& file) {
        makeFrame(file, "obs", 2);
        makeFrame(file, "var", 3);
        EXPECT_TRUE(file.writeNumbers<double>("X", {2, 2}, std::vector<double>(4)));
    });
    EXPECT_NE(columns.error().message.find("2 columns in X and 3 names in var"), std::string::npos) << columns.error().message;
    const auto text = readMade(scratch, [](const Hdf5Object& file) {
        makeFrame(file, "obs", 2);
        EXPECT_TRUE(file.writeTexts("X", {"a", "b"}));
    });
    EXPECT_NE(text.error().message.find("/X is not a matrix of numbers"), std::string::npos) << text.error().message;
}

TEST(H5ad, BadColumnsAreSkippedAndNamed) {
    const Scratch scratch;
    const auto table = readMade(scratch, [](const Hdf5Object& file) {
        makeFrame(file, "obs", 2);
        const auto obs = file.child("obs").value();
        EXPECT_TRUE(obs.writeNumbers<double>("long", {3}, std::vector<double>(3)));
        EXPECT_TRUE(obs.writeNumbers<double>("flat", {2, 1}, std::vector<double>(2)));
        EXPECT_TRUE(obs.writeNumbers<double>("good", {2}, std::vector<double>{1, 2}));
        const auto codes = obs.createGroup("codes").value();
        EXPECT_TRUE(setEncoding(codes, "categorical", "0.2.0"));
        EXPECT_TRUE(codes.writeTexts("categories", {"a"}));
        EXPECT_TRUE(codes.writeNumbers<std::int8_t>("codes", {2}, std::vector<std::int8_t>{0, 1}));
        const auto newer = obs.createGroup("newer").value();
        EXPECT_TRUE(setEncoding(newer, "awkward-array", "0.1.0"));
        const auto nullable = obs.createGroup("nullable").value();
        EXPECT_TRUE(setEncoding(nullable, "nullable-integer", "0.1.0"));
        EXPECT_TRUE(nullable.writeNumbers<std::int64_t>("values", {2}, std::vector<std::int64_t>{7, 8}));
        EXPECT_TRUE(nullable.writeBools("mask", {2}, std::vector<std::uint8_t>{0, 1}));
    });
    ASSERT_TRUE(table) << table.error().text();
    EXPECT_EQ(table->columnNames(), (std::vector<std::string>{"good", "nullable"}));
    EXPECT_EQ(columnNumber(*table->column("nullable"), 0), 7);
    EXPECT_TRUE(std::isnan(columnNumber(*table->column("nullable"), 1)));
    for (const char* part : {"obs/long has 3 values for 2 rows", "obs/flat", "code 1 in row 1, beyond its 1 categories", "awkward-array"})
        EXPECT_NE(warningsOf(*table).find(part), std::string::npos) << part << " in " << warningsOf(*table);
}

TEST(H5ad, ImpossibleSizesTakeNoMemory) {
    const Scratch scratch;
    const auto table = readMade(scratch, [](const Hdf5Object& file) {
        makeFrame(file, "obs", 2);
        const auto obs = file.child("obs").value();
        EXPECT_TRUE(obs.createDataset("huge", H5T_IEEE_F64LE, {std::size_t{1} << 40}, 1u << 20));  // no chunk of it exists
    });
    ASSERT_TRUE(table);
    EXPECT_NE(warningsOf(*table).find("cannot hold"), std::string::npos);
}

Matrix block(std::size_t first, std::size_t rows, std::size_t columns) {
    Matrix matrix(rows, columns);
    for (std::size_t row = 0; row < rows; ++row)
        for (std::size_t column = 0; column < columns; ++column) matrix(row, column) = static_cast<float>((first + row) * 10 + column);
    return matrix;
}

EmbeddingTable metaOf(std::size_t rows) {
    EmbeddingTable meta(rows);
    EXPECT_TRUE(meta.setColumn("t", std::vector<std::int64_t>(rows, 1)));
    return meta;
}

TEST(H5adAppender, FlushedRowsSurviveAKill) {
    const Scratch scratch;
    const auto path = scratch / "e.h5ad";
    {
        auto table = H5adAppender::open(path, 5, {{"X_projections", 2}}).value();
        ASSERT_TRUE(table->append(block(0, 3, 5), {block(0, 3, 2)}));
        ASSERT_TRUE(table->flush());
        ASSERT_TRUE(table->append(block(3, 2, 5), {block(3, 2, 2)}));  // not flushed: lost
        EXPECT_EQ(table->rows(), 5u);
    }
    EXPECT_FALSE(std::filesystem::exists(path));
    auto table = H5adAppender::open(path, 5, {{"X_projections", 2}}).value();
    ASSERT_EQ(table->rows(), 3u);
    ASSERT_TRUE(table->append(block(3, 4, 5), {block(3, 4, 2)}));
    EXPECT_FALSE(table->finish(metaOf(6)));
    ASSERT_TRUE(table->finish(metaOf(7)));
    EXPECT_FALSE(std::filesystem::exists(path.string() + ".partial"));
    const EmbeddingTable back = read(path);
    EXPECT_EQ(back.x.values, block(0, 7, 5).values);
    EXPECT_EQ(back.matrix("X_projections")->values, block(0, 7, 2).values);
}

TEST(H5adAppender, AnotherLayoutStartsAnew) {
    const Scratch scratch;
    {
        auto table = H5adAppender::open(scratch / "e.h5ad", 5, {}).value();
        ASSERT_TRUE(table->append(block(0, 3, 5), {}));
        ASSERT_TRUE(table->flush());
        EXPECT_FALSE(table->append(block(0, 3, 4), {}));
    }
    auto table = H5adAppender::open(scratch / "e.h5ad", 4, {}).value();
    EXPECT_EQ(table->rows(), 0u);
    ASSERT_TRUE(table->append(block(0, 2, 4), {}));
    ASSERT_TRUE(table->finish(metaOf(2)));
    EXPECT_EQ(read(scratch / "e.h5ad").x.values, block(0, 2, 4).values);
}

}  // namespace
}  // namespace driftscope::io
