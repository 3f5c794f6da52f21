#include <algorithm>
#include <cstring>

#include "core/topics/lda/word_major_sampler.h"

// The inner loop of the fast sampler. Plain vectors of four floats: the result is the same on every processor.

namespace driftscope::topics {
namespace {

using Four = float __attribute__((vector_size(16)));
using FourInts = std::int32_t __attribute__((vector_size(16)));

[[gnu::always_inline]] inline Four loadFour(const float* from) {
    Four out;
    std::memcpy(&out, from, sizeof out);
    return out;
}
[[gnu::always_inline]] inline FourInts loadInts(const std::int32_t* from) {
    FourInts out;
    std::memcpy(&out, from, sizeof out);
    return out;
}
[[gnu::always_inline]] inline void storeFour(float* to, Four value) {
    std::memcpy(to, &value, sizeof value);
}
[[gnu::always_inline]] inline float sumOf(Four v) {
    return (v[0] + v[1]) + (v[2] + v[3]);
}

/// SplitMix64: the state is a counter, so draws do not wait for each other.
class Draws {
  public:
    explicit Draws(std::uint64_t state) : state_(state) {}
    double unit() {
        std::uint64_t z = state_ += 0x9E3779B97F4A7C15ULL;
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9ULL;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EBULL;
        return static_cast<double>((z ^ (z >> 31)) >> 11) * 0x1.0p-53;
    }

