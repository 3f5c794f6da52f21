#include "core/label/label_schema.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace driftscope {
namespace {

using ::testing::HasSubstr;

std::string problem(const char* json) {
    const auto schema = LabelSchema::fromJson(nlohmann::json::parse(json));
    return schema ? "accepted" : schema.error().message;
}

TEST(LabelSchemaTest, TheReferencesVocabulariesAreUnderstood) {
    const auto schemas = referenceSchemas();
    ASSERT_EQ(schemas.size(), 4u);
    for (const LabelSchema& schema : schemas) EXPECT_TRUE(schema.check()) << schema.name;
    const auto classOf = [&](std::size_t schema, const char* text) {
        const auto index = schemas[schema].find(text);
        return index ? schemas[schema].classes[*index].name : std::string("?");
    };
    EXPECT_EQ(classOf(0, "2"), "mitosis");
    EXPECT_EQ(classOf(0, "anaphase"), "mitosis");
    EXPECT_EQ(classOf(0, "G1"), "interphase");
    EXPECT_EQ(classOf(1, "1"), "uninfected");
    EXPECT_EQ(classOf(1, "Infected"), "infected");
    EXPECT_EQ(classOf(2, "nonremodel"), "noremodel");
    EXPECT_EQ(classOf(2, "remodeled"), "remodel");
    EXPECT_EQ(classOf(3, "apoptotic"), "dead");
    EXPECT_EQ(classOf(3, "purple"), "?");
    EXPECT_EQ(schemas[0].expansion, "frame");
    EXPECT_EQ(schemas[3].expansion, "onset");
    EXPECT_TRUE(schemas[1].meansUnlabelled("0"));
    EXPECT_TRUE(schemas[1].meansUnlabelled("Unknown"));
    EXPECT_TRUE(schemas[0].meansUnlabelled(""));
    EXPECT_FALSE(schemas[0].meansUnlabelled("0"));
}

TEST(LabelSchemaTest, ProblemsAreNamed) {
    EXPECT_THAT(problem(R"({"name":"s","classes":[]})"), HasSubstr("no classes"));
    EXPECT_THAT(problem(R"({"classes":[{"name":"a"}]})"), HasSubstr("name"));
    EXPECT_THAT(problem(R"({"name":"s","classes":[{"name":"a"},{"name":"A"}]})"), HasSubstr("two classes named \"A\""));
    EXPECT_THAT(problem(R"({"name":"s","classes":[{"name":"a","key":"1"},{"name":"b","key":"1"}]})"),
                HasSubstr("key \"1\""));
    EXPECT_THAT(problem(R"({"name":"s","classes":[{"name":"a","aliases":["x"]},{"name":"b","aliases":["X"]}]})"),
                HasSubstr("alias \"X\""));
    EXPECT_THAT(problem(R"({"name":"s","classes":[{"name":"a"},{"name":"b","aliases":["a"]}]})"),
                HasSubstr("\"a\" and \"b\""));
    EXPECT_THAT(problem(R"({"name":"s","classes":[{"name":"a","color":"red"}]})"), HasSubstr("not a colour"));
    EXPECT_THAT(problem(R"({"name":"s","expansion":"all","classes":[{"name":"a"}]})"), HasSubstr("expansion \"all\""));
    EXPECT_THAT(problem(R"({"name":"s","unknown":["A"],"classes":[{"name":"a"}]})"), HasSubstr("no label"));
    EXPECT_THAT(problem(R"({"name":"s","classes":"a"})"), HasSubstr("cannot be read"));
}

}  // namespace
}  // namespace driftscope
