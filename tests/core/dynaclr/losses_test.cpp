#include "core/cells/dynaclr/losses_torch.h"

#include <gtest/gtest.h>

#include "tests/core/dynaclr/golden.h"

namespace driftscope::cells {
namespace {

using nlohmann::json;
using test::readGolden;
using test::toTensor;
using torch::Tensor;

Tensor embeddings(std::int64_t rows, std::int64_t columns, double phase) {
    Tensor z = torch::empty({rows, columns});
    auto* values = z.data_ptr<float>();
    for (std::int64_t i = 0; i < z.numel(); ++i) {
        const double x = static_cast<double>(i);
        values[i] = static_cast<float>(std::sin(0.37 * x + phase) + 0.3 * std::cos(0.0017 * x * x));
    }
    return z;
}

double largest(const Tensor& a, const json& b) {
    return (a - toTensor(b)).abs().max().item<double>();
}

TEST(NtXent, ValuesAndGradientsAgreeWithTheReference) {
    const json golden = readGolden("losses.json");
    ASSERT_EQ(golden["nt_xent"].size(), 6U);
    for (const json& example : golden["nt_xent"]) {
        SCOPED_TRACE(example["B"].dump() + " temperature " + example["temperature"].dump() + " beta " + example["beta"].dump());
        Tensor anchor = embeddings(example["B"], example["D"], 0.1).set_requires_grad(true);
        Tensor positive = embeddings(example["B"], example["D"], 0.9).set_requires_grad(true);
        NtXentOptions options{example["temperature"]};
        if (!example["beta"].is_null()) options.beta = example["beta"].get<double>();
        const Tensor loss = ntXent(anchor, positive, options);
        loss.backward();
        EXPECT_NEAR(loss.item<double>(), example["loss"], 1e-5);
        EXPECT_LE(largest(anchor.grad(), example["grad_anchor"]), 1e-5);
        EXPECT_LE(largest(positive.grad(), example["grad_positive"]), 1e-5);
    }
}

TEST(NtXent, DuplicatedSamplesStayFinite) {
    Tensor anchor = torch::ones({2, 4}).set_requires_grad(true);
    const Tensor loss = ntXent(anchor, torch::ones({2, 4}), {0.07});
    loss.backward();
    EXPECT_NEAR(loss.item<double>(), std::log(3.0), 1e-5);
    EXPECT_TRUE(torch::isfinite(anchor.grad()).all().item<bool>());
}

TEST(NtXent, PairsOfOneTrackAreNoNegatives) {
    const Tensor anchor = embeddings(4, 8, 0.1);
    const Tensor positive = embeddings(4, 8, 0.9);
    NtXentOptions masked{0.2};
    masked.tracks = torch::tensor({0, 1, 2, 3}, torch::kInt64);
    EXPECT_NEAR(ntXent(anchor, positive, masked).item<double>(), ntXent(anchor, positive, {0.2}).item<double>(), 1e-6);
    masked.tracks = torch::tensor({5, 5, 5, 5}, torch::kInt64);
    EXPECT_NEAR(ntXent(anchor, positive, masked).item<double>(), 0, 1e-6);
    masked.tracks = torch::tensor({0, 0, 1, 1}, torch::kInt64);
    EXPECT_LT(ntXent(anchor, positive, masked).item<double>(), ntXent(anchor, positive, {0.2}).item<double>());
}

TEST(Triplet, ValuesAndGradientsAgreeWithTheReference) {
    const json golden = readGolden("losses.json");
    ASSERT_EQ(golden["triplet"].size(), 2U);
    for (const json& example : golden["triplet"]) {
        Tensor anchor = embeddings(example["B"], example["D"], 0.1).set_requires_grad(true);
        const Tensor loss = tripletLoss(anchor, embeddings(example["B"], example["D"], 0.9), embeddings(example["B"], example["D"], 1.7), example["margin"]);
        loss.backward();
        EXPECT_NEAR(loss.item<double>(), example["loss"], 1e-5);
        EXPECT_LE(largest(anchor.grad(), example["grad_anchor"]), 1e-5);
    }
}

TEST(Triplet, ActiveMarginFollowsItsDefinition) {
    Tensor anchor = torch::tensor({{0.0F, 0.0F}}).set_requires_grad(true);
    const Tensor loss = tripletLoss(anchor, torch::tensor({{3.0F, 4.0F}}), torch::tensor({{0.0F, 4.0F}}), 0.5);
    loss.backward();
    EXPECT_NEAR(loss.item<double>(), 5 - 4 + 0.5, 1e-5);
    EXPECT_NEAR(anchor.grad()[0][0].item<double>(), -0.6, 1e-5);       // -(3, 4)/5 + (0, 4)/4
    EXPECT_NEAR(anchor.grad()[0][1].item<double>(), -0.8 + 1.0, 1e-5);
}

}  // namespace
}  // namespace driftscope::cells
