#include "core/base/error.h"

#include <gtest/gtest.h>

namespace driftscope {
namespace {

Result<int> half(int value) {
    if (value % 2 != 0) return fail(ErrorCode::BadInput, "The value is odd.", "Give an even one.");
    return value / 2;
}

Result<int> quarter(int value) {
    DS_ASSIGN(const int once, half(value));
    return half(once);
}

TEST(Error, TravelsThroughAssign) {
    EXPECT_EQ(quarter(8).value(), 2);
    EXPECT_EQ(quarter(6).error().message, "The value is odd.");
}

TEST(Error, TextNamesCircumstanceAndRemedy) {
    Error error{ErrorCode::BadInput, "Row 3 is short.", "Add a column.", {}};
    EXPECT_EQ(std::move(error).during("reading a.csv").text(), "Row 3 is short. (reading a.csv) Add a column.");
}

TEST(Error, ExitCodesAreThoseOfTheCommandLine) {
    EXPECT_EQ(exitCode(ErrorCode::Usage), 2);
    EXPECT_EQ(exitCode(ErrorCode::Numeric), 3);
    EXPECT_EQ(exitCode(ErrorCode::Device), 4);
    EXPECT_EQ(exitCode(ErrorCode::Cancelled), 5);
    EXPECT_EQ(exitCode(ErrorCode::Internal), 70);
    EXPECT_EQ(errorCodeFromName(name(ErrorCode::NotFound)), ErrorCode::NotFound);
}

}  // namespace
}  // namespace driftscope
