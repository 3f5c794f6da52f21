#include <nlohmann/json.hpp>

#include "core/io/h5ad.h"
#include "core/io/io_jobs.h"
#include "core/job/run_job.h"
#include "tests/core/io/scratch.h"

namespace driftscope::io {
namespace {

using nlohmann::json;
const std::string kNumerics = std::string(DRIFTSCOPE_TEST_DATA) + "/numerics/";

Result<json> info(const Scratch& scratch, const std::string& table) {
    JobRegistry registry;
    registerTableJobs(registry);
    return runJob(registry, {"table.info", {{"table", table}, {"values", 3}}, scratch / "run", "cpu", true}, {});
}

TEST(TableInfo, DescribesColumnsMatricesAndNotes) {
    const Scratch scratch;
    const auto result = info(scratch, kNumerics + "anndata_archives/v0.5.0/adata.h5ad");
    ASSERT_TRUE(result) << result.error().text();
    EXPECT_EQ((*result)["rows"], 700);
    EXPECT_EQ((*result)["x"]["columns"], 765);
    ASSERT_EQ((*result)["obs"].size(), 8u);
    const json& labels = (*result)["obs"][0];
    EXPECT_EQ(labels["name"], "bulk_labels");
    EXPECT_EQ(labels["type"], "category");
    EXPECT_EQ(labels["distinct"], 10);
    EXPECT_EQ(labels["values"].size(), 3u);
    EXPECT_GE(labels["values"][0]["count"].get<int>(), labels["values"][1]["count"].get<int>());
    const json& genes = (*result)["obs"][1];
    EXPECT_EQ(genes["type"], "integer");
    EXPECT_LT(genes["minimum"].get<double>(), genes["maximum"].get<double>());
    EXPECT_EQ((*result)["obsm"][0], (json{{"name", "X_pca"}, {"columns", 50}}));
    EXPECT_EQ((*result)["uns"]["louvain"]["params"]["resolution"], json::array({1}));
    EXPECT_FALSE((*result)["warnings"].empty());
}

TEST(TableInfo, CountsMissingValues) {
    const Scratch scratch;
    EmbeddingTable table(3);
    ASSERT_TRUE(table.setColumn("score", std::vector<double>{1, NAN, 3}));
    ASSERT_TRUE(table.setColumn("state", Categorical::fromTexts({"a", "", "a"})));
    ASSERT_TRUE(writeH5ad(scratch / "t.h5ad", table));
    const json obs = info(scratch, scratch / "t.h5ad").value()["obs"];
    EXPECT_EQ(obs[0]["missing"], 1);
    EXPECT_EQ(obs[0]["mean"], 2.0);
    EXPECT_EQ(obs[1]["missing"], 1);
    EXPECT_EQ(obs[1]["values"], (json{{{"value", "a"}, {"count", 2}}}));
}

TEST(TableInfo, AbsentFileIsNamed) {
    const Scratch scratch;
    const auto result = info(scratch, "/nowhere/t.h5ad");
    ASSERT_FALSE(result);
    EXPECT_NE(result.error().message.find("/nowhere/t.h5ad"), std::string::npos);
}

}  // namespace
}  // namespace driftscope::io
