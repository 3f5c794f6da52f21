#include <gtest/gtest.h>
#include <unistd.h>

#include "core/base/atomic_file.h"
#include "core/tensor/checkpoint.h"
#include "core/tensor/device.h"
#include "core/tensor/guard.h"
#include "core/tensor/state_dict.h"

namespace driftscope::tensor {
namespace {

namespace fs = std::filesystem;
using torch::Tensor;

class TensorFiles : public ::testing::Test {
  protected:
    void SetUp() override { fs::create_directories(folder_); }
    void TearDown() override { fs::remove_all(folder_); }
    fs::path folder_ = fs::temp_directory_path() / fmt::format("driftscope-tensor-{}", ::getpid());
};

TEST(Device, CudaThatIsAbsentIsADeviceError) {
    EXPECT_EQ(pickDevice("cpu").value(), torch::Device(torch::kCPU));
    EXPECT_TRUE(pickDevice("auto"));
    if (!torch::cuda::is_available()) {
        const auto picked = pickDevice("cuda:0");
        ASSERT_FALSE(picked);
        EXPECT_EQ(exitCode(picked.error().code), 4);
        EXPECT_NE(picked.error().message.find("cuda:0"), std::string::npos);
    }
    EXPECT_EQ(pickDevice("tpu").error().code, ErrorCode::Usage);
}

TEST(Device, BlasInUseIsNamed) {
    const BlasReport report = inspectBlas();
    EXPECT_NE(report.library.find("blas"), std::string::npos) << report.library;
    EXPECT_GT(report.gflops, 0);
    BlasReport reference{"/usr/lib/x86_64-linux-gnu/blas/libblas.so.3.11.0", 6.9, true};
    EXPECT_NE(blasWarning(reference).value().find("libopenblas0-pthread"), std::string::npos);
    EXPECT_FALSE(blasWarning({"/usr/lib/x86_64-linux-gnu/openblas-pthread/libblas.so.3", 100, false}));
}

TEST(Guard, ExceptionsBecomeErrors) {
    const auto shape = guarded("multiplying", [] { return torch::mm(torch::zeros({2, 3}), torch::zeros({2, 3})); });
    ASSERT_FALSE(shape);
    EXPECT_EQ(shape.error().code, ErrorCode::Internal);
    EXPECT_NE(shape.error().message.find("multiplying"), std::string::npos);
    const auto memory = guarded("allocating", [] { return torch::empty({std::int64_t{1} << 46}); });
    ASSERT_FALSE(memory);
    EXPECT_EQ(memory.error().code, ErrorCode::Device) << memory.error().text();
    EXPECT_EQ(guarded("adding", [] { return 2; }).value(), 2);
}

TEST_F(TensorFiles, TensorsRoundTripWithTypesAndMetadata) {
    const NamedTensors written{{"b", torch::arange(6, torch::kFloat32).reshape({2, 3})},
                               {"a.count", torch::full({}, 7, torch::kInt64)},
                               {"half", torch::ones({4}, torch::kBFloat16)},
                               {"turned", torch::arange(6, torch::kFloat32).reshape({2, 3}).t()},
                               {"none", torch::empty({0, 3})}};
    ASSERT_TRUE(writeTensors(folder_ / "x.safetensors", written, {{"format", "pt"}}));
    const TensorFile read = readTensors(folder_ / "x.safetensors").value();
    ASSERT_EQ(read.tensors.size(), written.size());
    for (const auto& [name, value] : written) {
        EXPECT_EQ(read.tensors.at(name).scalar_type(), value.scalar_type()) << name;
        EXPECT_TRUE(torch::equal(read.tensors.at(name), value)) << name;
    }
    EXPECT_EQ(read.metadata.at("format"), "pt");
    EXPECT_FALSE(readTensors(folder_ / "absent.safetensors"));
}

Tensor step(torch::nn::Linear& layer, torch::optim::AdamW& optimiser) {
    optimiser.zero_grad();
    // Noise from the default generator: a resumed run must see the same.
    const Tensor loss = torch::mse_loss(layer->forward(torch::randn({8, 4})), torch::randn({8, 2}));
    loss.backward();
    optimiser.step();
    return layer->weight.detach().clone();
}

TEST_F(TensorFiles, TrainingResumesBitForBit) {
    seedAll(3);
    torch::nn::Linear layer(4, 2);
    torch::optim::AdamW optimiser(layer->parameters(), torch::optim::AdamWOptions(0.01));
    for (int i = 0; i < 3; ++i) step(layer, optimiser);
    ASSERT_TRUE(saveCheckpoint(folder_ / "c.safetensors", *layer, optimiser, {{"epoch", 3}}));
    step(layer, optimiser);
    const Tensor uninterrupted = step(layer, optimiser);

    seedAll(99);
    torch::nn::Linear again(4, 2);
    torch::optim::AdamW fresh(again->parameters(), torch::optim::AdamWOptions(0.01));
    const auto state = loadCheckpoint(folder_ / "c.safetensors", *again, fresh);
    ASSERT_TRUE(state) << state.error().text();
    EXPECT_EQ((*state)["epoch"], 3);
    step(again, fresh);
    EXPECT_TRUE(torch::equal(step(again, fresh), uninterrupted));

    torch::nn::Linear other(5, 2);
    torch::optim::AdamW wrong(other->parameters(), torch::optim::AdamWOptions(0.01));
    const auto refused = loadCheckpoint(folder_ / "c.safetensors", *other, wrong);
    ASSERT_FALSE(refused);
    EXPECT_NE(refused.error().message.find("'weight'"), std::string::npos) << refused.error().message;
}

}  // namespace
}  // namespace driftscope::tensor
