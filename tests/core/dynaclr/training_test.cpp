#include <gtest/gtest.h>
#include <unistd.h>

#include <cmath>
#include <cstring>
#include <limits>

#include "core/base/atomic_file.h"
#include "core/cells/dynaclr/dynaclr_jobs.h"
#include "core/cells/dynaclr/training_torch.h"
#include "core/io/npy.h"
#include "core/job/run_job.h"

namespace driftscope::cells {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

const fs::path kData = fs::path(DRIFTSCOPE_TEST_DATA) / "cells";

/// Two epochs of a very small encoder on the real nuclei.
json smallTraining() {
    return {{"images", (kData / "mitocheck.zarr").string()}, {"tracks", (kData / "mitocheck_tracks.zarr").string()},
            {"patch", 16}, {"initial_patch", 24}, {"depths", {1, 1}}, {"widths", {8, 16}}, {"stem", {1, 4, 4}}, {"embedding_dim", 16}, {"projection_dim", 8},
            {"epochs", 2}, {"batch", 64}, {"drop_path", 0.1}, {"threads", 1}};
}

class TrainingJob : public ::testing::Test {
  protected:
    void SetUp() override { registerDynaclrJobs(registry_); }
    void TearDown() override { fs::remove_all(folder_); }
    Result<json> run(const std::string& kind, const json& params, const std::string& name, std::stop_token stop = {}, JobContext::Listener listener = {}) {
        return runJob(registry_, {kind, params, folder_ / name, "cpu", false}, stop, std::move(listener));
    }
    std::string weights(const std::string& name) { return readFile(folder_ / name / "weights.safetensors").value_or("absent " + name); }

    JobRegistry registry_;
    fs::path folder_ = fs::temp_directory_path() / fmt::format("driftscope-training-{}", ::getpid());
};

TEST_F(TrainingJob, SameSeedSameBytesAndResumeEqualsUninterrupted) {
    std::vector<double> losses;
    const auto collect = [&](const json& event) {
        if (event.value("name", "") == "loss/train") losses.push_back(event["value"]);
    };
    const auto whole = run("cells.train", smallTraining(), "whole", {}, collect);
    ASSERT_TRUE(whole) << whole.error().text();
    EXPECT_EQ((*whole)["frames_decoded"], 30) << "every frame is decoded once";
    EXPECT_GT((*whole)["data"]["cells_validation"].get<int>(), 20);
    EXPECT_TRUE((*whole).contains("smoothness"));
    EXPECT_GT((*whole)["effective_rank"].get<double>(), 1);
    const std::size_t steps = losses.size();
    ASSERT_GT(steps, 8U);

    ASSERT_TRUE(run("cells.train", smallTraining(), "again"));
    EXPECT_EQ(weights("whole"), weights("again"));

    losses.clear();
    for (int interruption = 0;; ++interruption) {
        std::stop_source stop;
        int seen = 0;
        const auto part = run("cells.train", smallTraining(), "parts", stop.get_token(), [&](const json& event) {
            collect(event);
            if (event.value("name", "") == "loss/train" && ++seen == 3) stop.request_stop();
        });
        if (part) {
            EXPECT_GE(interruption, 2);
            break;
        }
        ASSERT_EQ(part.error().code, ErrorCode::Cancelled) << part.error().text();
        ASSERT_LT(interruption, 20);
    }
    EXPECT_EQ(losses.size(), steps) << "no step was lost or repeated";
    EXPECT_EQ(weights("whole"), weights("parts"));

    json other = smallTraining();
    other["seed"] = 43;
    ASSERT_TRUE(run("cells.train", other, "other"));
    EXPECT_NE(weights("whole"), weights("other"));
}

TEST_F(TrainingJob, EverySamplerAndLossTrains) {
    for (const char* sampler : {"classical", "cell", "time"}) {
        json params = smallTraining();
        params["sampler"] = sampler;
        params["loss"] = "triplet";
        params["epochs"] = 1;
        params["batches_per_epoch"] = 3;
        params["validation"] = 0.0;
        params["precision"] = sampler[0] == 't' ? "bf16" : "fp32";
        const auto trained = run("cells.train", params, sampler);
        ASSERT_TRUE(trained) << sampler << ": " << trained.error().text();
        EXPECT_EQ((*trained)["steps"], 3);
        EXPECT_TRUE(std::isfinite((*trained)["loss_train"].get<double>()));
    }
}

TEST_F(TrainingJob, EveryBackboneTrainsAndEmbeds) {
    for (const char* backbone : {"convnextv2_tiny", "resnet50"}) {
        json params = smallTraining();
        params["backbone"] = backbone;
        params["beta"] = 0.5;
        params["temperature_start"] = 0.5;
        params["stratify"] = "fov";
        params["epochs"] = 1;
        params["batches_per_epoch"] = 3;
        params["validation"] = 0.0;
        const auto trained = run("cells.train", params, backbone);
        ASSERT_TRUE(trained) << backbone << ": " << trained.error().text();
        EXPECT_TRUE(std::isfinite((*trained)["loss_train"].get<double>()));
    }
}

TEST(Temperature, FollowsHalfACosine) {
    TrainingOptions options;
    options.temperature = 0.2;
    EXPECT_DOUBLE_EQ(annealedTemperature(options, 0), 0.2);
    options.temperatureStart = 0.1;
    options.temperatureEpochs = 50;
    EXPECT_DOUBLE_EQ(annealedTemperature(options, 0), 0.1);
    EXPECT_NEAR(annealedTemperature(options, 25), 0.15, 1e-12);
    EXPECT_DOUBLE_EQ(annealedTemperature(options, 50), 0.2);
    EXPECT_DOUBLE_EQ(annealedTemperature(options, 500), 0.2);
}

TEST_F(TrainingJob, LossThatLeavesTheNumbersIsRefused) {
    json params = smallTraining();
    params["epochs"] = 1;
    params["batches_per_epoch"] = 1;
    ASSERT_TRUE(run("cells.train", params, "broken"));
    // The stem's first weights become infinite: training on from there must say so at its first step.
    std::string bytes = weights("broken");
    std::uint64_t header = 0;
    std::memcpy(&header, bytes.data(), sizeof header);
    const float infinite = std::numeric_limits<float>::infinity();
    for (std::size_t i = 0; i < 16; ++i) std::memcpy(bytes.data() + 8 + header + 4 * i, &infinite, sizeof infinite);
    ASSERT_TRUE(writeFileAtomically(folder_ / "broken" / "weights.safetensors", bytes));
    params["initial_weights"] = (folder_ / "broken" / "weights.safetensors").string();
    const auto refused = run("cells.train", params, "refused");
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, ErrorCode::Numeric) << refused.error().text();
    EXPECT_NE(refused.error().message.find("step 0"), std::string::npos) << refused.error().message;
    EXPECT_NE(refused.error().remedy.find("learning rate"), std::string::npos);
}