  private:
    std::uint64_t state_;
};

}  // namespace

void WordMajorSampler::prepare(Cell& cell, Workspace& workspace) const {
    cell.topicTokens = topicTokens_;
    for (std::size_t k = 0; k < topics_; ++k) {
        workspace.inverse[k] = static_cast<float>(1.0 / (topicTokens_[k] + priors_.betaSum));
        workspace.inverseLess[k] = static_cast<float>(1.0 / (topicTokens_[k] - 1 + priors_.betaSum));
    }
}

/// phi of one word, and the masses alpha_k phi_k in blocks of 16 topics. Returns their sum.
double WordMajorSampler::prepareWord(const std::int32_t* row, Workspace& workspace) const {
    const auto beta = static_cast<float>(priors_.beta);
    double mass = 0;
    for (std::size_t block = 0; block < stride_ / 16; ++block) {
        Four sum{};
        for (std::size_t k = block * 16; k < block * 16 + 16; k += 4) {
            const Four phi = (__builtin_convertvector(loadInts(row + k), Four) + beta) * loadFour(workspace.inverse.data() + k);
            storeFour(workspace.phi.data() + k, phi);
            sum += loadFour(alpha_.data() + k) * phi;
        }
        workspace.blocks[block] = sumOf(sum);
        mass += workspace.blocks[block];
    }
    return mass;
}

void WordMajorSampler::sampleCell(Cell& cell, std::uint64_t stream, Workspace& workspace) {
    prepare(cell, workspace);
    Draws draws(stream);
    const auto beta = static_cast<float>(priors_.beta);
    const double betaSum = priors_.betaSum;
    float* const phi = workspace.phi.data();
    float* const inverse = workspace.inverse.data();
    float* const inverseLess = workspace.inverseLess.data();
    float* const blocks = workspace.blocks.data();
    float* const scores = workspace.scores.data();
    const float* const alpha = alpha_.data();
    const int bits = bits_;
    const std::uint32_t mask = mask_;
    const std::size_t count = cell.tokens.size();

    for (std::size_t w = 0; w < cell.words.size(); ++w) {
        std::int32_t* const row = wordTopics_.data() + cell.words[w] * stride_;
        double alphaMass = prepareWord(row, workspace);
        for (std::size_t i = cell.begins[w], end = cell.begins[w + 1]; i < end; ++i) {
            if (i + 8 < count) __builtin_prefetch(lists_.data() + listBegins_[cell.documents[i + 8]]);
            const std::uint32_t document = cell.documents[i];
            const std::uint32_t old = cell.topics[i];
            const std::uint32_t* const list = lists_.data() + listBegins_[document];
            const std::uint32_t size = listSizes_[document];

            // phi without this token; the counts themselves change only when the token changes its topic.
            const float before = phi[old];
            const float own = (static_cast<float>(row[old] - 1) + beta) * inverseLess[old];
            phi[old] = own;
            Four sum{};
            for (std::uint32_t j = 0; j < size; j += 4) {
                const Four part{static_cast<float>(list[j] >> bits) * phi[list[j] & mask], static_cast<float>(list[j + 1] >> bits) * phi[list[j + 1] & mask],
                                static_cast<float>(list[j + 2] >> bits) * phi[list[j + 2] & mask], static_cast<float>(list[j + 3] >> bits) * phi[list[j + 3] & mask]};
                storeFour(scores + j, part);
                sum += part;
            }
            const double documentMass = static_cast<double>(sumOf(sum)) - own;  // the token itself does not count
            const double mass = alphaMass + static_cast<double>(alpha[old]) * (own - before);
            double left = draws.unit() * (documentMass + mass);

            std::uint32_t drawn = old;
            if (left < documentMass) {
                std::uint32_t j = 0;
                for (; j < size; ++j) {
                    drawn = list[j] & mask;
                    left -= scores[j];
                    if (drawn == old) left += own;
                    if (left < 0) break;
                }
            } else {
                left -= documentMass;
                const auto changed = alpha[old] * (own - before);
                std::size_t block = 0;
                const std::size_t last = stride_ / 16 - 1;
                for (; block < last; ++block) {
                    const float here = blocks[block] + (old / 16 == block ? changed : 0.0f);
                    if (left < here) break;
                    left -= here;
                }
                const std::size_t stop = std::min(topics_, block * 16 + 16);
                for (std::size_t k = block * 16; k < stop; ++k) {
                    drawn = static_cast<std::uint32_t>(k);
                    left -= alpha[k] * phi[k];
                    if (left < 0) break;
                }
            }
            if (drawn == old) {
                phi[old] = before;
                continue;
            }
            cell.topics[i] = static_cast<std::uint16_t>(drawn);
            blocks[old / 16] += alpha[old] * (own - before);
            --row[old];
            inverse[old] = inverseLess[old];
            inverseLess[old] = static_cast<float>(1.0 / (--cell.topicTokens[old] - 1 + betaSum));
            ++row[drawn];
            inverseLess[drawn] = inverse[drawn];
            inverse[drawn] = static_cast<float>(1.0 / (++cell.topicTokens[drawn] + betaSum));
            const float now = (static_cast<float>(row[drawn]) + beta) * inverse[drawn];
            const float gained = alpha[drawn] * (now - phi[drawn]);
            phi[drawn] = now;
            blocks[drawn / 16] += gained;
            alphaMass = mass + gained;
            moveInList(document, old, drawn);
        }
    }
}

/// Takes one token from a topic of the document and gives it to another; larger counts stay in front.
void WordMajorSampler::moveInList(std::uint32_t document, std::uint32_t from, std::uint32_t to) {
    std::uint32_t* const list = lists_.data() + listBegins_[document];
    std::uint32_t& size = listSizes_[document];
    std::uint32_t at = 0;
    while ((list[at] & mask_) != from) ++at;
    const std::uint32_t lowered = list[at] - (1u << bits_);
    if (lowered >> bits_ == 0) {
        for (; at + 1 < size; ++at) list[at] = list[at + 1];
        list[--size] = 0;
    } else {
        for (; at + 1 < size && list[at + 1] > lowered; ++at) list[at] = list[at + 1];
        list[at] = lowered;
    }
    for (at = 0; at < size && (list[at] & mask_) != to; ++at) {}
    const std::uint32_t raised = (at == size ? to : list[at]) + (1u << bits_);
    if (at == size) ++size;
    for (; at > 0 && list[at - 1] < raised; --at) list[at] = list[at - 1];
    list[at] = raised;
}

}  // namespace driftscope::topics
