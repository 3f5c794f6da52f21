#include <gtest/gtest.h>
#include <unistd.h>

#include "core/base/atomic_file.h"
#include "core/cells/dynaclr/augment_torch.h"
#include "tests/core/dynaclr/fake_movie.h"

namespace driftscope::cells {
namespace {

using test::FakeMovie;
using test::oneField;
using torch::Tensor;

constexpr std::size_t kPlenty = 1 << 28;

float ramp(std::int64_t t, std::int64_t c, std::int64_t z, int y, int x) {
    return static_cast<float>(100 * t + 1000 * c + 10 * z + y + 2 * x);
}

/// Nothing random, whatever the seed.
Augmentation still() {
    Augmentation a;
    a.affine = a.flip = a.contrast = a.intensity = a.smooth = a.noise = 0;
    return a;
}

double largest(const Tensor& difference) {
    return difference.abs().max().item<double>();
}

TEST(FrameCache, DecodesEachFrameOnceAndForgetsTheOldest) {
    auto movie = std::make_shared<FakeMovie>(std::array<std::int64_t, 5>{4, 1, 1, 8, 8}, std::vector<std::string>{"DNA"}, ramp);
    const CellDataset dataset = oneField(movie, {{0, 4, 4}});
    const VolumeSelection selection = selectVolume(dataset, {}, {}, ZReduction::None).value();
    FrameCache cache(dataset, selection, 2 * 8 * 8 * sizeof(float));
    for (const int t : {0, 1, 0, 1, 0}) ASSERT_TRUE(cache.frame(0, t));
    EXPECT_EQ(movie->reads, 2);
    ASSERT_TRUE(cache.frame(0, 2));  // pushes out frame 1
    ASSERT_TRUE(cache.frame(0, 0));
    EXPECT_EQ(movie->reads, 3);
    ASSERT_TRUE(cache.frame(0, 1));
    EXPECT_EQ(movie->reads, 4);
}

TEST(FrameCache, ReducesSlicesByTheKindOfChannel) {
    auto movie = std::make_shared<FakeMovie>(std::array<std::int64_t, 5>{1, 2, 4, 8, 8}, std::vector<std::string>{"Phase3D", "RFP"}, ramp);
    const CellDataset dataset = oneField(movie, {{0, 4, 4}});
    FrameCache cache(dataset, selectVolume(dataset, {}, {1, 4}, ZReduction::Channel).value(), kPlenty);
    const auto volume = cache.frame(0, 0).value();
    ASSERT_EQ(volume->pixels.size(), 2U * 8 * 8);
    EXPECT_EQ(volume->pixels[0], ramp(0, 0, 2, 0, 0));   // centre slice
    EXPECT_EQ(volume->pixels[64], ramp(0, 1, 3, 0, 0));  // maximum
    const auto unknown = selectVolume(dataset, {"GFP"}, {}, ZReduction::None);
    ASSERT_FALSE(unknown);
    EXPECT_NE(unknown.error().message.find("Phase3D, RFP"), std::string::npos) << unknown.error().message;
    EXPECT_EQ(selectVolume(dataset, {"RFP"}, {}, ZReduction::None)->channels, std::vector<std::int64_t>{1});
}

TEST(Normalisation, ZScoreAndMedianFollowTheField) {
    auto movie = std::make_shared<FakeMovie>(std::array<std::int64_t, 5>{2, 1, 1, 8, 8}, std::vector<std::string>{"DNA"}, ramp);
    const CellDataset dataset = oneField(movie, {{0, 4, 4}, {1, 4, 4}});
    PatchRecipe recipe;
    recipe.patch = 8;
    recipe.grid = 1;
    double mean = 0, square = 0;
    for (int t = 0; t < 2; ++t)
        for (int i = 0; i < 64; ++i) mean += ramp(t, 0, 0, i / 8, i % 8) / 128.0;
    for (int t = 0; t < 2; ++t)
        for (int i = 0; i < 64; ++i) square += std::pow(ramp(t, 0, 0, i / 8, i % 8) - mean, 2) / 128.0;
    const auto source = PatchSource::make(dataset, recipe, kPlenty).value();
    const Tensor x = normalised(source->cut({0, 1}, 8).value(), *source, 8, torch::kCPU);
    EXPECT_NEAR(x[0][0][0][0][0].item<double>(), (0 - mean) / std::sqrt(square), 1e-5);
    EXPECT_NEAR(x.mean().item<double>(), 0, 1e-5);

    recipe.level = "timepoint";
    const auto perFrame = PatchSource::make(dataset, recipe, kPlenty).value();
    const Tensor frames = normalised(perFrame->cut({0, 1}, 8).value(), *perFrame, 8, torch::kCPU);
    EXPECT_LE(largest(frames[0] - frames[1]), 1e-5) << "frames differ by a constant only";

    recipe.normalise = {"median"};
    const auto median = PatchSource::make(dataset, recipe, kPlenty).value();
    EXPECT_NEAR(normalised(median->cut({0}, 8).value(), *median, 8, torch::kCPU).median().item<double>(), 0, 0.1);
}

TEST(PatchSource, TheMarginKeepsTheCentre) {
    const CellDataset dataset = oneField(std::make_shared<FakeMovie>(std::array<std::int64_t, 5>{1, 1, 1, 16, 16}, std::vector<std::string>{"DNA"}, ramp), {{0, 1, 8}, {0, 8, 8}});
    PatchRecipe recipe;
    recipe.patch = 8;
    recipe.normalise = {"none"};
    const auto source = PatchSource::make(dataset, recipe, kPlenty).value();
    const auto kept = source->keep({0, 1});
    EXPECT_EQ(kept.affected, 1U);
    const Tensor narrow = normalised(source->cut(kept.rows, 8).value(), *source, 8, torch::kCPU);
    const Tensor wide = normalised(source->cut(kept.rows, 14).value(), *source, 14, torch::kCPU);
    EXPECT_TRUE(torch::equal(centreCrop(wide, 8), narrow));
    recipe.border = "drop";
    const auto strict = PatchSource::make(dataset, recipe, kPlenty).value();
    EXPECT_EQ(strict->keep({0, 1}).dropped, 1U);
}

TEST(PatchSource, RescalesToThePixelSizeAsked) {
    auto movie = std::make_shared<FakeMovie>(std::array<std::int64_t, 5>{1, 1, 1, 32, 32}, std::vector<std::string>{"DNA"}, ramp);
    const CellDataset dataset = oneField(movie, {{0, 16, 16}, {0, 5, 16}});
    PatchRecipe recipe;
    recipe.patch = 8;
    recipe.normalise = {"none"};
    recipe.border = "drop";
    recipe.pixelSize = 0.3;
    const auto unknown = PatchSource::make(dataset, recipe, kPlenty);
    ASSERT_FALSE(unknown);
    EXPECT_NE(unknown.error().message.find("A/1/0"), std::string::npos) << unknown.error().message;
    movie->setPixelSize(0.15);  // 16 image pixels become 8, each the second of its pair (nearest-exact)
    const auto source = PatchSource::make(dataset, recipe, kPlenty).value();
    EXPECT_EQ(source->keep({0, 1}).dropped, 1U) << "the window of the second cell is 16 px and reaches over the edge";
    const RawPatches coarse = source->cut({0}, 8).value();
    ASSERT_EQ(coarse.pixels.size(), 64U);
    for (int y = 0; y < 8; ++y)
        for (int x = 0; x < 8; ++x) EXPECT_EQ(coarse.pixels[static_cast<std::size_t>(8 * y + x)], ramp(0, 0, 0, 8 + 2 * y + 1, 8 + 2 * x + 1));
    recipe.pixelSize = 0.075;
    const RawPatches fine = PatchSource::make(dataset, recipe, kPlenty).value()->cut({0}, 8).value();
    for (int y = 0; y < 8; ++y) EXPECT_EQ(fine.pixels[static_cast<std::size_t>(8 * y)], ramp(0, 0, 0, 14 + y / 2, 14));
}

TEST(Normalisation, StatisticsStoredInThePlateAreUsed) {
    const auto folder = std::filesystem::temp_directory_path() / fmt::format("driftscope-stats-{}", ::getpid());
    ASSERT_TRUE(makeFolder(folder));
    ASSERT_TRUE(writeFileAtomically(folder / ".zattrs", R"({"normalization": {"DNA": {"fov_statistics": {"mean": 10, "std": 4, "median": 3, "iqr": 2}}}})"));
    const CellDataset dataset = oneField(std::make_shared<FakeMovie>(std::array<std::int64_t, 5>{1, 1, 1, 8, 8}, std::vector<std::string>{"DNA"}, ramp, folder), {{0, 4, 4}});
    PatchRecipe recipe;
    recipe.patch = 8;
    const auto source = PatchSource::make(dataset, recipe, kPlenty).value();
    EXPECT_EQ(source->statisticsOrigin(), "stored in the plate");
    const RawPatches patches = source->cut({0}, 8).value();
    EXPECT_EQ(patches.shift[0], 10);
    EXPECT_NEAR(patches.scale[0], 4, 1e-6);
    recipe.storedStatistics = false;
    EXPECT_NE(PatchSource::make(dataset, recipe, kPlenty).value()->cut({0}, 8)->shift[0], 10);
    std::filesystem::remove_all(folder);
}

TEST(Normalisation, PercentilesPerCellOrPerBatch) {
    const CellDataset dataset = oneField(std::make_shared<FakeMovie>(std::array<std::int64_t, 5>{2, 1, 1, 8, 8}, std::vector<std::string>{"RFP"}, ramp), {{0, 4, 4}, {1, 4, 4}});
    PatchRecipe recipe;
    recipe.patch = 8;
    recipe.normalise = {"percentile"};
    const auto perCell = PatchSource::make(dataset, recipe, kPlenty).value();
    const Tensor cells = normalised(perCell->cut({0, 1}, 8).value(), *perCell, 8, torch::kCPU);
    EXPECT_LE(largest(cells[0] - cells[1]), 1e-5);
    EXPECT_NEAR(cells[0].median().item<double>(), 0, 0.06);  // the lower of the two middle values
    // NumPy's percentiles of y + 2 x over 8 x 8: 10.5 and 20.37.
    EXPECT_NEAR(cells[0][0][0][7][7].item<double>(), (21 - 10.5) / (20.37 - 10.5), 1e-4);
    recipe.percentilesPerBatch = true;
    const auto together = PatchSource::make(dataset, recipe, kPlenty).value();
    const Tensor batch = normalised(together->cut({0, 1}, 8).value(), *together, 8, torch::kCPU);
    EXPECT_GT(largest(batch[0] - batch[1]), 0.5);
}

TEST(Augmentation, NothingRandomIsTheCentreCrop) {
    torch::manual_seed(1);
    const Tensor x = torch::randn({3, 2, 2, 12, 12});
    EXPECT_LE(largest(augmented(x, still(), 8) - centreCrop(x, 8)), 1e-5);
}

TEST(Augmentation, DroppedChannelsAreZeroInTheirShareOfSamples) {
    torch::manual_seed(1);
    Augmentation dropping = still();
    dropping.channelDropout = 0.25;
    const Tensor x = torch::rand({4000, 3, 1, 4, 4}) + 1;
    const Tensor lost = (augmented(x, dropping, 4) == 0).all(4).all(3).all(2).to(torch::kFloat32);
    EXPECT_NEAR(lost.select(1, 1).mean().item<double>(), 0.25, 0.03);
    EXPECT_EQ(lost.select(1, 0).sum().item<double>() + lost.select(1, 2).sum().item<double>(), 0);
}

TEST(Augmentation, FlipsAreExactAndPerSample) {
    torch::manual_seed(1);
    const Tensor x = torch::randn({64, 1, 1, 12, 12});
    Augmentation a = still();
    a.flip = 1;
    EXPECT_LE(largest(augmented(x, a, 8) - centreCrop(x, 8).flip({3, 4})), 1e-5);
    a.flip = 0.5;
    const Tensor half = augmented(x, a, 8);
    int unchanged = 0;
    for (int i = 0; i < 64; ++i) unchanged += largest(half[i] - centreCrop(x, 8)[i]) < 1e-5;
    EXPECT_GT(unchanged, 4);
    EXPECT_LT(unchanged, 32);
}

TEST(Augmentation, AffineLooksWhereItShould) {
    const Tensor x = torch::randn({40, 1, 1, 8, 8});
    Augmentation a = still();
    a.affine = 1;
    a.scale = {1, 1};
    a.shear = 0;
    a.rotation = 1e-7;
    EXPECT_LE(largest(augmented(x, a, 8) - x), 1e-4);
    a.scale = {0.5, 0.5};  // looks at the middle half of the patch, enlarged
    const Tensor constant = torch::ones({2, 1, 1, 8, 8});
    EXPECT_LE(largest(augmented(constant, a, 8) - constant), 1e-5);
    a.scale = {2, 2};  // looks beyond the patch, where it is 0
    EXPECT_NEAR(augmented(constant, a, 8).sum().item<double>(), 2 * 16, 1e-3);
    // A turn keeps the distance of a bright pixel from the centre.
    a.scale = {1, 1};
    a.rotation = 3.14159265;
    Tensor spot = torch::zeros({40, 1, 1, 17, 17});
    spot.select(3, 8).select(3, 13).fill_(1);  // five pixels to the right
    const Tensor turned = augmented(spot, a, 17).view({40, 17 * 17});
    const Tensor place = turned.argmax(1);
    const Tensor y = torch::floor_divide(place, 17) - 8, column = place.remainder(17) - 8;
    const Tensor radius = (y * y + column * column).to(torch::kFloat32).sqrt();
    EXPECT_LE(largest(radius - 5), 0.75);
    EXPECT_GT(y.abs().max().item<std::int64_t>(), 3) << "some turns go up or down";
}

TEST(Augmentation, IntensityChangesKeepTheirBounds) {
    torch::manual_seed(2);
    const Tensor x = torch::rand({32, 1, 1, 12, 12});
    Augmentation a = still();
    a.contrast = 1;
    const Tensor gamma = augmented(x, a, 12);
    EXPECT_LE(largest(gamma.amax({1, 2, 3, 4}) - x.amax({1, 2, 3, 4})), 1e-4);
    EXPECT_LE(largest(gamma.amin({1, 2, 3, 4}) - x.amin({1, 2, 3, 4})), 1e-4);
    EXPECT_GT(largest(gamma - x), 0.01);
    a = still();
    a.intensity = 1;
    const Tensor ratio = (augmented(x, a, 12) / x).flatten(1);
    EXPECT_LE(largest(ratio - ratio.mean(1, true)), 1e-3);
    EXPECT_GE(ratio.min().item<double>(), 0.5 - 1e-3);
    EXPECT_LE(ratio.max().item<double>(), 1.5 + 1e-3);
    a = still();
    a.smooth = 1;
    a.sigma = {1, 1};
    const Tensor flat = torch::full({2, 1, 1, 24, 24}, 3.0F);
    EXPECT_LE(largest(augmented(flat, a, 12) - 3.0), 1e-4);
    EXPECT_LT(augmented(torch::randn({8, 1, 1, 24, 24}), a, 12).std().item<double>(), 0.5);
    a = still();
    a.noise = 1;
    a.noiseDeviation = 0.1;
    const double deviation = (augmented(x, a, 12) - x).std().item<double>();
    EXPECT_GT(deviation, 0.02);
    EXPECT_LT(deviation, 0.1);
}

TEST(Augmentation, SeedsRepeat) {
    const Tensor x = torch::randn({4, 1, 1, 24, 24});
    torch::manual_seed(5);
    const Tensor first = augmented(x, {}, 16);
    torch::manual_seed(5);
    EXPECT_TRUE(torch::equal(first, augmented(x, {}, 16)));
    EXPECT_FALSE(torch::equal(first, augmented(x, {}, 16)));
}

}  // namespace
}  // namespace driftscope::cells
