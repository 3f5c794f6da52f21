#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>

#include "core/job/run_job.h"
#include "core/llm/train/training_torch.h"
#include "tests/core/llm/train/golden_model.h"

namespace driftscope::llm {
namespace {

using nlohmann::json;
using ::testing::HasSubstr;

/// A kind that trains the golden network, so that the loop is driven as jobs drive it.
JobRegistry registryFor(TrainingOptions options, std::function<void(Golden&)> change = {}) {
    JobRegistry registry;
    registry.add({"test.train", "Train", "", {}, [options, change](JobContext& job) -> Result<json> {
                      Golden golden(0.1);
                      if (change) change(golden);
                      TrainingData data{golden.align(), golden.align(), golden.harmful()};
                      for (int copy = 0; copy < 3; ++copy) data.primary.insert(data.primary.end(), golden.harmful().begin(), golden.harmful().end());
                      Training training(job, golden.model(), golden.parameters(), data, options);
                      DS_ASSIGN(const json result, training.run());
                      DS_TRY(tensor::writeTensors(job.out("values.safetensors"), {{"values", golden.parameters().values()}}));
                      return result;
                  }});
    return registry;
}

TrainingOptions quick(const std::string& method) {
    TrainingOptions options;
    options.method = method;
    options.epochs = 3;
    options.batch = 1;
    options.accumulate = 2;
    options.learningRate = 1e-2;
    options.knobs.alignSteps = options.knobs.userSteps = 2;
    options.knobs.lambda = 0.5;
    options.knobs.layers = 1;
    options.knobs.layersEvery = 5;
    options.knobs.harmfulBatch = 1;
    return options;
}

TEST(Training, EveryMethodResumesToTheBit) {  // 23
    for (const std::string& method : methodNames()) {
        const Scratch scratch;
        const JobRegistry registry = registryFor(quick(method));
        const auto whole = runJob(registry, {"test.train", json::object(), scratch / "whole", "cpu", false}, {});
        ASSERT_TRUE(whole) << method << ": " << whole.error().text();
        EXPECT_EQ((*whole)["steps"], 12);
        int interruptions = 0;
        while (true) {
            std::stop_source stop;
            int seen = 0;
            const auto part = runJob(registry, {"test.train", json::object(), scratch / "parts", "cpu", false}, stop.get_token(), [&](const json& event) {
                if (event.value("name", "") == "loss" && ++seen == 3) stop.request_stop();
            });
            if (part) break;
            ASSERT_EQ(part.error().code, ErrorCode::Cancelled) << part.error().text();
            ASSERT_LT(++interruptions, 20);
        }
        EXPECT_GE(interruptions, 3);
        EXPECT_EQ(readFile(scratch / "whole" / "values.safetensors").value(), readFile(scratch / "parts" / "values.safetensors").value()) << method;
    }
}

TEST(Training, ClipsTheCombinedGradient) {  // 20
    const auto firstMove = [](double clip) {
        const Scratch scratch;
        TrainingOptions options = quick("booster");
        options.clip = clip;
        options.maximumSteps = 1;
        options.schedule = "constant";
        options.knobs.lambda = 50;
        double norm = 0;
        const auto done = runJob(registryFor(options), {"test.train", json::object(), scratch / "run", "cpu", false}, {}, [&](const json& event) {
            if (event.value("name", "") == "gradient norm") norm = event["value"];
        });
        EXPECT_TRUE(done);
        const auto moments = tensor::readTensors(scratch / "run" / "checkpoint" / "last.safetensors").value().tensors.at("adamw.mean");
        return std::pair(norm, normOf(moments) / 0.1);
    };
    const auto [norm, used] = firstMove(1);
    EXPECT_GT(norm, 1.5) << "the logged norm is that of the combination before clipping";
    EXPECT_NEAR(used, 1, 1e-5);
    const auto [same, unclipped] = firstMove(0);
    EXPECT_NEAR(same, norm, 1e-9);
    EXPECT_NEAR(unclipped, norm, 1e-9);
}

TEST(Training, LossThatLeavesTheNumbersNamesTheSample) {
    const Scratch scratch;
    const auto spoil = [](Golden& golden) {
        golden.model().visit([](const std::string& name, Tensor& weight) {
            // Token 20 is in the second harmful sample alone.
            if (name == "model.embed_tokens.weight") weight[20].fill_(std::numeric_limits<double>::infinity());
        });
    };
    const auto failed = runJob(registryFor(quick("sft"), spoil), {"test.train", json::object(), scratch / "run", "cpu", false}, {});
    ASSERT_FALSE(failed);
    EXPECT_EQ(failed.error().code, ErrorCode::Numeric);
    EXPECT_THAT(failed.error().message, HasSubstr("harm 1"));
}

TEST(Training, LearnsItsData) {
    const Scratch scratch;
    TrainingOptions options = quick("sft");
    options.epochs = 60;
    std::vector<double> losses;
    const auto done = runJob(registryFor(options), {"test.train", json::object(), scratch / "run", "cpu", false}, {}, [&](const json& event) {
        if (event.value("name", "") == "loss") losses.push_back(event["value"]);
    });
    ASSERT_TRUE(done) << done.error().text();
    const auto mean = [&](std::size_t from) { return (losses[from] + losses[from + 1] + losses[from + 2] + losses[from + 3]) / 4; };
    EXPECT_LT(mean(losses.size() - 4), 0.9 * mean(0));
}

}  // namespace
}  // namespace driftscope::llm
