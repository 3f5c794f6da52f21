#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/core/llm/train/golden_model.h"

namespace driftscope::llm {
namespace {

using nlohmann::json;
using ::testing::HasSubstr;

constexpr double kExact = 1e-9;

double relative(const Tensor& a, const Tensor& b) {
    return ((a - b).norm() / b.norm().clamp_min(1e-300)).item<double>();
}

TEST(Oracle, ForwardLossAndGradient) {
    Golden golden;
    const json numbers = goldenNumbers();
    std::vector<double> norms;
    ForwardInput input;
    input.ids = golden.batch(golden.align()).ids;
    input.hook = [&](Point point, std::int64_t, const Tensor& value) {
        if (point == Point::AttentionOut) norms.push_back(normOf(value));
        return value;
    };
    const Tensor logits = golden.model().logits(golden.model().hidden(input));
    for (int i = 0; i < 4; ++i) EXPECT_NEAR(logits[0][0][i].item<double>(), numbers["logits_0_0_0:4"][i].get<double>(), kExact);
    for (int l = 0; l < 2; ++l) EXPECT_NEAR(norms[l], numbers["attn_out_norms"][l].get<double>(), kExact);
    StepReport report;
    EXPECT_NEAR(normOf(golden.gradientOf("sft", {}, 2, 1, &report)), numbers["grad_norm_lora"].get<double>(), kExact);
    EXPECT_NEAR(report.loss, numbers["align_loss"].get<double>(), kExact);
    EXPECT_EQ(golden.parameters().size(), numbers["lisa_rho1"]["n_trainable"].get<std::int64_t>());
}

TEST(Oracle, Vaccine) {
    Golden golden;
    const json numbers = goldenNumbers(), wanted = numbers["vaccine_rho2"];
    const StepContext context = golden.context();
    const auto found = Perturbation::find(context, {golden.batch(golden.align())}, 2, {}, 0);
    ASSERT_TRUE(found) << found.error().text();
    EXPECT_NEAR(found->norm(), wanted["eps_norm"].get<double>(), kExact);
    const double n = std::hypot(numbers["emb_grad_norms"][0].get<double>(), numbers["emb_grad_norms"][1].get<double>());
    EXPECT_NEAR(found->gradientNorm(), n, kExact);
    for (std::size_t l = 0; l < 2; ++l) EXPECT_NEAR(found->layerNorms()[l], wanted["eps_layer"][l].get<double>(), kExact);
    EXPECT_EQ(normOf(golden.parameters().gradient()), 0) << "the first pass computes no weight gradients";
    MethodOptions options;
    options.rho = 2;
    StepReport report;
    EXPECT_NEAR(normOf(golden.gradientOf("vaccine", options, 2, 1, &report)), wanted["grad_norm"].get<double>(), kExact);
    EXPECT_NEAR(report.loss, wanted["loss"].get<double>(), kExact);
}

TEST(Oracle, Booster) {
    Golden golden;
    const json numbers = goldenNumbers();
    const auto metric = [](const StepReport& report, const std::string& name) {
        for (const auto& [known, value] : report.metrics)
            if (known == name) return value;
        return std::nan("");
    };
    MethodOptions options;
    options.lambda = 5;
    options.harmfulBatch = 2;
    StepReport report;
    EXPECT_NEAR(normOf(golden.gradientOf("booster", options, 2, 1, &report)), numbers["booster_lam5_final_grad_norm"].get<double>(), kExact);
    EXPECT_NEAR(metric(report, "booster/harmful loss"), numbers["harm_loss"].get<double>(), kExact);
    EXPECT_NEAR(metric(report, "booster/harmful gradient norm"), numbers["harm_grad_norm"].get<double>(), kExact);
    EXPECT_NEAR(metric(report, "booster/harmful loss after step"), numbers["booster_alpha0.1"]["h_after"].get<double>(), kExact);
    EXPECT_NEAR(metric(report, "booster/slope"), numbers["booster_alpha0.1"]["slope"].get<double>(), kExact);
    options.alpha = 1e-4;
    golden.gradientOf("booster", options, 2, 1, &report);
    EXPECT_NEAR(metric(report, "booster/slope"), numbers["booster_alpha0.0001"]["slope"].get<double>(), kExact);
    EXPECT_NEAR(report.loss, numbers["align_loss"].get<double>(), kExact) << "the logged loss is f alone";
}

TEST(Oracle, Lisa) {
    Golden golden;
    const json wanted = goldenNumbers()["lisa_rho1"];
    MethodOptions options;
    options.rho = 1;
    StepContext context = golden.context();
    const auto lisa = makeMethod("lisa", options).value();
    {
        const torch::NoGradGuard noGradient;
        const Tensor kept = golden.parameters().values().clone();
        golden.parameters().values().sub_(0.01);
        ASSERT_TRUE(lisa->begin(context));  // anchors at w - 0.01
        golden.parameters().values().copy_(kept);
    }
    golden.parameters().clearGradient();
    const auto report = lisa->gradient(context);
    ASSERT_TRUE(report) << report.error().text();
    EXPECT_NEAR(report->loss, wanted["loss"].get<double>(), kExact);
    EXPECT_NEAR(normOf(golden.parameters().gradient()), wanted["grad_norm"].get<double>(), kExact);
}

TEST(Oracle, ThreeAdamWSteps) {
    Golden golden;
    FlatAdamW optimiser(golden.parameters(), 0.1);
    for (int step = 0; step < 3; ++step) {
        const Tensor gradient = golden.gradientOf("sft", {});
        const double norm = normOf(gradient);
        ASSERT_GT(norm, 1) << "clipping must have something to do";
        golden.parameters().gradient().mul_(1 / (norm + 1e-6));
        optimiser.step(1e-3);
    }
    StepReport report;
    golden.gradientOf("sft", {}, 2, 1, &report);
    EXPECT_NEAR(report.loss, goldenNumbers()["align_loss_after_3_adamw"].get<double>(), kExact);
}

// The identities below are numbered as in the reference notes on these methods.

TEST(Identity, ZeroStrengthIsPlainTraining) {  // 1, 7, 11, 15, 16
    Golden golden;
    const Tensor plain = golden.gradientOf("sft", {});
    MethodOptions zero;
    zero.rho = zero.lambda = zero.alpha = zero.beta = zero.vaccineRho = 0;
    zero.harmfulBatch = 2;
    for (const char* name : {"vaccine", "random_vaccine", "booster", "booster+vaccine", "lisa", "ewc", "vlguard", "kl", "repnoise", "ldifs"})
        EXPECT_LT(relative(golden.gradientOf(name, zero), plain), 1e-12) << name;
    MethodOptions still;
    still.alpha = 0;
    still.lambda = 7;
    EXPECT_LT(relative(golden.gradientOf("booster", still), plain), 1e-12) << "no step, no difference";
    MethodOptions user;
    user.rho = 0;
    user.alignSteps = 0;
    EXPECT_TRUE(torch::equal(golden.gradientOf("lisa", user), plain));
    MethodOptions nothing;
    nothing.alignSteps = nothing.userSteps = 0;
    EXPECT_FALSE(makeMethod("lisa", nothing));
    for (const char* name : {"vaccine", "random_vaccine", "booster", "repnoise"}) {
        MethodOptions strong;
        strong.rho = 0.5;
        EXPECT_GT(relative(golden.gradientOf(name, strong), plain), 1e-6) << name << " must change something";
    }
}

TEST(Identity, TeachersPullBackOnceTheModelHasMoved) {  // 15
    for (const char* name : {"kl", "ldifs", "ewc"}) {
        Golden golden;
        MethodOptions options;
        options.rho = options.lambda = 0.5;
        StepContext context = golden.context();
        const auto method = makeMethod(name, options).value();
        ASSERT_TRUE(method->begin(context));
        const auto compare = [&] {
            golden.parameters().clearGradient();
            EXPECT_TRUE(method->gradient(context));
            const Tensor held = golden.parameters().gradient().clone();
            return relative(held, golden.gradientOf("sft", {}));
        };
        EXPECT_LT(compare(), 1e-12) << name << " is plain training where it starts";
        {
            const torch::NoGradGuard noGradient;
            golden.parameters().values().add_(0.02);
        }
        EXPECT_GT(compare(), 1e-4) << name;
    }
}

TEST(Identity, VaccinesPerturbation) {  // 2, 3, 4, 6
    Golden golden;
    const Batch batch = golden.batch(golden.align());
    const StepContext context = golden.context();
    const auto plainLoss = [&] { return lossSum(golden.model(), batch, ForwardInput{}).item<double>() / static_cast<double>(batch.count()); };
    const double before = plainLoss();
    for (const double rho : {0.1, 2.0, 30.0}) {
        const Perturbation found = Perturbation::find(context, {batch}, rho, {}, 0).value();
        const double n = found.gradientNorm();
        EXPECT_NEAR(found.norm(), rho * n / (n + 1e-7), 1e-12 * rho);
        const json gradients = goldenNumbers()["emb_grad_norms"];
        EXPECT_NEAR(found.layerNorms()[0] / found.layerNorms()[1], gradients[0].get<double>() / gradients[1].get<double>(), 1e-9) << "one factor for all layers";
    }
    const double rho = 1e-5;
    Perturbation small = Perturbation::find(context, {batch}, rho, {}, 0).value();
    const double gain = (context.backward({batch}, small.pass(0)).value() - before) / rho;
    EXPECT_NEAR(gain, small.gradientNorm(), 1e-4 * small.gradientNorm());
    EXPECT_EQ(plainLoss(), before) << "nothing stays in the model";
}

TEST(Identity, PerturbedGradientIsThatOfTheOffsetLoss) {  // 5
    Golden golden;
    const Batch batch = golden.batch(golden.align());
    const StepContext context = golden.context();
    Perturbation found = Perturbation::find(context, {batch}, 2, {}, 0).value();
    golden.parameters().clearGradient();
    ASSERT_TRUE(context.backward({batch}, found.pass(0)));
    const StepContext::Pass pass = found.pass(1);  // computes everything anew, at weights that have moved
    const Tensor gradient = golden.parameters().gradient().clone();
    const torch::NoGradGuard noGradient;
    const auto lossAt = [&] {
        ForwardInput input = context.forward(batch, pass, 0);
        return lossSum(golden.model(), batch, input).item<double>() / static_cast<double>(batch.count());
    };
    const Tensor kept = golden.parameters().values().clone(), direction = torch::sin(torch::arange(kept.numel(), torch::kFloat64));
    golden.parameters().values().add_(direction, 1e-5);
    const double up = lossAt();
    golden.parameters().values().copy_(kept).sub_(direction, 1e-5);
    const double down = lossAt();
    golden.parameters().values().copy_(kept);
    EXPECT_NEAR((up - down) / 2e-5, gradient.dot(direction).item<double>(), 1e-6);
}

TEST(Identity, BoostersStep) {  // 8, 9, 10
    Golden golden;
    const Tensor before = golden.parameters().values().clone();
    MethodOptions options;
    options.alpha = 1e-4;
    options.lambda = 1 / options.alpha;
    const Tensor plain = golden.gradientOf("sft", {}), boosted = golden.gradientOf("booster", options);
    EXPECT_TRUE(torch::equal(golden.parameters().values(), before)) << "weights come back to the bit";
    // (g1 - g2) / alpha is the Hessian of the harmful loss along its gradient.
    const StepContext context = golden.context();
    const auto harmfulGradient = [&] {
        golden.parameters().clearGradient();
        EXPECT_TRUE(context.backward({golden.batch(golden.harmful())}));
        return golden.parameters().gradient().clone();
    };
    const Tensor g = harmfulGradient(), direction = g / g.norm();
    const torch::NoGradGuard noGradient;
    const auto gradientAt = [&](double shift) {
        golden.parameters().values().copy_(before).add_(direction, shift);
        const torch::AutoGradMode enabled(true);
        return harmfulGradient();
    };
    const Tensor hessian = (gradientAt(1e-4) - gradientAt(-1e-4)) / 2e-4;
    EXPECT_LT(relative(boosted - plain, hessian), 1e-2);
}

TEST(Identity, LisasClockAndAnchors) {  // 12, 13, 14
    Golden golden;
    MethodOptions options;
    options.rho = 1;
    options.alignSteps = 2;
    options.userSteps = 3;
    const auto lisa = makeMethod("lisa", options).value();
    StepContext context = golden.context();
    ASSERT_TRUE(lisa->begin(context));
    std::string phases;
    for (context.step = 0; context.step < 11; ++context.step) {
        golden.parameters().clearGradient();
        const StepReport report = lisa->gradient(context).value();
        phases += report.metrics[0].second > 0 ? 'a' : 'f';
    }
    EXPECT_EQ(phases, "aafffaafffa");
    EXPECT_EQ(context.state()[0], 2 * 11) << "user batches are drawn in every step and thrown away in alignment steps";
    EXPECT_EQ(context.state()[1], 2 * 5);

    options.keepUser = true;
    const auto keeping = makeMethod("lisa", options).value();
    StepContext kept = golden.context();
    ASSERT_TRUE(keeping->begin(kept));
    for (kept.step = 0; kept.step < 11; ++kept.step) ASSERT_TRUE(keeping->gradient(kept));
    EXPECT_EQ(kept.state()[0], 2 * 6) << "kept batches wait";

    // The anchor of the user state is where the last alignment phase ended.
    const auto anchored = makeMethod("lisa", options).value();
    StepContext moving = golden.context();
    ASSERT_TRUE(anchored->begin(moving));
    const torch::NoGradGuard noGradient;
    const auto gradient = [&] {
        const torch::AutoGradMode enabled(true);
        golden.parameters().clearGradient();
        return anchored->gradient(moving).value();
    };
    moving.step = 100;
    gradient(), gradient();
    golden.parameters().values().add_(0.02);  // the end of the alignment phase
    gradient();                               // switches, anchor here
    golden.parameters().values().add_(0.03);
    Tensor plain;
    {
        const torch::AutoGradMode enabled(true);
        plain = golden.gradientOf("sft", {});
    }
    gradient();
    EXPECT_LT(relative(golden.parameters().gradient(), plain), 1e-12) << "no proximal term during the first tenth";
    moving.step = 101;
    const StepReport report = gradient();
    EXPECT_NEAR(report.metrics[1].second, 0.03 * std::sqrt(static_cast<double>(golden.parameters().size())), 1e-9);
    EXPECT_LT(relative(golden.parameters().gradient(), plain + 0.03), 1e-12);
}

TEST(Identity, NoiseHasTheVarianceAskedFor) {  // 16
    Golden golden;
    MethodOptions options;
    options.rho = 0.25;
    std::vector<Tensor> clean, noisy;
    Batch batch = golden.batch(golden.align());
    ForwardInput plain;
    plain.ids = batch.ids.repeat({200, 1});
    double variance = 0;
    // Through the method itself: the change of the loss is random, the same for the same step, different for the next.
    StepReport first, again;
    golden.gradientOf("random_vaccine", options, 2, 1, &first);
    golden.gradientOf("random_vaccine", options, 2, 1, &again);
    EXPECT_EQ(first.loss, again.loss);
    const auto method = makeMethod("random_vaccine", options).value();
    StepContext context = golden.context();
    std::vector<double> losses;
    for (context.step = 0; context.step < 40; ++context.step) losses.push_back(method->gradient(context).value().loss);
    const double mean = std::accumulate(losses.begin(), losses.end(), 0.0) / 40;
    for (const double loss : losses) variance += std::pow(loss - mean, 2) / 39;
    // First order: var(loss) = rho * sum_l ||g_l||^2.
    MethodOptions fine;
    fine.rho = 1e-6;
    const auto small = makeMethod("random_vaccine", fine).value();
    std::vector<double> near;
    for (context.step = 0; context.step < 400; ++context.step) near.push_back(small->gradient(context).value().loss);
    const double centre = std::accumulate(near.begin(), near.end(), 0.0) / 400;
    double spread = 0;
    for (const double loss : near) spread += std::pow(loss - centre, 2) / 399;
    const double n = Perturbation::find(golden.context(), {batch}, 1, {}, 0).value().gradientNorm();
    EXPECT_NEAR(spread / (1e-6 * n * n), 1, 0.25);
    EXPECT_GT(variance, 1e3 * spread);
}

TEST(Identity, AccumulationEqualsTheLargeBatch) {  // 21
    Golden golden;
    for (const char* name : {"sft", "vaccine", "booster", "booster+vaccine", "vlguard", "lisa", "ewc", "kl", "ldifs"}) {
        MethodOptions options;
        options.lambda = 0.5;
        const Tensor whole = golden.gradientOf(name, options, 2, 1), parts = golden.gradientOf(name, options, 1, 2);
        EXPECT_LT(relative(parts, whole), 1e-12) << name << ": rows of unequal length weigh by their tokens";
    }
    MethodOptions upstream;
    upstream.upstreamAccumulation = true;
    EXPECT_GT(relative(golden.gradientOf("vaccine", upstream, 1, 2), golden.gradientOf("vaccine", {}, 2, 1)), 0.1) << "the published code loses all but the last";
}

TEST(Identity, PaddingChangesNothing) {  // 22
    Golden golden;
    const Batch batch = golden.batch(golden.align());
    Batch wide = batch;
    wide.ids = at::constant_pad_nd(batch.ids, {0, 4}, 0);
    wide.rows = batch.rows + at::floor_divide(batch.rows, 7) * 4;
    const StepContext context = golden.context();
    const double narrow = context.backward({batch}).value();
    const Tensor gradient = golden.parameters().gradient().clone();
    golden.parameters().clearGradient();
    EXPECT_NEAR(context.backward({wide}).value(), narrow, 1e-13);
    EXPECT_LT(relative(golden.parameters().gradient(), gradient), 1e-12);
}

TEST(Identity, CheckpointedActivationsGiveTheSameGradient) {
    for (const double dropout : {0.0, 0.3}) {
        Golden golden(dropout);
        for (const std::string& name : methodNames()) {
            MethodOptions options;
            options.lambda = 0.5;
            options.layers = 1;
            const auto run = [&](bool checkpoint) {
                StepContext context = golden.context();
                context.checkpoint = checkpoint;
                const auto method = makeMethod(name, options).value();
                EXPECT_TRUE(method->begin(context));
                golden.parameters().clearGradient();
                const auto report = method->gradient(context);
                EXPECT_TRUE(report) << (report ? "" : report.error().text());
                return golden.parameters().gradient().clone();
            };
            EXPECT_LT(relative(run(true), run(false)), 1e-12) << name << " dropout " << dropout;
        }
    }
}

TEST(Methods, TargetedVaccineTrainsOnlyItsLayers) {
    Golden golden;
    MethodOptions options;
    options.layers = 1;
    StepReport report;
    const Tensor gradient = golden.gradientOf("t_vaccine", options, 2, 1, &report);
    ASSERT_EQ(report.active.size(), golden.parameters().parts().size());
    std::array<double, 2> norms{};
    std::array<int, 2> active{};
    for (std::size_t i = 0; i < report.active.size(); ++i) {
        const auto& part = golden.parameters().parts()[i];
        norms[static_cast<std::size_t>(part.layer)] += normOf(gradient.narrow(0, part.begin, part.size));
        active[static_cast<std::size_t>(part.layer)] += report.active[i];
    }
    const int chosen = active[0] > 0 ? 0 : 1;
    EXPECT_EQ(active[chosen], 6);
    EXPECT_EQ(active[1 - chosen], 0);
    EXPECT_GT(norms[chosen], 0);
    EXPECT_EQ(norms[1 - chosen], 0);
    const Tensor before = golden.parameters().values().clone();
    FlatAdamW optimiser(golden.parameters(), 0.1);
    optimiser.step(1e-2, report.active);
    for (std::size_t i = 0; i < report.active.size(); ++i) {
        const auto& part = golden.parameters().parts()[i];
        const bool moved = !torch::equal(before.narrow(0, part.begin, part.size), golden.parameters().values().narrow(0, part.begin, part.size));
        EXPECT_EQ(moved, static_cast<bool>(report.active[i])) << part.name;
    }
}

TEST(Methods, UnknownNamesAndMissingDataAreErrors) {
    EXPECT_THAT(makeMethod("smoothAlignment", {}).error().message, HasSubstr("smoothAlignment"));
    EXPECT_THAT(makeMethod("vacine", {}).error().remedy, HasSubstr("'vaccine'"));
    Golden golden;
    StepContext context(golden.model(), golden.parameters(), 1);
    context.setStream(Stream::Primary, golden.align(), 2);
    EXPECT_THAT(makeMethod("booster", {}).value()->gradient(context).error().message, HasSubstr("harmful"));
}

TEST(Methods, BatchesWithoutTargetsNameTheirSamples) {
    Golden golden;
    TokenSet empty{{{1, 2, 3}, 3, "row 17 of user.jsonl"}};
    StepContext context(golden.model(), golden.parameters(), 1);
    context.setStream(Stream::Primary, empty, 1);
    const auto refused = makeMethod("sft", {}).value()->gradient(context);
    ASSERT_FALSE(refused);
    EXPECT_THAT(refused.error().message, HasSubstr("row 17 of user.jsonl"));
    EXPECT_THAT(refused.error().remedy, HasSubstr("max_length"));
}

TEST(Streams, VisitEverySampleOnceAnEpochAndResume) {
    SampleStream stream(10, 3);
    std::vector<std::size_t> first, second;
    while (first.size() < 10) {
        for (const std::size_t i : stream.next(4)) first.push_back(i);
    }
    EXPECT_EQ(first.size(), 10U) << "batches end where an epoch ends";
    while (second.size() < 10) {
        for (const std::size_t i : stream.next(4)) second.push_back(i);
    }
    EXPECT_NE(first, second);
    SampleStream resumed(10, 3);
    resumed.seek(4);
    const auto part = resumed.next(4);
    EXPECT_EQ(part, std::vector<std::size_t>(first.begin() + 4, first.begin() + 8));
    std::sort(first.begin(), first.end());
    std::sort(second.begin(), second.end());
    EXPECT_EQ(first, second);
}

TEST(Schedules, FollowHuggingFace) {
    EXPECT_EQ(scheduleFactor("constant", 0, 100, 0.1), 1) << "warm-up is ignored";
    EXPECT_EQ(scheduleFactor("cosine", 0, 100, 0.1), 0) << "the first step has rate 0";
    EXPECT_DOUBLE_EQ(scheduleFactor("cosine", 5, 100, 0.1), 0.5);
    EXPECT_DOUBLE_EQ(scheduleFactor("cosine", 10, 100, 0.1), 1);
    EXPECT_DOUBLE_EQ(scheduleFactor("cosine", 55, 100, 0.1), 0.5);
    EXPECT_DOUBLE_EQ(scheduleFactor("linear", 55, 100, 0.1), 0.5);
    EXPECT_EQ(scheduleFactor("cosine", 0, 100, 0), 1);
}

}  // namespace
}  // namespace driftscope::llm
