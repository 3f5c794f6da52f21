#include "core/topics/measure/human_answers.h"

#include <gmock/gmock.h>

#include <cmath>

#include "core/topics/measure/correlation.h"
#include "tests/core/io/scratch.h"
#include "tests/core/topics/topic_files.h"

namespace driftscope::topics {
namespace {

using testing::HasSubstr;

const std::filesystem::path kAnswers = std::filesystem::path(DRIFTSCOPE_SOURCE_DIR) / "resources/demo/topics/human/all_data.json";

struct Wanted {
    const char* task;
    const char* corpus;
    const char* metric;
    double spearman, pearson;
};

// scipy.stats.spearmanr and pearsonr of the mean answer of each topic.
constexpr Wanted kPublished[] = {
    {"ratings", "wikitext", "c_npmi_10_full", 0.430469232519, 0.441146170551},    {"ratings", "wikitext", "c_v_full", 0.414991863306, 0.530481906079},
    {"ratings", "wikitext", "c_uci_full", 0.393124999779, 0.344972803018},        {"ratings", "wikitext", "u_mass_full", 0.085975604534, 0.075863619712},
    {"ratings", "nytimes", "c_npmi_10_full", 0.377598107199, 0.285050899754},     {"ratings", "nytimes", "c_v_full", 0.415344962763, 0.512451628965},
    {"ratings", "nytimes", "c_uci_full", 0.390211961271, 0.373137185217},         {"ratings", "nytimes", "u_mass_full", 0.106280426657, 0.194867752642},
    {"ratings", "all", "c_npmi_10_full", 0.414379842935, 0.340609999567},         {"ratings", "all", "c_v_full", 0.421143285843, 0.520220617350},
    {"intrusions", "wikitext", "c_npmi_10_full", 0.380751442244, 0.367930216123}, {"intrusions", "wikitext", "c_v_full", 0.363102176821, 0.371491922441},
    {"intrusions", "wikitext", "u_mass_full", 0.039358789398, 0.056590683434},    {"intrusions", "nytimes", "c_npmi_10_full", 0.283969563132, 0.230910018405},
    {"intrusions", "nytimes", "c_v_full", 0.354907378825, 0.364773944753},        {"intrusions", "nytimes", "u_mass_full", 0.063964621626, 0.075251367728},
    {"intrusions", "all", "c_uci_full", 0.334823396294, 0.289826317310}};

TEST(HumanAnswers, RecomputeThePublishedCorrelations) {
    const auto topics = readJudgedTopics(kAnswers);
    ASSERT_TRUE(topics) << topics.error().text();
    ASSERT_EQ(topics->size(), 300u);
    const auto correlations = correlate(*topics, 0, 1);
    for (const Wanted& wanted : kPublished) {
        const auto found = std::find_if(correlations.begin(), correlations.end(), [&](const MetricCorrelation& c) { return c.task == wanted.task && c.corpus == wanted.corpus && c.metric == wanted.metric; });
        ASSERT_NE(found, correlations.end()) << wanted.metric;
        EXPECT_EQ(found->topics, std::string(wanted.corpus) == "all" ? 300u : 150u);
        EXPECT_NEAR(found->spearman, wanted.spearman, 1e-6) << wanted.task << wanted.corpus << wanted.metric;
        EXPECT_NEAR(found->pearson, wanted.pearson, 1e-6);
    }
}

TEST(HumanAnswers, JobGivesTheMeansOfThePaper) {
    const io::Scratch scratch;
    const auto result = runTopicJob("topics.human", {{"input", kAnswers.string()}, {"bootstrap", 25}}, scratch / "h");
    ASSERT_TRUE(result) << result.error().text();
    EXPECT_EQ((*result)["ratings"], 4500);
    EXPECT_EQ((*result)["intrusions"], 7800);
    for (const auto& model : (*result)["models"])
        if (model["corpus"] == "nytimes" && model["model"] == "mallet") {
            EXPECT_NEAR(model["rating"].get<double>(), 2.669333, 1e-6);
            EXPECT_NEAR(model["intrusion_accuracy"].get<double>(), 0.711538, 1e-6);
        }
    for (const auto& one : (*result)["correlations"]) {
        EXPECT_LE(one["interval"][0].get<double>(), one["spearman"].get<double>() + 0.05);
        EXPECT_GE(one["interval"][1].get<double>(), one["spearman"].get<double>() - 0.05);
    }
    EXPECT_GT((*result)["alpha_ratings"].get<double>(), 0);
    EXPECT_LT((*result)["alpha_ratings"].get<double>(), 1);
}

TEST(HumanAnswers, RefuseOtherLayouts) {
    const io::Scratch scratch;
    EXPECT_THAT(readJudgedTopics(scratch.file("a.json", "[1]")).error().text(), HasSubstr("corpus -> model"));
    EXPECT_THAT(readJudgedTopics(scratch.file("a.json", R"({"w": {"m": {"topics": [["a"]], "metrics": {"x": [1, 2]}}}})")).error().text(), HasSubstr("2 entries for 1 topics"));
}

TEST(Correlation, RanksShareTies) {
    EXPECT_EQ(ranks(std::vector<double>{3, 1, 3, 2}), (std::vector<double>{3.5, 1, 3.5, 2}));
    EXPECT_NEAR(spearman(std::vector<double>{1, 2, 3, 4}, std::vector<double>{10, 20, 400, 300}), 0.8, 1e-12);
    EXPECT_TRUE(std::isnan(pearson(std::vector<double>{1, 1}, std::vector<double>{1, 2})));
}

TEST(KrippendorffAlpha, EqualsThePublishedExample) {
    // Krippendorff 2011, "Computing Krippendorff's Alpha-Reliability", section C: four observers, missing data.
    const std::vector<std::vector<double>> units{{1, 1, 1}, {2, 2, 3, 2}, {3, 3, 3, 3}, {3, 3, 3, 3}, {2, 2, 2, 2}, {1, 2, 3, 4}, {4, 4, 4, 4}, {1, 1, 2, 1}, {2, 2, 2, 2}, {5, 5, 5}, {1, 1}, {3}};
    EXPECT_NEAR(*krippendorffAlpha(units, AlphaScale::Nominal), 0.743, 1e-3);
    EXPECT_NEAR(*krippendorffAlpha(units, AlphaScale::Ordinal), 0.815, 1e-3);
    EXPECT_NEAR(*krippendorffAlpha(units, AlphaScale::Interval), 0.849, 1e-3);
    EXPECT_FALSE(krippendorffAlpha({{1, 1}, {1, 1}}, AlphaScale::Nominal));
    EXPECT_FALSE(krippendorffAlpha({{1}, {2}}, AlphaScale::Nominal));
}

}  // namespace
}  // namespace driftscope::topics
