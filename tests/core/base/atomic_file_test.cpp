#include "core/base/atomic_file.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include "core/base/fingerprint.h"

namespace driftscope {
namespace {

namespace fs = std::filesystem;

class AtomicFile : public ::testing::Test {
  protected:
    void SetUp() override { fs::create_directories(folder_); }
    void TearDown() override { fs::remove_all(folder_); }
    fs::path folder_ = fs::temp_directory_path() / fmt::format("driftscope-atomic-{}", ::getpid());
};

TEST_F(AtomicFile, ReplacesWholeContent) {
    ASSERT_TRUE(writeFileAtomically(folder_ / "a.json", "one"));
    ASSERT_TRUE(writeFileAtomically(folder_ / "a.json", "two"));
    EXPECT_EQ(readFile(folder_ / "a.json").value(), "two");
    EXPECT_EQ(std::distance(fs::directory_iterator(folder_), fs::directory_iterator()), 1) << "a temporary file was left";
}

TEST_F(AtomicFile, MissingFolderIsNamed) {
    const auto written = writeFileAtomically(folder_ / "absent" / "a.json", "x");
    ASSERT_FALSE(written);
    EXPECT_NE(written.error().message.find("absent"), std::string::npos);
    EXPECT_EQ(readFile(folder_ / "no.txt").error().code, ErrorCode::NotFound);
}

TEST_F(AtomicFile, FingerprintFollowsContent) {
    ASSERT_TRUE(writeFileAtomically(folder_ / "a", "one"));
    const std::string first = fingerprintPath(folder_ / "a").value();
    const std::string folder = fingerprintPath(folder_).value();
    ASSERT_TRUE(writeFileAtomically(folder_ / "a", "two"));
    EXPECT_NE(fingerprintPath(folder_ / "a").value(), first);
    EXPECT_NE(fingerprintPath(folder_).value(), folder);
}

TEST(RandomStream, IsUniformAndReproducible) {
    double sum = 0;
    for (std::uint64_t i = 0; i < 100000; ++i) sum += randomUnit(7, 3, i);
    EXPECT_NEAR(sum / 100000, 0.5, 0.005);
    EXPECT_EQ(randomBits(7, 3, 12), randomBits(7, 3, 12));
    EXPECT_NE(randomBits(7, 3, 12), randomBits(7, 4, 12));
}

}  // namespace
}  // namespace driftscope
