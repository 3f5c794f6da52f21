#include "core/cells/dynaclr/batch_composer.h"

#include <algorithm>
#include <cmath>
#include <map>

#include "core/base/fingerprint.h"

namespace driftscope::cells {

namespace {

bool isKey(const std::string& text) {
    return text == "none" || text == "fov" || text == "well";
}

}  // namespace

/// Counter-based random numbers of one batch.
class BatchComposer::Dice {
  public:
    Dice(std::uint64_t seed, std::uint64_t stream, std::uint64_t batch) : seed_(seed), stream_(stream), next_(batch << 32) {}
    std::size_t below(std::size_t count) { return static_cast<std::size_t>(randomBits(seed_, stream_, next_++) % count); }

    /// `size` of `pool`, without replacement as far as it reaches.
    std::vector<std::uint32_t> pick(std::vector<std::uint32_t> pool, std::size_t size) {
        std::vector<std::uint32_t> picked;
        const std::size_t fresh = std::min(size, pool.size());
        for (std::size_t i = 0; i < fresh; ++i) {
            std::swap(pool[i], pool[i + below(pool.size() - i)]);
            picked.push_back(pool[i]);
        }
        while (picked.size() < size && !pool.empty()) picked.push_back(pool[below(pool.size())]);
        return picked;
    }

  private:
    std::uint64_t seed_, stream_, next_;
};

Result<void> BatchComposition::check() const {
    if (!isKey(groupBy)) return fail(ErrorCode::Usage, fmt::format("Batches cannot be grouped by '{}'.", groupBy), "Use none, fov or well.");
    if (!isKey(stratifyBy)) return fail(ErrorCode::Usage, fmt::format("Batches cannot be stratified by '{}'.", stratifyBy), "Use none, fov or well.");
    if (enrich && stratifyBy != "none") return fail(ErrorCode::Usage, "A batch is either stratified or drawn around one moment.", "Set stratify=none or enrich=false.");
    return {};
}

BatchComposer::BatchComposer(const CellDataset& dataset, std::vector<std::uint32_t> anchors, BatchComposition composition, std::uint64_t seed)
    : dataset_(dataset), anchors_(std::move(anchors)), composition_(std::move(composition)), seed_(seed) {
    std::map<std::string, std::int64_t> numbers;
    for (const CellField& field : dataset.fields) {
        const std::string well = field.name.substr(0, field.name.find_last_of('/'));
        wells_.push_back(numbers.try_emplace(well, static_cast<std::int64_t>(numbers.size())).first->second);
    }
}

std::int64_t BatchComposer::keyOf(const std::string& by, std::uint32_t row) const {
    const std::uint32_t field = dataset_.rows[row].field;
    return by == "fov" ? std::int64_t{field} : by == "well" ? wells_[field] : 0;
}

std::vector<std::uint32_t> BatchComposer::stratified(const std::vector<std::uint32_t>& pool, std::size_t size, Dice& dice) const {
    std::map<std::int64_t, std::vector<std::uint32_t>> strata;
    for (const std::uint32_t row : pool) strata[keyOf(composition_.stratifyBy, row)].push_back(row);
    // What does not divide evenly goes to strata drawn at random, so that none is favoured over a training.
    std::vector<std::uint32_t> order;
    for (std::uint32_t i = 0; i < strata.size(); ++i) order.push_back(i);
    const auto favoured = dice.pick(order, size % strata.size());
    std::vector<std::uint32_t> drawn;
    std::uint32_t index = 0;
    for (const auto& [key, members] : strata) {
        const bool extra = std::find(favoured.begin(), favoured.end(), index++) != favoured.end();
        const auto some = dice.pick(members, size / strata.size() + (extra ? 1 : 0));
        drawn.insert(drawn.end(), some.begin(), some.end());
    }
    return drawn;
}

std::vector<std::uint32_t> BatchComposer::aroundOneMoment(const std::vector<std::uint32_t>& pool, std::size_t size, Dice& dice) const {
    const std::int64_t moment = dataset_.rows[pool[dice.below(pool.size())]].t;
    std::vector<std::uint32_t> near, far;
    for (const std::uint32_t row : pool) (std::abs(dataset_.rows[row].t - moment) <= composition_.window ? near : far).push_back(row);
    const auto anywhere = static_cast<std::size_t>(std::lround(composition_.globalShare * static_cast<double>(size)));
    std::vector<std::uint32_t> drawn = dice.pick(near, size - anywhere);
    // The rest comes from the whole pool, but no cell twice while others are left.
    std::vector<std::uint32_t> rest = far;
    for (const std::uint32_t row : near)
        if (std::find(drawn.begin(), drawn.end(), row) == drawn.end()) rest.push_back(row);
    const auto more = dice.pick(rest.empty() ? pool : rest, anywhere);
    drawn.insert(drawn.end(), more.begin(), more.end());
    return drawn;
}

std::vector<std::uint32_t> BatchComposer::within(const std::vector<std::uint32_t>& pool, std::size_t size, Dice& dice) const {
    if (composition_.enrich) return aroundOneMoment(pool, size, dice);
    if (composition_.stratifyBy != "none") return stratified(pool, size, dice);
    return dice.pick(pool, size);
}

std::vector<std::uint32_t> BatchComposer::draw(std::size_t size, std::uint64_t stream, std::uint64_t batch) const {
    Dice dice(seed_, stream, batch);
    if (anchors_.empty()) return {};
    if (composition_.groupBy == "none") return within(anchors_, size, dice);
    // A cell drawn evenly stands for its group: groups come in proportion to their anchors.
    const std::int64_t group = keyOf(composition_.groupBy, anchors_[dice.below(anchors_.size())]);
    std::vector<std::uint32_t> inside, outside;
    for (const std::uint32_t row : anchors_) (keyOf(composition_.groupBy, row) == group ? inside : outside).push_back(row);
    const auto leak = outside.empty() ? std::size_t{0} : static_cast<std::size_t>(std::lround(composition_.leaky * static_cast<double>(size)));
    std::vector<std::uint32_t> drawn = within(inside, size - leak, dice);
    const auto others = dice.pick(outside, leak);
    drawn.insert(drawn.end(), others.begin(), others.end());
    return drawn;
}

}  // namespace driftscope::cells