TEST_F(TrainingJob, EncodesPatchesWithTrainedWeights) {
    json params = smallTraining();
    params["epochs"] = 1;
    params["batches_per_epoch"] = 2;
    ASSERT_TRUE(run("cells.train", params, "model"));
    std::vector<float> patches(3 * 16 * 16);
    for (std::size_t i = 0; i < patches.size(); ++i) patches[i] = std::sin(0.1F * static_cast<float>(i));
    const std::vector<std::int64_t> shape{3, 1, 1, 16, 16};
    ASSERT_TRUE(io::writeNpy(folder_ / "x.npy", shape, patches));
    const json request{{"weights", (folder_ / "model" / "weights.safetensors").string()}, {"input", (folder_ / "x.npy").string()}, {"threads", 1}};
    const auto encoded = run("cells.encode", request, "encoded");
    ASSERT_TRUE(encoded) << encoded.error().text();
    const auto features = io::readNpy(folder_ / "encoded" / "features.npy").value();
    EXPECT_EQ(features.shape, (std::vector<std::int64_t>{3, 16}));
    EXPECT_EQ(io::readNpy(folder_ / "encoded" / "projections.npy")->shape, (std::vector<std::int64_t>{3, 8}));
    for (const float value : features.values) EXPECT_TRUE(std::isfinite(value));

    const std::vector<std::int64_t> twoChannels{1, 2, 1, 16, 16};
    ASSERT_TRUE(io::writeNpy(folder_ / "two.npy", twoChannels, std::vector<float>(512)));
    json wrong = request;
    wrong["input"] = (folder_ / "two.npy").string();
    const auto refused = run("cells.encode", wrong, "refused");
    ASSERT_FALSE(refused);
    EXPECT_EQ(exitCode(refused.error().code), 3);
    EXPECT_NE(refused.error().message.find("2 channels"), std::string::npos) << refused.error().message;
}

TEST(EffectiveRank, CountsTheDirections) {
    EXPECT_NEAR(effectiveRank(torch::eye(4) - 0.25), 3, 0.01);  // three equal directions remain after centring
    EXPECT_NEAR(effectiveRank(torch::arange(12, torch::kFloat32).view({6, 2})), 1, 0.01);
}

}  // namespace
}  // namespace driftscope::cells
