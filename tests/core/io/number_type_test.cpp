#include "core/io/number_type.h"

#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <cstring>

namespace driftscope::io {
namespace {

template <class T>
const std::byte* bytes(const T& values) {
    return reinterpret_cast<const std::byte*>(values.data());
}

TEST(NumberType, NamesRoundTrip) {
    for (const char* name : {"|b1", "|i1", "<i2", ">i4", "<i8", "|u1", ">u2", "<u4", "<u8", "<f2", ">f4", "<f8"}) {
        const auto type = numberTypeFromNumpy(name);
        ASSERT_TRUE(type) << name;
        EXPECT_EQ(numpyName(*type), name);
        EXPECT_EQ(numberTypeFromName(type->name())->kind, type->kind);
    }
    for (const char* name : {"<U7", "|S7", "|O", "<c8", "<f3", "f4", "", "<M8[ns]"}) EXPECT_FALSE(numberTypeFromNumpy(name)) << name;
}

TEST(NumberType, HalvesMatchTheirDefinition) {
    // All 65,536 halves against the definition of binary16.
    for (std::uint32_t bits = 0; bits < 65536; ++bits) {
        const std::array<std::uint16_t, 1> half = {static_cast<std::uint16_t>(bits)};
        std::array<float, 1> value{};
        toFloats(bytes(half), {NumberKind::Float16, false}, value);
        const int exponent = (bits >> 10) & 31;
        const double mantissa = bits & 1023;
        const double sign = bits & 0x8000 ? -1 : 1;
        if (exponent == 31) {
            EXPECT_EQ(std::isnan(value[0]), mantissa != 0);
        } else {
            const double wanted = exponent ? std::ldexp(1 + mantissa / 1024, exponent - 15) : std::ldexp(mantissa, -24);
            ASSERT_EQ(value[0], static_cast<float>(sign * wanted)) << bits;
        }
    }
}

TEST(NumberType, LabelsAreCheckedOneByOne) {
    std::vector<std::int32_t> good(300, 7);
    std::vector<std::uint32_t> out(good.size());
    EXPECT_FALSE(toLabels(bytes(good), {NumberKind::Int32, false}, out));
    EXPECT_EQ(out.back(), 7u);
    good[299] = -1;
    EXPECT_EQ(toLabels(bytes(good), {NumberKind::Int32, false}, out), 299u);
    const std::array<float, 3> fractions = {1, 2.5f, 3};
    EXPECT_EQ(toLabels(bytes(fractions), {NumberKind::Float32, false}, std::span(out).first(3)), 1u);
    const std::array<double, 2> nan = {0, NAN};
    EXPECT_EQ(toLabels(bytes(nan), {NumberKind::Float64, false}, std::span(out).first(2)), 1u);
    const std::array<std::uint64_t, 3> large = {4294967295u, 4294967296u, ~0ull};
    EXPECT_EQ(toLabels(bytes(large), {NumberKind::UInt64, false}, std::span(out).first(3)), 1u);
    EXPECT_EQ(out[0], 4294967295u);
}

}  // namespace
}  // namespace driftscope::io
