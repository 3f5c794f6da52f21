#include <gmock/gmock.h>

#include <fstream>

#include "core/base/atomic_file.h"
#include "core/io/csv.h"
#include "core/topics/data/corpus_folder.h"
#include "core/topics/neural/neural_kinds.h"
#include "tests/core/io/scratch.h"
#include "tests/core/topics/topic_files.h"

namespace driftscope::topics {
namespace {

using nlohmann::json;
using testing::HasSubstr;

/// The paper's design on a few hundred titles.
class StudyJob : public testing::Test {
  protected:
    void SetUp() override {
        const Corpus all = readM10();
        std::vector<std::uint32_t> which;
        for (std::uint32_t d = 0; d < all.documents(); d += 20) which.push_back(d);
        Corpus part = selectDocuments(all, which);
        ASSERT_TRUE(writeCorpus(scratch_ / "titles", part, {}, json::object()));
    }
    json params(json more = json::object()) const {
        json all{{"corpora", {(scratch_ / "titles").string()}}, {"models", {"lda", "scholar"}}, {"ks", {3, 4}}, {"runs", 3}, {"settings", {"lda.iterations=15", "scholar.epochs=15", "scholar.batch_size=40", "scholar.learning_rate=0.01", "titles/scholar.hidden=20"}}};
        all.update(more);
        return all;
    }
    Result<json> study(const json& given, const std::string& folder, std::stop_token stop = {}, JobContext::Listener listener = {}) {
        JobRegistry registry;
        std::vector<TopicModelKind> models = neuralKinds();
        models.insert(models.begin(), ldaKind());
        registerTopicJobs(registry, std::move(models));
        return runJob(registry, {"topics.study", given, scratch_ / folder, "cpu", false}, std::move(stop), std::move(listener));
    }
    std::size_t linesOf(const std::string& file) const {
        const std::string text = readFile(scratch_ / file).value();
        return static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n'));
    }
    io::Scratch scratch_;
};

TEST_F(StudyJob, GivesTablesPlotsAndReport) {
    const auto result = study(params(), "study");
    ASSERT_TRUE(result) << result.error().text();
    EXPECT_EQ((*result)["runs_trained"], 12);
    const auto cells = io::readCsv(scratch_ / "study/cells.csv");
    ASSERT_TRUE(cells) << cells.error().text();
    std::set<std::string> measures;
    for (const auto& row : cells->rows) {
        measures.insert(row[*cells->find("measure")]);
        EXPECT_EQ(row[*cells->find("runs")], "3");
        EXPECT_EQ(row[*cells->find("low")].empty(), row[*cells->find("measure")].rfind("unique", 0) == 0) << row[5];
    }
    for (const char* expected : {"word_distance", "document_distance", "run_ari", "ari:label", "nmi:label", "purity:label", "inverse_purity:label", "p1:label", "c_npmi", "c_v", "topic_diversity"})
        EXPECT_TRUE(measures.count(expected)) << expected;
    // Two numbers of topics, one pair of models, every measure.
    EXPECT_EQ(linesOf("study/comparisons.csv"), 1 + 2 * measures.size());
    EXPECT_EQ(linesOf("study/ensembles.csv"), 1u + 4 * 2 * 5);
    EXPECT_EQ(linesOf("study/runs.csv"), 1u + 12 * 9);
    const std::string html = readFile(scratch_ / "study/report.html").value(), markdown = readFile(scratch_ / "study/report.md").value();
    EXPECT_THAT(html, HasSubstr("Finding 1a"));
    EXPECT_THAT(html, HasSubstr("<svg"));
    EXPECT_THAT(html, testing::Not(HasSubstr("nan")));
    EXPECT_THAT(markdown, HasSubstr("Ensembles against their members: label"));
    EXPECT_TRUE(std::filesystem::exists(scratch_ / "study/plots/word_distance.svg"));
    const auto again = io::readCsv(scratch_ / "study/runs.csv");
    const json alignment = *runTopicJob("topics.align", {{"run", (scratch_ / "study/runs" / again->rows[0][*again->find("folder")]).string()}, {"bootstrap", 0}}, scratch_ / "align");
    for (const auto& row : again->rows)
        if (row[*again->find("folder")] == again->rows[0][*again->find("folder")] && row[*again->find("measure")] == "ari:label") {
            EXPECT_NEAR(std::stod(row[*again->find("value")]), alignment["ari"].get<double>(), 1e-5);
        }
}

TEST_F(StudyJob, StopsResumesAndUsesFinishedRunsAgain) {
    std::stop_source stop;
    const auto stopped = study(params(), "study", stop.get_token(), [&](const json& event) {
        if (event["type"] == "progress" && event.value("stage", "") == "run" && event.value("done", 0.0) >= 5) stop.request_stop();
    });
    ASSERT_FALSE(stopped);
    EXPECT_EQ(stopped.error().code, ErrorCode::Cancelled);
    const auto resumed = study(params(), "study");
    ASSERT_TRUE(resumed) << resumed.error().text();
    EXPECT_GE((*resumed)["runs_reused"].get<int>(), 5);
    EXPECT_LT((*resumed)["runs_reused"].get<int>(), 12);
    const auto other = study(params({{"reuse", (scratch_ / "study/runs").string()}, {"runs", 4}}), "wider");
    ASSERT_TRUE(other) << other.error().text();
    EXPECT_EQ((*other)["runs_reused"], 12);
    EXPECT_EQ((*other)["runs_trained"], 4);
    // Another parameter is another run.
    const auto changed = study(params({{"reuse", (scratch_ / "study/runs").string()}, {"ks", {3}}, {"settings", {"lda.iterations=15", "scholar.epochs=16", "scholar.batch_size=40", "scholar.learning_rate=0.01", "titles/scholar.hidden=20"}}}), "changed");
    ASSERT_TRUE(changed) << changed.error().text();
    EXPECT_EQ((*changed)["runs_reused"], 3);
}

TEST_F(StudyJob, RunsThatDivergeAreReportedNotCounted) {
    const auto result = study(params({{"ks", {3}}, {"runs", 2}, {"settings", {"lda.iterations=10", "scholar.epochs=3", "scholar.learning_rate=1e30"}}}), "study");
    ASSERT_TRUE(result) << result.error().text();
    EXPECT_EQ((*result)["runs_lost"], 2);
    EXPECT_THAT(readFile(scratch_ / "study/report.md").value(), HasSubstr("left out: titles, scholar, K 3: seed 1"));
}

TEST_F(StudyJob, WrongRequestsAreExplained) {
    EXPECT_THAT(study(params({{"models", {"lsa"}}}), "a").error().text(), HasSubstr("There is no model 'lsa'"));
    EXPECT_THAT(study(params({{"settings", {"lda.iteration=5"}}}), "b").error().text(), HasSubstr("Did you mean 'iterations'?"));
    EXPECT_THAT(study(params({{"settings", {"etm.epochs=5"}}}), "c").error().text(), HasSubstr("not in this study"));
    EXPECT_THAT(study(params({{"settings", {"lda.k=5"}}}), "d").error().text(), HasSubstr("study itself sets 'k'"));
    EXPECT_THAT(study(params({{"settings", {"iterations"}}}), "e").error().text(), HasSubstr("model.parameter=value"));
}

}  // namespace
}  // namespace driftscope::topics
