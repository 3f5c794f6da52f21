#include "core/io/npy.h"

#include <cmath>

#include "core/base/atomic_file.h"
#include "tests/core/io/scratch.h"

namespace driftscope::io {
namespace {

std::string image(std::string header, std::string_view data, char version = 1) {
    header += '\n';
    std::string out = std::string("\x93NUMPY", 6) + version + '\0';
    out += static_cast<char>(header.size() & 0xFF);
    out += static_cast<char>(header.size() >> 8);
    if (version > 1) out += std::string(2, '\0');
    return out + header + std::string(data);
}

std::string dictionary(const std::string& descr, const std::string& shape, bool fortran = false) {
    return fmt::format("{{'descr': '{}', 'fortran_order': {}, 'shape': {}, }}", descr, fortran ? "True" : "False", shape);
}

NpyArray read(const Scratch& scratch, const std::string& content) {
    auto array = readNpy(scratch.file("a.npy", content));
    EXPECT_TRUE(array) << array.error().text();
    return array ? *array : NpyArray{};
}

TEST(Npy, RoundTripsAllRanks) {
    const Scratch scratch;
    for (const std::vector<std::int64_t>& shape : {std::vector<std::int64_t>{}, {1}, {6}, {2, 3}, {1, 3, 2}, {0, 5}}) {
        std::vector<float> values(shape.empty() || shape[0] == 1 ? (shape.size() == 3 ? 6 : 1) : shape[0] == 0 ? 0 : 6, 2.5f);
        ASSERT_TRUE(writeNpy(scratch / "a.npy", shape, values));
        const auto back = readNpy(scratch / "a.npy");
        ASSERT_TRUE(back) << back.error().text();
        EXPECT_EQ(back->shape, shape);
        EXPECT_EQ(back->values, values);
    }
}

TEST(Npy, ReadsAReferenceFileOfNumpy) {
    const auto layout = readNpy(std::string(DRIFTSCOPE_TEST_DATA) + "/numerics/umap_reference/digits_umap_seed42.npy");
    ASSERT_TRUE(layout) << layout.error().text();
    EXPECT_EQ(layout->shape, (std::vector<std::int64_t>{1797, 2}));
    for (const float value : layout->values) ASSERT_TRUE(std::isfinite(value) && std::abs(value) < 100);
}

TEST(Npy, ReadsByteOrdersTypesAndVersions) {
    const Scratch scratch;
    EXPECT_EQ(read(scratch, image(dictionary(">u2", "(2,)"), std::string_view("\x01\x02\xFF\xFE", 4))).values, (std::vector<float>{258, 65534}));
    EXPECT_EQ(read(scratch, image(dictionary("<i2", "(2,)"), std::string_view("\x01\x02\xFF\xFF", 4), 2)).values, (std::vector<float>{513, -1}));
    EXPECT_EQ(read(scratch, image(dictionary("|b1", "(3,)"), std::string_view("\x00\x01\x02", 3), 3)).values, (std::vector<float>{0, 1, 1}));
    EXPECT_EQ(read(scratch, image(dictionary("<f2", "(4,)"), std::string_view("\x00\x3C\x00\xC0\x01\x00\x00\x7C", 8))).values,
              (std::vector<float>{1, -2, std::ldexp(1.0f, -24), INFINITY}));
}

TEST(Npy, FortranOrderIsTurnedToC) {
    const Scratch scratch;
    const auto array = read(scratch, image(dictionary("|u1", "(2, 3)", true), std::string_view("\x01\x04\x02\x05\x03\x06", 6)));
    EXPECT_EQ(array.values, (std::vector<float>{1, 2, 3, 4, 5, 6}));
}

TEST(Npy, RefusesDamageObjectsAndWrongSizes) {
    const Scratch scratch;
    const auto error = [&](const std::string& content) {
        const auto array = readNpy(scratch.file("bad.npy", content));
        EXPECT_FALSE(array);
        return array ? std::string() : array.error().text();
    };
    EXPECT_NE(error(image(dictionary("|O", "(1,)"), "xxxxxxxx")).find("run code"), std::string::npos);
    EXPECT_NE(error(image(dictionary("<f4", "(3,)"), "12345678")).find("does not fit"), std::string::npos);
    EXPECT_NE(error(image(dictionary("<f4", "(1,)"), "12345678")).find("does not fit"), std::string::npos);
    error(image(dictionary("<f4", "(9223372036854775807, 4)"), "1234"));
    error(image(dictionary("<f4", "(-1,)"), "1234"));
    error(image(dictionary("<f4", "(1"), "1234"));
    error(image("{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': (1,), }", "1234"));
    error("\x93NUMPY");
    error("");
    const std::string good = image(dictionary("<f4", "(2,)"), "12345678");
    for (std::size_t length = 0; length < good.size(); ++length) error(good.substr(0, length));
}

}  // namespace
}  // namespace driftscope::io
