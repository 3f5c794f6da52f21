#include "core/debate/expression.h"

#include <gtest/gtest.h>

#include "core/debate/machine.h"
#include "core/debate/computation.h"

namespace driftscope::debate {
namespace {

using nlohmann::json;

double acceptance(const std::string& expression) {
    const auto machine = readComputation({{"type", "expression"}, {"expression", expression}});
    EXPECT_TRUE(machine) << (machine ? "" : machine.error().text());
    return machine ? StateGraph::build(**machine).value().acceptance()[0][0] : -1;
}

std::string problem(const std::string& expression) {
    const auto dag = readExpression(expression);
    return dag ? "" : dag.error().text();
}

TEST(Expression, HasThePriorityOfLogic) {
    EXPECT_NEAR(acceptance("a: 0.5"), 0.5, 1e-12);
    EXPECT_NEAR(acceptance("a: 0.5 and b: 0.5 or c: 0.5"), 0.25 + 0.75 * 0.5, 1e-12);
    EXPECT_NEAR(acceptance("a: 0.5 and (b: 0.5 or c: 0.5)"), 0.5 * 0.75, 1e-12);
    EXPECT_NEAR(acceptance("not a: 0.2 and b: 0.5"), 0.4, 1e-12);
    EXPECT_NEAR(acceptance("not not a: 0.2"), 0.2, 1e-12);
}

TEST(Expression, KnowsItsFunctions) {
    EXPECT_NEAR(acceptance("majority(a: 0.7, b: 0.7, c: 0.7)"), 0.784, 1e-12);
    EXPECT_NEAR(acceptance("all(repeat(12, \"Is item {i} met?\": 0.98))"), std::pow(0.98, 12), 1e-12);
    EXPECT_NEAR(acceptance("any(repeat(3, x{i}: 0.5))"), 0.875, 1e-12);
    EXPECT_NEAR(acceptance("at_least(2, repeat(3, x{i}: 0.5))"), 0.5, 1e-12);
    EXPECT_NEAR(acceptance("compare(a: 1 vs b: 0.25)"), 0.75, 1e-12);
    EXPECT_NEAR(acceptance("weighted(2, 2 * expert: 0.5, layman: 1, 0.5 * other: 1)"), 0.5, 1e-12);
}

TEST(Expression, IsTheExampleWrittenShort) {
    const auto example = StateGraph::build(*readComputation(exampleComputations()["review"]).value()).value().acceptance()[0][0];
    EXPECT_NEAR(acceptance("\"Is the study relevant?\": 0.95 and majority(\"Was it blinded?\": 0.8, powered: 0.85, reported: 0.9)"), example, 1e-12);
}

TEST(Expression, OneQuestionMayBeUsedTwice) {
    const json dag = readExpression("(a: 0.5 and b: 0.5) or (not a and c: 0.5)").value();
    EXPECT_EQ(dag["questions"].size(), 3u);
    EXPECT_NEAR(acceptance("(a: 0.5 and b: 0.5) or (not a and c: 0.5)"), 0.5, 1e-12);
    EXPECT_NEAR(acceptance("a: 0.5 or not a"), 1, 1e-12);
}

TEST(Expression, ErrorsNameTheColumn) {
    EXPECT_NE(problem("").find("column 1"), std::string::npos);
    EXPECT_NE(problem("a: 0.5 and").find("question is missing"), std::string::npos);
    EXPECT_NE(problem("a").find("'a' has no probability"), std::string::npos);
    EXPECT_NE(problem("a: 1.5").find("from 0 to 1"), std::string::npos);
    EXPECT_NE(problem("a: nan").find("from 0 to 1"), std::string::npos);
    EXPECT_NE(problem("(a: 0.5").find("closing bracket"), std::string::npos);
    EXPECT_NE(problem("a: 0.5 b: 0.5").find("column 8"), std::string::npos);
    EXPECT_NE(problem("a: 0.5 and a: 0.4").find("already"), std::string::npos);
    EXPECT_NE(problem("most(a: 0.5)").find("no function 'most'"), std::string::npos);
    EXPECT_NE(problem("at_least(a: 0.5)").find("needs a number"), std::string::npos);
    EXPECT_NE(problem("compare(a: 0.5)").find("vs"), std::string::npos);
    EXPECT_NE(problem("compare(a: 0.5, b: 0.5 vs c: 0.5)").find("2 on the left and 1"), std::string::npos);
    EXPECT_NE(problem("all(repeat(0, a{i}: 0.5))").find("whole number"), std::string::npos);
    EXPECT_NE(problem("\"open: 0.5").find("no end"), std::string::npos);
    EXPECT_NE(problem(std::string(5000, '(')).find("deeply"), std::string::npos);
    EXPECT_NE(problem("all(repeat(99999, a{i}: 0.5), repeat(99999, b{i}: 0.5))").find("too many"), std::string::npos);
}

}  // namespace
}  // namespace driftscope::debate
