#include "core/io/safetensors.h"

#include <cstring>

#include "core/base/atomic_file.h"
#include "tests/core/io/scratch.h"

namespace driftscope::io {
namespace {

std::string image(const std::string& header, std::size_t dataBytes) {
    const std::uint64_t length = header.size();
    return std::string(reinterpret_cast<const char*>(&length), sizeof length) + header + std::string(dataBytes, '\1');
}

Error refusal(const Scratch& scratch, const std::string& content) {
    const auto file = SafetensorsFile::open(scratch.file("bad.safetensors", content));
    EXPECT_FALSE(file) << content.substr(8, 120);
    return file ? Error{} : file.error();
}

TEST(Safetensors, RoundTripsNamesTypesShapesBytesAndMetadata) {
    const Scratch scratch;
    const std::vector<float> weights = {1.5f, -2.0f, 3.25f, 0.0f, 1e-30f, 7.0f};
    const std::vector<std::int64_t> steps = {7};
    ASSERT_TRUE(writeSafetensors(scratch / "w.safetensors",
                                 {{"stem.weight", "F32", {2, 3}, std::as_bytes(std::span(weights))},
                                  {"empty", "F16", {0, 4}, {}},
                                  {"bn.num_batches_tracked", "I64", {}, std::as_bytes(std::span(steps))}},
                                 {{"format", "pt"}}));
    const auto file = SafetensorsFile::open(scratch / "w.safetensors");
    ASSERT_TRUE(file) << file.error().text();
    EXPECT_EQ((*file)->tensors().size(), 3u);
    EXPECT_EQ((*file)->metadata().at("format"), "pt");
    const StoredTensor& tensor = (*file)->tensors().at("stem.weight");
    EXPECT_EQ(tensor.shape, (std::vector<std::int64_t>{2, 3}));
    ASSERT_EQ(tensor.bytes.size(), 24u);
    EXPECT_EQ(std::memcmp(tensor.bytes.data(), weights.data(), 24), 0);
    EXPECT_EQ(reinterpret_cast<std::uintptr_t>(tensor.bytes.data()) % 8, 0u);
    EXPECT_TRUE((*file)->tensors().at("bn.num_batches_tracked").shape.empty());
}

TEST(Safetensors, RefusesOverflowingShapes) {
    // The product of these sizes wraps to 4 in 64 bits; published as an attack on a C++ reader.
    const Scratch scratch;
    const Error error = refusal(scratch, image(R"({"t":{"dtype":"U8","shape":[4194305,4194305,211106198978564],"data_offsets":[0,4]}})", 4));
    EXPECT_NE(error.message.find("'t'"), std::string::npos);
}

TEST(Safetensors, RefusesHolesOverlapsAndForeignBytes) {
    const Scratch scratch;
    const auto two = [](int b1, int e1, int b2, int e2) {
        return fmt::format(R"({{"a":{{"dtype":"U8","shape":[{}],"data_offsets":[{},{}]}},"b":{{"dtype":"U8","shape":[{}],"data_offsets":[{},{}]}}}})", e1 - b1, b1,
                           e1, e2 - b2, b2, e2);
    };
    EXPECT_TRUE(SafetensorsFile::open(scratch.file("good.safetensors", image(two(0, 4, 4, 8), 8))));
    EXPECT_NE(refusal(scratch, image(two(0, 4, 5, 8), 8)).message.find("hole"), std::string::npos);
    EXPECT_NE(refusal(scratch, image(two(0, 4, 3, 8), 8)).message.find("overlap"), std::string::npos);
    EXPECT_NE(refusal(scratch, image(two(0, 4, 4, 8), 9)).message.find("end at byte 8 of 9"), std::string::npos);
    refusal(scratch, image(two(0, 4, 4, 8), 7));
}

TEST(Safetensors, RefusesLyingHeaders) {
    const Scratch scratch;
    refusal(scratch, "");
    refusal(scratch, "\x10");
    refusal(scratch, std::string(8, '\xFF'));
    refusal(scratch, image(R"({"t":{"dtype":"U8","shape":[1],"data_offsets":[0,1]})", 1));                      // cut JSON
    refusal(scratch, image(R"([1])", 0));                                                                       // no object
    refusal(scratch, image(R"({"t":{"dtype":"U8","shape":[-1],"data_offsets":[0,1]}})", 1));                     // negative
    refusal(scratch, image(R"({"t":{"dtype":"U8","shape":[1],"data_offsets":[1,0]}})", 1));                      // reversed
    refusal(scratch, image(R"({"t":{"dtype":"U8","shape":[1]}})", 1));                                           // no offsets
    refusal(scratch, image(R"({"t":3})", 1));                                                                    // not a tensor
    EXPECT_EQ(refusal(scratch, image(R"({"t":{"dtype":"C64","shape":[1],"data_offsets":[0,8]}})", 8)).code, ErrorCode::Unsupported);
    const std::string one = R"("t":{"dtype":"U8","shape":[1],"data_offsets":[0,1]})";
    EXPECT_NE(refusal(scratch, image("{" + one + "," + one + "}", 1)).message.find("twice"), std::string::npos);
    refusal(scratch, image("{\"t\":" + std::string(100, '[') + std::string(100, ']') + "}", 0));                 // deep
}

TEST(Safetensors, EveryTruncationIsRefused) {
    const Scratch scratch;
    const std::string good = image(R"({"t":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}})", 8);
    for (std::size_t length = 0; length < good.size(); ++length) refusal(scratch, good.substr(0, length));
}

TEST(Safetensors, MissingFileIsNamed) {
    const auto file = SafetensorsFile::open("/nowhere/w.safetensors");
    EXPECT_EQ(file.error().code, ErrorCode::NotFound);
    EXPECT_NE(file.error().message.find("/nowhere/w.safetensors"), std::string::npos);
}

}  // namespace
}  // namespace driftscope::io
