#include "core/embed/saved_probe.h"

#include <gmock/gmock.h>

#include <cmath>
#include <numeric>
#include <random>

#include "core/base/atomic_file.h"
#include "tests/core/embed/toy_data.h"
#include "tests/core/io/scratch.h"

namespace driftscope::embed {
namespace {

using testing::HasSubstr;

SavedProbe irisProbe(const ToyData& iris) {
    std::vector<std::uint32_t> all(iris.features.rows);
    std::iota(all.begin(), all.end(), 0U);
    return {Probe::fit(iris.features, all, iris.classes, 3, {}).value(), {"setosa", "versicolor", "virginica"}, "X", "species", {}, {}};
}

TEST(SavedProbe, JudgesAnotherTableAsItJudgedItsOwn) {
    const io::Scratch scratch;
    const ToyData iris = toyData("iris");
    SavedProbe saved = irisProbe(iris);
    saved.calibrations = {{}, {1, 0, 0, 0, 0}, {0.5, 0.1, 0.2, 0.1, 30}};
    ASSERT_TRUE(writeFileAtomically(scratch / "probe.json", saved.toJson().dump()));
    const auto table = std::make_shared<EmbeddingTable>(iris.features.rows);
    table->x = iris.features;
    const auto plain = probeJudge(readProbe(scratch / "probe.json").value(), table, "versicolor").value();
    const auto calibrated = probeJudge(readProbe(scratch / "probe.json").value(), table, "virginica").value();
    EXPECT_EQ(plain->question(), "species is versicolor");
    for (std::uint32_t row : {0U, 60U, 149U}) {
        const Matrix direct = saved.probe.predict(iris.features, {&row, 1});
        EXPECT_DOUBLE_EQ(plain->probability(row).value(), direct(0, 1));
        EXPECT_DOUBLE_EQ(calibrated->probability(row).value(), saved.calibrations[2].apply(direct(0, 2)));
    }
    EXPECT_FALSE(plain->describe()["calibrated"]);
    EXPECT_EQ(calibrated->describe()["calibration"]["rows"], 30);
    EXPECT_THAT(plain->probability(150).error().message, HasSubstr("no row 150"));
    table->x(3, 1) = NAN;
    EXPECT_THAT(plain->probability(3).error().message, HasSubstr("Row 3 has no features"));
}

TEST(SavedProbe, NamesWhatDoesNotFit) {
    const io::Scratch scratch;
    const ToyData iris = toyData("iris");
    const SavedProbe saved = irisProbe(iris);
    const auto table = std::make_shared<EmbeddingTable>(4);
    EXPECT_THAT(probeJudge(saved, table, "setosa").error().message, HasSubstr("no features 'X'"));
    table->x = Matrix(4, 7);
    EXPECT_THAT(probeJudge(saved, table, "setosa").error().message, HasSubstr("trained on 4 features, and the table's 'X' has 7"));
    table->x = Matrix(4, 4);
    EXPECT_THAT(probeJudge(saved, table, "rose").error().text(), testing::AllOf(HasSubstr("no class 'rose'"), HasSubstr("setosa, versicolor")));
    EXPECT_THAT(probeJudge(saved, table, "").error().text(), HasSubstr("Which class counts as yes?"));
    EXPECT_THAT(readProbe(scratch / "none.json").error().text(), HasSubstr("none.json"));
    EXPECT_THAT(readProbe(scratch.file("a.json", "[1")).error().text(), HasSubstr("a.json is not a probe"));
    nlohmann::json short_ = saved.toJson();
    short_["coefficients"].erase(0);
    EXPECT_THAT(readProbe(scratch.file("b.json", short_.dump())).error().text(), HasSubstr("do not fit its classes"));
    nlohmann::json odd = saved.toJson();
    odd["intercepts"] = "x";
    EXPECT_THAT(readProbe(scratch.file("c.json", odd.dump())).error().text(), HasSubstr("c.json is not a probe"));
}

/// Scores that are twice as sure as they should be are brought back.
TEST(Calibration, RecoversOverconfidence) {
    std::mt19937_64 random(3);
    std::uniform_real_distribution<double> uniform;
    std::normal_distribution<double> normal(0, 1.5);
    std::vector<double> scores;
    std::vector<int> truth;
    for (int i = 0; i < 4000; ++i) {
        const double margin = normal(random);
        truth.push_back(uniform(random) < 1 / (1 + std::exp(-margin - 0.4)));
        scores.push_back(1 / (1 + std::exp(-2 * margin)));
    }
    const Calibration c = calibrate(scores, truth);
    EXPECT_NEAR(c.slope, 0.5, 0.03);
    EXPECT_NEAR(c.intercept, 0.4, 0.08);
    EXPECT_LT(c.brierAfter, c.brierBefore);
    EXPECT_EQ(c.rows, 4000U);
    const std::vector<double> separable{0.01, 0.02, 0.98, 0.99};
    const std::vector<int> classes{0, 0, 1, 1};
    const Calibration kept = calibrate(separable, classes);
    EXPECT_TRUE(std::isfinite(kept.slope) && std::isfinite(kept.apply(0)) && std::isfinite(kept.apply(1)));
    const std::vector<int> oneClass{1, 1, 1, 1};
    EXPECT_EQ(calibrate(separable, oneClass).rows, 0U) << "nothing can be learnt from one class";
}

}  // namespace
}  // namespace driftscope::embed
