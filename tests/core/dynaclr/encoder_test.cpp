#include "core/cells/dynaclr/encoder_torch.h"

#include <gtest/gtest.h>

#include "core/tensor/state_dict.h"
#include "tests/core/dynaclr/golden.h"

namespace driftscope::cells {
namespace {

using nlohmann::json;
using test::goldenInput;
using test::goldenWeight;
using test::readGolden;
using test::toTensor;

/// 28 million sines take seconds: computed once per file.
const std::map<std::string, torch::Tensor>& weightsOf(const json& golden, const char* file) {
    static std::map<std::string, std::map<std::string, torch::Tensor>> known;
    std::map<std::string, torch::Tensor>& weights = known[file];
    if (!weights.empty()) return weights;
    for (const auto& item : golden["keys"].items())
        weights[item.key()] = goldenWeight(item.key(), item.value().get<std::vector<std::int64_t>>(), golden["phase"]);
    return weights;
}

template <class Tensors>
std::map<std::string, std::vector<std::int64_t>> shapesOf(const Tensors& weights) {
    std::map<std::string, std::vector<std::int64_t>> shapes;
    for (const auto& [name, tensor] : weights) shapes[name] = tensor.sizes().vec();
    return shapes;
}

double largest(const torch::Tensor& difference) {
    return difference.abs().max().item<double>();
}

class Golden : public ::testing::TestWithParam<const char*> {
  protected:
    json golden_ = readGolden(GetParam());
    std::map<std::string, torch::Tensor> weights_ = weightsOf(golden_, GetParam());
    EncoderConfig config_ = EncoderConfig::fromShapes(shapesOf(weights_), GetParam()).value();
};

TEST_P(Golden, ArchitectureIsReadFromShapes) {
    const EncoderConfig expected = EncoderConfig::fromJson(golden_["config"], GetParam()).value();
    EXPECT_EQ(config_.toJson(), expected.toJson());
}

TEST_P(Golden, FeaturesAndProjectionsAgreeWithTheReference) {
    ASSERT_EQ(weights_.size(), golden_["n_tensors"].get<std::size_t>());
    ContrastiveEncoder encoder(config_);
    const auto loaded = tensor::loadStateDict(*encoder, weights_, GetParam());
    ASSERT_TRUE(loaded) << loaded.error().text();
    EXPECT_EQ(tensor::stateDict(*encoder).size(), weights_.size());
    std::int64_t parameters = 0;
    for (const torch::Tensor& weight : encoder->parameters()) parameters += weight.numel();
    EXPECT_EQ(parameters, golden_["n_params"].get<std::int64_t>());
    encoder->eval();
    const torch::NoGradGuard noGradient;
    const torch::Tensor x = goldenInput(golden_["input_shape"]);

    const torch::Tensor stem = encoder->stem(x).contiguous();
    EXPECT_EQ(stem.sizes().vec(), golden_["stem_shape"].get<std::vector<std::int64_t>>());
    EXPECT_NEAR(stem.mean().item<double>(), golden_["stem_mean"], 1e-5);
    const auto first = golden_["stem_first"].get<std::vector<float>>();
    for (std::size_t i = 0; i < first.size(); ++i) EXPECT_NEAR(stem.data_ptr<float>()[i], first[i], 1e-5);

    const EncoderOutput out = encoder->forward(x);
    const double features = largest(out.features - toTensor(golden_["features"]));
    const double projections = largest(out.projections - toTensor(golden_["projections"]));
    std::printf("%s: largest difference features %.2g, projections %.2g\n", GetParam(), features, projections);
    EXPECT_LE(features, 1e-4);
    EXPECT_LE(projections, 1e-4);

    const EncoderOutput half = encoder->forward(x, Precision::BFloat16);
    EXPECT_GT(torch::cosine_similarity(half.features, out.features, 1).min().item<double>(), 0.999);
}

TEST_P(Golden, WrongWeightsAreRefusedByName) {
    ContrastiveEncoder encoder(config_);
    const auto message = [&](const std::map<std::string, torch::Tensor>& weights) {
        const auto loaded = tensor::loadStateDict(*encoder, weights, "w.safetensors");
        return loaded ? std::string() : loaded.error().message;
    };
    auto missing = weights_;
    const std::string inside = config_.backbone == Backbone::ResNet ? "encoder.layer3.4.bn2.bias" : "encoder.stages.2.blocks.4.mlp.fc1.bias";
    missing.erase(inside);
    EXPECT_NE(message(missing).find("'" + inside + "'"), std::string::npos) << message(missing);
    auto extra = weights_;
    extra["auxiliary_heads.0.weight"] = torch::zeros({2});
    EXPECT_NE(message(extra).find("'auxiliary_heads.0.weight'"), std::string::npos) << message(extra);
    auto misshapen = weights_;
    misshapen["projection.3.weight"] = torch::zeros({31, 767});
    EXPECT_NE(message(misshapen).find("'projection.3.weight'"), std::string::npos) << message(misshapen);
    auto wrongKind = weights_;
    wrongKind["projection.1.num_batches_tracked"] = torch::zeros({});
    EXPECT_NE(message(wrongKind).find("'projection.1.num_batches_tracked'"), std::string::npos) << message(wrongKind);
}

INSTANTIATE_TEST_SUITE_P(Backbones, Golden, ::testing::Values("denv_z30.json", "mip_2d.json", "v2.json", "resnet50.json"), [](const auto& which) {
    const std::string file = which.param;
    return file.substr(0, file.find_first_of("_.")); });

TEST(EncoderConfig, ResNetAtAnIndivisibleDepthIsAValueError) {
    for (const std::int64_t depth : {15, 30}) {  // 3 and 6 planes; 64 is divided by neither
        EncoderConfig config = EncoderConfig::published(Backbone::ResNet);
        config.stackDepth = depth;
        const auto checked = config.check();
        ASSERT_FALSE(checked);
        EXPECT_NE(checked.error().message.find("ValueError: the stem's 64 channels"), std::string::npos) << checked.error().message;
    }
}

/// A backbone small enough to train in a test.
EncoderConfig smallConfig(Backbone backbone) {
    EncoderConfig config;
    config.backbone = backbone;
    config.stemKernel = config.stemStride = {1, 2, 2};
    config.widths = {8, 16};
    config.depths = {1, 2};
    config.embeddingDim = 16;
    config.projectionDim = 8;
    return config;
}

class EveryBackbone : public ::testing::TestWithParam<Backbone> {};

TEST_P(EveryBackbone, LearnsAndSurvivesTheRoundTripOfItsConfiguration) {
    const EncoderConfig config = smallConfig(GetParam());
    EXPECT_EQ(EncoderConfig::fromJson(config.toJson(), "config.json").value(), config);
    torch::manual_seed(1);
    ContrastiveEncoder encoder(config);
    EXPECT_EQ(EncoderConfig::fromShapes(shapesOf(tensor::stateDict(*encoder)), "w").value().toJson()["widths"], config.toJson()["widths"]);
    torch::optim::AdamW optimiser(encoder->parameters(), torch::optim::AdamWOptions(1e-2));
    const torch::Tensor x = torch::randn({8, 1, 1, 16, 16}), wanted = torch::randn({8, 8});
    double first = 0, last = 0;
    for (int step = 0; step < 40; ++step) {
        const torch::Tensor loss = (encoder->forward(x).projections - wanted).square().mean();
        optimiser.zero_grad();
        loss.backward();
        optimiser.step();
        (step == 0 ? first : last) = loss.item<double>();
    }
    EXPECT_LT(last, 0.5 * first);
    EXPECT_EQ(encoder->forward(x).features.size(1), config.featureDim());
}

INSTANTIATE_TEST_SUITE_P(Encoder, EveryBackbone, ::testing::Values(Backbone::ConvNext, Backbone::ConvNextV2, Backbone::ResNet),
                         [](const auto& which) { return name(which.param); });

TEST(EncoderConfig, DepthThatDoesNotDivideIsAValueError) {
    EncoderConfig config;
    config.stackDepth = 35;  // 7 planes after a stem of depth 5; 96 / 7 is not whole
    const auto checked = config.check();
    ASSERT_FALSE(checked);
    EXPECT_NE(checked.error().message.find("ValueError"), std::string::npos);
    EXPECT_NE(checked.error().message.find("depth 7"), std::string::npos) << checked.error().message;
}

TEST(EncoderConfig, UnknownBackbonesAreNamed) {
    const auto config = EncoderConfig::fromJson({{"backbone", "resnet18"}}, "config.json");
    ASSERT_FALSE(config);
    EXPECT_NE(config.error().message.find("'resnet18'"), std::string::npos);
    EXPECT_NE(config.error().remedy.find("resnet50"), std::string::npos);
}

TEST(Encoder, LightningPrefixIsTakenOff) {
    std::map<std::string, torch::Tensor> weights{{"model.stem.conv.bias", torch::zeros({1})}, {"model.x", torch::zeros({1})}};
    tensor::stripPrefix(weights, "model.");
    EXPECT_TRUE(weights.count("stem.conv.bias"));
    weights = {{"model.a", torch::zeros({1})}, {"b", torch::zeros({1})}};
    tensor::stripPrefix(weights, "model.");
    EXPECT_TRUE(weights.count("model.a"));
}

TEST(Encoder, ChannelsComeBeforeDepthWhenFolded) {
    EncoderConfig config;
    config.stackDepth = 4;
    config.stemKernel = config.stemStride = {2, 4, 4};
    config.widths = {4, 4};
    config.depths = {1, 1};
    config.embeddingDim = config.projectionDim = 4;
    ContrastiveEncoder encoder(config);
    const torch::NoGradGuard noGradient;
    // Filter c answers (c + 1) times the first plane of its depth window; the planes hold 10 and 100.
    for (auto& item : encoder->named_parameters()) {
        if (item.key() == "stem.conv.weight") {
            item.value().zero_();
            item.value()[0][0][0][0][0] = 1;
            item.value()[1][0][0][0][0] = 2;
        }
        if (item.key() == "stem.conv.bias") item.value().zero_();
    }
    torch::Tensor x = torch::zeros({1, 1, 4, 4, 4});
    x[0][0][0] = 10;
    x[0][0][2] = 100;
    const torch::Tensor folded = encoder->stem(x).flatten();
    EXPECT_EQ(folded[0].item<float>(), 10);
    EXPECT_EQ(folded[1].item<float>(), 100);
    EXPECT_EQ(folded[2].item<float>(), 20);
    EXPECT_EQ(folded[3].item<float>(), 200);
}

}  // namespace
}  // namespace driftscope::cells
