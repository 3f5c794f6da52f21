#include <gtest/gtest.h>
#include <unistd.h>

#include <set>

#include "core/base/atomic_file.h"
#include "core/cells/dynaclr/dynaclr_jobs.h"
#include "core/io/h5ad.h"
#include "core/io/time_lapse.h"
#include "core/job/run_job.h"

namespace driftscope::cells {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

const fs::path kData = fs::path(DRIFTSCOPE_TEST_DATA) / "cells";

class EmbedJob : public ::testing::Test {
  protected:
    /// One short training serves every test.
    static void SetUpTestSuite() {
        registerDynaclrJobs(registry());
        const json params{{"images", (kData / "mitocheck.zarr").string()}, {"tracks", (kData / "mitocheck_tracks.zarr").string()}, {"patch", 16}, {"initial_patch", 24},
                          {"depths", {1, 1}}, {"widths", {8, 16}}, {"stem", {1, 4, 4}}, {"embedding_dim", 16}, {"projection_dim", 8}, {"epochs", 1}, {"batches_per_epoch", 2},
                          {"validation", 0.0}, {"threads", 1}};
        const auto trained = runJob(registry(), {"cells.train", params, folder() / "model", "cpu", false}, {});
        ASSERT_TRUE(trained) << trained.error().text();
    }
    static void TearDownTestSuite() { fs::remove_all(folder()); }
    static JobRegistry& registry() {
        static JobRegistry kinds;
        return kinds;
    }
    static fs::path folder() { return fs::temp_directory_path() / fmt::format("driftscope-embed-{}", ::getpid()); }
    static json request() {
        return {{"images", (kData / "mitocheck.zarr").string()}, {"tracks", (kData / "mitocheck_tracks.zarr").string()},
                {"weights", (folder() / "model" / "weights.safetensors").string()}, {"threads", 1}};
    }
    static Result<json> run(const json& params, const std::string& name, std::stop_token stop = {}, JobContext::Listener listener = {}) {
        return runJob(registry(), {"cells.embed", params, folder() / name, "cpu", false}, stop, std::move(listener));
    }
};

TEST_F(EmbedJob, WritesTheReferencesNames) {
    const auto embedded = run(request(), "whole");
    ASSERT_TRUE(embedded) << embedded.error().text();
    EXPECT_EQ((*embedded)["cells"], 585);
    EXPECT_EQ((*embedded)["frames_decoded"], 30);
    const EmbeddingTable table = io::readH5ad(folder() / "whole" / "embeddings.h5ad").value();
    EXPECT_EQ(table.rows(), 585U);
    EXPECT_EQ(table.x.columns, 16U);
    ASSERT_NE(table.matrix("X_projections"), nullptr);
    EXPECT_EQ(table.matrix("X_projections")->columns, 8U);
    for (const char* column : {"fov_name", "track_id", "t", "id", "parent_track_id", "parent_id", "y", "x"}) EXPECT_NE(table.column(column), nullptr) << column;
    EXPECT_EQ(columnText(*table.column("fov_name"), 0), "A/1/0");
    const auto t = table.integers("t").value();
    EXPECT_TRUE(std::is_sorted(t.begin(), t.end()));
    EXPECT_EQ(std::set<std::string>(table.obsNames.begin(), table.obsNames.end()).size(), 585U);
    EXPECT_EQ(table.uns["data_path"], request()["images"]);
    EXPECT_EQ(table.uns["tracks_path"], request()["tracks"]);
    EXPECT_TRUE(table.uns.contains("provenance"));
}

TEST_F(EmbedJob, InterruptedRunEqualsTheWholeOne) {
    json params = request();
    params["batch"] = 50;
    ASSERT_TRUE(run(params, "straight"));
    int interruptions = 0;
    for (;; ++interruptions) {
        std::stop_source stop;
        int seen = 0;
        const auto part = run(params, "parts", stop.get_token(), [&](const json& event) {
            if (event.value("type", "") == "progress" && ++seen == 1) stop.request_stop();
        });
        if (part) break;
        ASSERT_EQ(part.error().code, ErrorCode::Cancelled) << part.error().text();
        ASSERT_LT(interruptions, 30);
    }
    EXPECT_GE(interruptions, 1);
    const EmbeddingTable straight = io::readH5ad(folder() / "straight" / "embeddings.h5ad").value();
    const EmbeddingTable parts = io::readH5ad(folder() / "parts" / "embeddings.h5ad").value();
    EXPECT_EQ(straight.x.values, parts.x.values);
    EXPECT_EQ(straight.matrix("X_projections")->values, parts.matrix("X_projections")->values);
    EXPECT_EQ(straight.obsNames, parts.obsNames);
}

TEST_F(EmbedJob, BorderPoliciesAreCounted) {
    json params = request();
    params["border"] = "drop";
    const json dropped = run(params, "drop").value();
    EXPECT_GT(dropped["cells_dropped"].get<int>(), 0);
    EXPECT_EQ(dropped["cells"].get<int>() + dropped["cells_dropped"].get<int>(), 585);
    params["border"] = "pad";
    const json padded = run(params, "pad").value();
    EXPECT_EQ(padded["cells"], 585);
    EXPECT_EQ(padded["cells_shifted"], dropped["cells_dropped"]);
    params["border"] = "clamp";
    params["border_shift"] = 0.25;
    const json quarter = run(params, "clamp").value();
    EXPECT_GT(quarter["cells_shifted"].get<int>(), 0);
    EXPECT_LT(quarter["cells_dropped"].get<int>(), dropped["cells_dropped"].get<int>());
}

TEST_F(EmbedJob, WrongPartnersAreNamed) {
    json params = request();
    params["channels"] = {"GFP"};
    const auto channel = run(params, "channel");
    ASSERT_FALSE(channel);
    EXPECT_NE(channel.error().message.find("'GFP'"), std::string::npos) << channel.error().message;
    params = request();
    params["fovs"] = {"B/9/9"};
    const auto fov = run(params, "fov");
    ASSERT_FALSE(fov);
    EXPECT_NE(fov.error().message.find("'B/9/9'"), std::string::npos) << fov.error().message;
    params = request();
    params["patch"] = 4;
    EXPECT_EQ(exitCode(run(params, "patch").error().code), 3);
}

}  // namespace
}  // namespace driftscope::cells
