#include "core/cells/dynaclr/sampler.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <set>

namespace driftscope::cells {
namespace {

/// Images that only tell their size.
class Blank : public io::TimeLapse {
  public:
    explicit Blank(std::int64_t frames) { info_.shape = {frames, 1, 1, 64, 64}; }
    const io::TimeLapseInfo& info() const override { return info_; }
    const std::filesystem::path& path() const override { return path_; }
    Result<io::FloatImage> plane(std::int64_t, std::int64_t, std::int64_t) const override { return io::FloatImage(64, 64); }
    Result<io::LabelImage> labels(std::int64_t, std::int64_t, std::int64_t) const override { return io::LabelImage(64, 64); }

  private:
    io::TimeLapseInfo info_;
    std::filesystem::path path_;
};

/// Two fields of three tracks over ten frames; in the first, track 1 divides into 2 and 3 at frame 5.
CellDataset family() {
    CellDataset dataset;
    for (const char* name : {"A/1/0", "A/1/1"}) {
        CellField field{name, std::make_shared<Blank>(10), {name, {}, false, {}}, {}};
        const auto add = [&](std::int64_t track, std::int64_t from, std::int64_t to, std::int64_t parent) {
            for (std::int64_t t = from; t < to; ++t) {
                dataset.rows.push_back({static_cast<std::uint32_t>(dataset.fields.size()), static_cast<std::uint32_t>(field.tracks.detections.size()), t, 0, 0});
                field.tracks.detections.push_back({track, t, 0, 32, 32, track * 100 + t, parent, -1});
            }
        };
        add(1, 0, 5, -1);
        add(2, 5, 10, 1);
        add(3, 5, 8, 1);
        add(4, 0, 10, -1);
        dataset.fields.push_back(std::move(field));
    }
    EXPECT_TRUE(numberFamilies(dataset));
    return dataset;
}

std::vector<std::uint32_t> allRows(const CellDataset& dataset) {
    std::vector<std::uint32_t> rows;
    for (std::uint32_t i = 0; i < dataset.rows.size(); ++i) rows.push_back(i);
    return rows;
}

ContrastiveSampler make(const CellDataset& dataset, SamplerOptions options) {
    const auto rows = allRows(dataset);
    return ContrastiveSampler::make(dataset, rows, {rows}, options).value();
}

void forEachPair(const CellDataset& dataset, const ContrastiveSampler& sampler, const std::function<void(const CellRow&, const CellRow&, const CellRow*)>& visit) {
    for (std::uint64_t epoch = 0; epoch < 20; ++epoch) {
        const auto batches = sampler.epoch(epoch);
        for (std::size_t b = 0; b < batches.size(); ++b) {
            const SampledBatch batch = sampler.complete(batches[b], epoch, b);
            for (std::size_t i = 0; i < batch.anchor.size(); ++i)
                visit(dataset.rows[batch.anchor[i]], dataset.rows[batch.positive[i]], batch.negative.empty() ? nullptr : &dataset.rows[batch.negative[i]]);
        }
    }
}

TEST(Sampler, ClassicalTakesAnyOtherCellAsNegative) {
    const CellDataset dataset = family();
    const auto sampler = make(dataset, {.strategy = Strategy::Classical, .negatives = true, .batch = 8});
    EXPECT_EQ(sampler.anchors(), dataset.rows.size());
    bool sameTrack = false;
    forEachPair(dataset, sampler, [&](const CellRow& anchor, const CellRow& positive, const CellRow* negative) {
        EXPECT_EQ(&anchor, &positive);
        EXPECT_NE(&anchor, negative);
        sameTrack |= anchor.track == negative->track;
    });
    EXPECT_TRUE(sameTrack);
}

TEST(Sampler, CellAwareTakesNegativesFromOtherTracks) {
    const CellDataset dataset = family();
    forEachPair(dataset, make(dataset, {.strategy = Strategy::CellAware, .negatives = true, .batch = 8}), [](const CellRow& anchor, const CellRow& positive, const CellRow* negative) {
        EXPECT_EQ(&anchor, &positive);
        EXPECT_NE(anchor.track, negative->track);
    });
}

TEST(Sampler, TimeAwarePairsAreTauFramesApart) {
    const CellDataset dataset = family();
    const auto sampler = make(dataset, {.strategy = Strategy::TimeAware, .tauMin = 2, .tauMax = 2, .negatives = true, .batch = 8});
    EXPECT_EQ(sampler.anchors(), 2U * (3 + 3 + 1 + 8));
    EXPECT_EQ(sampler.unpaired(), 2U * 8);
    forEachPair(dataset, sampler, [](const CellRow& anchor, const CellRow& positive, const CellRow* negative) {
        EXPECT_EQ(anchor.track, positive.track);
        EXPECT_EQ(positive.t, anchor.t + 2);
        EXPECT_NE(anchor.track, negative->track);
        EXPECT_EQ(negative->t, anchor.t + 2);
    });
}

TEST(Sampler, DaughtersArePositivesOnRequest) {
    const CellDataset dataset = family();
    const auto sampler = make(dataset, {.strategy = Strategy::TimeAware, .tauMin = 2, .tauMax = 2, .lineage = true, .batch = 8});
    EXPECT_EQ(sampler.anchors(), 2U * (5 + 3 + 1 + 8));
    std::set<std::int64_t> daughters;
    forEachPair(dataset, sampler, [&](const CellRow& anchor, const CellRow& positive, const CellRow*) {
        EXPECT_EQ(anchor.family, positive.family);
        if (anchor.track != positive.track) daughters.insert(positive.track);
    });
    EXPECT_EQ(daughters.size(), 4U);  // both daughters in both fields
}

TEST(Sampler, TauFollowsTheExponential) {
    const CellDataset dataset = family();
    const auto sampler = make(dataset, {.strategy = Strategy::TimeAware, .tauMin = 1, .tauMax = 5, .tauDecay = 2, .batch = 8});
    constexpr int kDraws = 100'000;
    std::array<int, 6> counts{};
    for (int i = 0; i < kDraws; ++i) ++counts[static_cast<std::size_t>(sampler.drawTau(0, static_cast<std::uint64_t>(i)))];
    double sum = 0;
    for (int k = 0; k < 5; ++k) sum += std::exp(-2.0 * k / 4);
    for (int k = 0; k < 5; ++k) EXPECT_NEAR(counts[static_cast<std::size_t>(k + 1)] / double{kDraws}, std::exp(-2.0 * k / 4) / sum, 0.006) << "tau " << k + 1;
}

TEST(Sampler, EpochsDifferAndSeedsRepeat) {
    const CellDataset dataset = family();
    const SamplerOptions options{.strategy = Strategy::TimeAware, .batch = 4, .seed = 7};
    const auto first = make(dataset, options), second = make(dataset, options);
    EXPECT_EQ(first.epoch(3), second.epoch(3));
    EXPECT_NE(first.epoch(3), first.epoch(4));
    EXPECT_NE(first.epoch(3), make(dataset, {.strategy = Strategy::TimeAware, .batch = 4, .seed = 8}).epoch(3));
    const auto batch = first.epoch(3)[1];
    EXPECT_EQ(first.complete(batch, 3, 1).positive, second.complete(batch, 3, 1).positive);
}

/// Every batch of some epochs, as the fields of its anchors.
void forEachBatch(const CellDataset& dataset, const SamplerOptions& options, const std::function<void(const std::vector<CellRow>&)>& visit) {
    const ContrastiveSampler sampler = make(dataset, options);
    std::size_t batches = 0;
    for (std::uint64_t epoch = 0; epoch < 20; ++epoch)
        for (const auto& anchors : sampler.epoch(epoch)) {
            std::vector<CellRow> rows;
            for (const std::uint32_t anchor : anchors) rows.push_back(dataset.rows[anchor]);
            EXPECT_EQ(std::set<std::uint32_t>(anchors.begin(), anchors.end()).size(), anchors.size()) << "no cell twice in a batch";
            visit(rows);
            ++batches;
        }
    EXPECT_GE(batches, 20U);
}

TEST(Sampler, GroupedBatchesHoldOneFieldAndTheLeak) {
    const CellDataset dataset = family();
    SamplerOptions options{.strategy = Strategy::Classical, .composition = {.groupBy = "fov"}, .batch = 8};
    std::set<std::uint32_t> seen;
    forEachBatch(dataset, options, [&](const std::vector<CellRow>& batch) {
        for (const CellRow& row : batch) EXPECT_EQ(row.field, batch.front().field);
        seen.insert(batch.front().field);
    });
    EXPECT_EQ(seen.size(), 2U);
    options.composition.leaky = 0.25;
    forEachBatch(dataset, options, [](const std::vector<CellRow>& batch) {
        const auto first = std::count_if(batch.begin(), batch.end(), [](const CellRow& row) { return row.field == 0; });
        EXPECT_TRUE(first == 2 || first == 6) << first;
    });
}

TEST(Sampler, StrataAreBalanced) {
    const CellDataset dataset = family();
    std::int64_t inFirst = 0, all = 0;
    forEachBatch(dataset, {.strategy = Strategy::Classical, .composition = {.stratifyBy = "fov"}, .batch = 7}, [&](const std::vector<CellRow>& batch) {
        const auto first = std::count_if(batch.begin(), batch.end(), [](const CellRow& row) { return row.field == 0; });
        EXPECT_TRUE(first == 3 || first == 4) << first;
        inFirst += first;
        all += static_cast<std::int64_t>(batch.size());
    });
    EXPECT_NEAR(static_cast<double>(inFirst) / static_cast<double>(all), 0.5, 0.03);
}

TEST(Sampler, EnrichedBatchesGatherAroundOneMoment) {
    const CellDataset dataset = family();
    const SamplerOptions options{.strategy = Strategy::Classical, .composition = {.enrich = true, .window = 1, .globalShare = 0.25}, .batch = 8};
    forEachBatch(dataset, options, [](const std::vector<CellRow>& batch) {
        std::int64_t most = 0;
        for (std::int64_t moment = 0; moment < 10; ++moment)
            most = std::max<std::int64_t>(most, std::count_if(batch.begin(), batch.end(), [&](const CellRow& row) { return std::abs(row.t - moment) <= 1; }));
        EXPECT_GE(most, 6);
    });
}

TEST(Sampler, CompositionsThatContradictAreRefused) {
    EXPECT_FALSE((BatchComposition{.groupBy = "plate"}).check());
    EXPECT_FALSE((BatchComposition{.stratifyBy = "well", .enrich = true}).check());
    EXPECT_TRUE((BatchComposition{.groupBy = "well", .leaky = 0.1, .stratifyBy = "fov"}).check());
}

TEST(Sampler, LargeDataIsVisitedInPieces) {
    const CellDataset dataset = family();
    const auto rows = allRows(dataset);
    EXPECT_EQ(neighbourhoods(dataset, rows, {100, 100}, 1, 2000).size(), 1U);
    const auto pieces = neighbourhoods(dataset, rows, {100, 100}, 1, 600);  // five frames at a time
    EXPECT_EQ(pieces.size(), 4U);
    for (const auto& piece : pieces) {
        std::set<std::int64_t> frames;
        for (const std::uint32_t row : piece) frames.insert(dataset.rows[row].t);
        EXPECT_LE(*frames.rbegin() - *frames.begin(), 4);
    }
}

TEST(Split, NoLineageIsOnBothSides) {
    const CellDataset dataset = family();
    const auto rows = allRows(dataset);
    const Split split = splitCells(dataset, rows, "auto", 0.3, 1).value();
    EXPECT_EQ(split.by, "track");
    EXPECT_EQ(split.train.size() + split.validation.size(), rows.size());
    std::set<std::int64_t> held;
    for (const std::uint32_t row : split.validation) held.insert(dataset.rows[row].family);
    EXPECT_FALSE(held.empty());
    for (const std::uint32_t row : split.train) EXPECT_FALSE(held.count(dataset.rows[row].family));

    const Split byField = splitCells(dataset, rows, "fov", 0.3, 1).value();
    std::set<std::uint32_t> fields;
    for (const std::uint32_t row : byField.validation) fields.insert(dataset.rows[row].field);
    EXPECT_EQ(fields.size(), 1U);
    for (const std::uint32_t row : byField.train) EXPECT_FALSE(fields.count(dataset.rows[row].field));
}

}  // namespace
}  // namespace driftscope::cells
