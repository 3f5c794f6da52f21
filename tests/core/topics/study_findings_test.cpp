#include <gtest/gtest.h>

#include <cmath>

#include "core/topics/study/study_report.h"

namespace driftscope::topics {
namespace {

StudyCell cellOf(const std::string& model, double distance, std::vector<double> ari, double ensembleAri) {
    StudyCell cell{.corpus = "c", .model = model, .topics = 5};
    for (std::size_t i = 0; i < ari.size(); ++i) cell.runs.push_back({static_cast<std::int64_t>(i), "r" + std::to_string(i), {{"ari:l", ari[i]}}});
    cell.estimates["ari:l"] = estimateOf(ari);
    cell.estimates["word_distance"] = {distance, 0.01, ari.size()};
    cell.ensembles.push_back({"sum", {{"ari:l", ensembleAri}}, 5, 3, 2});
    cell.shuffled["ari:l"] = 0;
    cell.shuffled["purity:l"] = 0.2;
    return cell;
}

TEST(StudyEstimate, IsTheStandardErrorOfTheMean) {
    const Estimate e = estimateOf(std::vector<double>{1, 2, 3, 4});
    EXPECT_DOUBLE_EQ(e.mean, 2.5);
    EXPECT_NEAR(*e.error, std::sqrt(5.0 / 3 / 4), 1e-12);
    EXPECT_FALSE(estimateOf(std::vector<double>{1}).error);
    EXPECT_NEAR(*difference(e, {0, 0.3, 4}).error, std::hypot(*e.error, 0.3), 1e-12);
    EXPECT_TRUE(isClear({1, 0.5, 3}));
    EXPECT_FALSE(isClear({-0.9, 0.5, 3}));
}

TEST(StudyFindings, CountWhatHeld) {
    // lda is more stable (lower distance) than both, better aligned than b only.
    std::vector<StudyCell> cells{cellOf("lda", 0.3, {0.50, 0.52, 0.51}, 0.6), cellOf("scholar", 0.5, {0.60, 0.61, 0.62}, 0.55), cellOf("dvae", 0.31, {0.1, 0.12, 0.11}, 0.115)};
    const StudyResult result = concludeStudy(cells);
    EXPECT_EQ(result.comparisons.size(), 6u);
    const StudyFindings& f = result.findings;
    EXPECT_EQ(f.moreStable.of, 2u);
    EXPECT_EQ(f.moreStable.better, 2u);
    EXPECT_EQ(f.moreStable.clearlyBetter, 1u);  // .30 and .31 are within their errors
    EXPECT_EQ(f.betterAligned.of, 2u);
    EXPECT_EQ(f.betterAligned.better, 1u);
    EXPECT_EQ(f.betterAligned.clearlyWorse, 1u);
    EXPECT_EQ(f.ensembleOverMean.at("sum").of, 3u);
    EXPECT_EQ(f.ensembleOverMean.at("sum").better, 2u);
    EXPECT_EQ(f.ensembleOverBest.at("sum").better, 1u);
    EXPECT_EQ(verdict(f.moreStable), "reproduced");
    EXPECT_EQ(verdict(f.betterAligned), "not reproduced");
    EXPECT_EQ(verdict({4, 3, 0, 0}), "mostly reproduced");
}

TEST(StudyReport, EscapesNamesAndDrawsIntervals) {
    StudyCell cell = cellOf("lda", 0.3, {0.5, 0.52, 0.51}, 0.6);
    cell.corpus = "a<b&c";
    const StudyResult result = concludeStudy({cell});
    const std::string html = studyHtml(result, {"run", {}, {"a<b&c: 3 documents"}, "1"});
    EXPECT_NE(html.find("a&lt;b&amp;c"), std::string::npos);
    EXPECT_EQ(html.find("a<b&c"), std::string::npos);
    EXPECT_NE(html.find("only one kind"), std::string::npos);
    EXPECT_NE(toSvg({"t", "y", {"s"}, {{"g", {{0, 0.5, 0.4, 0.6, "tip"}}}}}).find("<title>tip</title><line"), std::string::npos);
    EXPECT_NE(toSvg({"t", "y", {}, {}}).find("</svg>"), std::string::npos);
}

}  // namespace
}  // namespace driftscope::topics
