#include "core/base/params.h"

#include <gtest/gtest.h>

namespace driftscope {
namespace {

std::vector<ParamSpec> specs() {
    return {{.name = "images", .type = ParamType::Path, .help = "A plate."},
            {.name = "epochs", .type = ParamType::Int, .fallback = 10, .help = "Epochs.", .minimum = 1, .maximum = 100},
            {.name = "rate", .type = ParamType::Real, .fallback = 1e-3, .help = "Learning rate."},
            {.name = "loss", .type = ParamType::Choice, .fallback = "nt_xent", .help = "Loss.", .choices = {"nt_xent", "triplet"}},
            {.name = "channels", .type = ParamType::IntList, .fallback = nlohmann::json::array(), .help = "Channels."}};
}

TEST(Params, FillsDefaults) {
    const Params params = Params::make(specs(), {{"images", "a.zarr"}}).value();
    EXPECT_EQ(params.integer("epochs"), 10);
    EXPECT_DOUBLE_EQ(params.real("rate"), 1e-3);
    EXPECT_TRUE(params.integers("channels").empty());
}

TEST(Params, NamesWhatIsWrong) {
    EXPECT_NE(Params::make(specs(), nlohmann::json::object()).error().message.find("'images' is required"), std::string::npos);
    EXPECT_NE(Params::make(specs(), {{"images", "a"}, {"epochs", 0}}).error().message.find("minimum is 1"), std::string::npos);
    EXPECT_NE(Params::make(specs(), {{"images", "a"}, {"epoch", 3}}).error().remedy.find("'epochs'"), std::string::npos);
    EXPECT_NE(Params::make(specs(), {{"images", "a"}, {"loss", "l2"}}).error().message.find("nt_xent, triplet"), std::string::npos);
}

TEST(Params, ParsesCommandLineText) {
    EXPECT_EQ(Params::parse(specs()[1], "12").value(), nlohmann::json(12));
    EXPECT_EQ(Params::parse(specs()[2], "2e-4").value(), nlohmann::json(2e-4));
    EXPECT_EQ(Params::parse(specs()[4], "0,2").value(), nlohmann::json({0, 2}));
    EXPECT_FALSE(Params::parse(specs()[1], "12x"));
    EXPECT_FALSE(Params::parse(specs()[1], "1.5"));
}

TEST(Params, SpecSurvivesJson) {
    for (const ParamSpec& spec : specs()) EXPECT_EQ(ParamSpec::fromJson(spec.toJson()).toJson(), spec.toJson());
}

}  // namespace
}  // namespace driftscope
