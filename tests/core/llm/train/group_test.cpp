#include <arpa/inet.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/socket.h>

#include <thread>

#include "core/job/run_job.h"
#include "core/llm/train/training_torch.h"
#include "tests/core/llm/train/golden_model.h"

namespace driftscope::llm {
namespace {

using nlohmann::json;
using ::testing::HasSubstr;

/// An address on this computer that nobody uses now.
std::string freeAddress() {
    const int socket = ::socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t length = sizeof(address);
    ::bind(socket, reinterpret_cast<sockaddr*>(&address), length);
    ::getsockname(socket, reinterpret_cast<sockaddr*>(&address), &length);
    ::close(socket);
    return fmt::format("127.0.0.1:{}", ntohs(address.sin_port));
}

TrainingOptions quick(const std::string& method, std::int64_t batch) {
    TrainingOptions options;
    options.method = method;
    options.epochs = 3;
    options.batch = batch;
    options.accumulate = 2;
    options.learningRate = 1e-2;
    options.knobs.alignSteps = options.knobs.userSteps = 2;
    options.knobs.lambda = 0.5;
    options.knobs.layers = 1;
    options.knobs.layersEvery = 5;
    options.knobs.harmfulBatch = options.knobs.guideBatch = batch;
    return options;
}

/// Trains the golden network; returns the values it ends with, or the error's text.
struct Trained {
    Tensor values;
    json result;
    std::string error;
};
Trained train(TrainingOptions options, const std::filesystem::path& folder, const std::function<void(Golden&)>& change = {}, std::stop_token stop = {}) {
    Trained trained;
    JobRegistry registry;
    registry.add({"test.train", "Train", "", {}, [&](JobContext& job) -> Result<json> {
                      Golden golden;
                      if (change) change(golden);
                      TrainingData data{golden.align(), golden.align(), golden.harmful()};
                      for (int copy = 0; copy < 3; ++copy) data.primary.insert(data.primary.end(), golden.harmful().begin(), golden.harmful().end());
                      data.primary.push_back(golden.align()[1]);  // nine samples: the last step has none for the second process
                      Training training(job, golden.model(), golden.parameters(), data, options);
                      DS_ASSIGN(const json result, training.run());
                      trained.values = golden.parameters().values().clone();
                      return result;
                  }});
    const auto done = runJob(registry, {"test.train", json::object(), folder, "cpu", false}, stop);
    if (done) trained.result = *done;
    else trained.error = done.error().text();
    return trained;
}

/// Two processes in miniature: two threads that share nothing but their sockets.
std::array<Trained, 2> trainTogether(const TrainingOptions& options, const Scratch& scratch, const std::array<std::function<void(Golden&)>, 2>& change = {}) {
    std::array<Trained, 2> trained;
    const std::string meet = freeAddress();
    std::array<std::thread, 2> members;
    for (int rank = 0; rank < 2; ++rank)
        members[static_cast<std::size_t>(rank)] = std::thread([&, rank] {
            TrainingOptions own = options;
            auto group = tensor::Group::join(rank, 2, meet, 60);
            Trained& mine = trained[static_cast<std::size_t>(rank)];
            if (!group) {
                mine.error = group.error().text();
                return;
            }
            own.group = *group;
            mine = train(own, scratch / fmt::format("rank{}", rank), change[static_cast<std::size_t>(rank)]);
        });
    for (std::thread& member : members) member.join();
    return trained;
}

TEST(Group, SumsOverItsMembers) {
    const std::string meet = freeAddress();
    std::array<double, 2> sums{};
    std::array<std::thread, 2> members;
    for (int rank = 0; rank < 2; ++rank)
        members[static_cast<std::size_t>(rank)] = std::thread([&, rank] {
            const auto group = tensor::Group::join(rank, 2, meet, 60);
            ASSERT_TRUE(group) << group.error().text();
            Tensor all = torch::arange(4, torch::kFloat32).view({2, 2}) * (rank + 1);
            Tensor column = all.select(1, 1);  // strided
            (*group)->sum(column);
            sums[static_cast<std::size_t>(rank)] = all.sum().item<double>() + (*group)->sum(0.5 + rank);
            EXPECT_EQ((*group)->sum(std::int64_t{1} << 40), std::int64_t{1} << 41);
            EXPECT_TRUE((*group)->any(rank == 1));
            EXPECT_FALSE((*group)->any(false));
        });
    for (std::thread& member : members) member.join();
    EXPECT_DOUBLE_EQ(sums[0], (0 + 2) + (1 + 3) * 3 + 2);
    EXPECT_DOUBLE_EQ(sums[1], 2 * (0 + 2) + (1 + 3) * 3 + 2);
}

TEST(Group, TwoProcessesEqualOneWithTheDoubleBatch) {
    for (const std::string& method : methodNames()) {
        if (method == "repnoise" || method == "random_vaccine") continue;  // refused; draws noise of its own
        const Scratch scratch;
        const Trained whole = train(quick(method, 2), scratch / "whole");
        ASSERT_EQ(whole.error, "") << method;
        const auto parts = trainTogether(quick(method, 1), scratch);
        for (const Trained& part : parts) {
            ASSERT_EQ(part.error, "") << method;
            EXPECT_EQ(part.result["steps"], whole.result["steps"]) << method;
            EXPECT_LT((part.values - whole.values).abs().max().item<double>(), 1e-6) << method;
            EXPECT_NEAR(part.result["loss"].get<double>(), whole.result["loss"].get<double>(), 1e-6) << method;
        }
        EXPECT_TRUE(torch::equal(parts[0].values, parts[1].values)) << method << ": the members must not part";
        EXPECT_GT((whole.values - Golden().parameters().values()).abs().max().item<double>(), 1e-3) << method << " must have moved";
    }
}

TEST(Group, MistakesAreErrorsInAllMembers) {
    const Scratch scratch;
    for (const Trained& one : trainTogether(quick("repnoise", 1), scratch)) EXPECT_THAT(one.error, HasSubstr("ranks=1"));
    EXPECT_THAT(tensor::Group::join(0, 2, "nowhere").error().text(), HasSubstr("host:port"));
    EXPECT_THAT(tensor::Group::join(1, 2, freeAddress(), 1).error().text(), HasSubstr("same address"));
    // One member's numbers go wrong: both stop, and the one that has the sample names it.
    const Scratch other;
    const auto spoil = [](Golden& golden) {
        golden.model().visit([](const std::string& name, Tensor& weight) {
            if (name == "model.embed_tokens.weight") weight[20].fill_(std::numeric_limits<double>::infinity());
        });
    };
    const auto spoilt = trainTogether(quick("sft", 1), other, {spoil, spoil});
    for (const Trained& one : spoilt) EXPECT_THAT(one.error, HasSubstr("The loss became"));
    EXPECT_THAT(spoilt[0].error + spoilt[1].error, HasSubstr("harm 1"));
}

}  // namespace
}  // namespace driftscope::llm
