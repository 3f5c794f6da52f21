#include <algorithm>
#include <cstring>
#include <limits>

#include "core/topics/lda/java_random.h"
#include "core/topics/lda/lda_sampler.h"
#include "core/topics/lda/priors.h"

// Every sum and product here stands in the order in which MALLET's Java computes it: one different rounding changes a draw.
// The file is compiled without contraction of a*b+c (see CMakeLists.txt).

namespace driftscope::topics {
namespace {

template <class T>
std::string bytesOf(const std::vector<T>& values) {
    return {reinterpret_cast<const char*>(values.data()), values.size() * sizeof(T)};
}

template <class T>
bool fill(std::vector<T>& values, const std::string& bytes) {
    if (bytes.size() != values.size() * sizeof(T)) return false;
    std::memcpy(values.data(), bytes.data(), bytes.size());
    return true;
}

/// SparseLDA (Yao, Mimno and McCallum 2009) with one thread. The topics of a word are a list of (count << bits | topic),
/// sorted by count; equal counts stand in the order of their history, which is part of the state.
class MalletSampler final : public LdaSampler {
  public:
    MalletSampler(const Corpus& corpus, const LdaSettings& settings)
        : LdaSampler(corpus, settings), corpusWords_(corpus.words), offsets_(corpus.offsets), topicTokens_(static_cast<std::size_t>(settings.topics), 0), random_(static_cast<std::int64_t>(settings.seed)) {
        while ((1 << bits_) < settings.topics) ++bits_;
        // MALLET adds a bit unless the number of topics is a power of two; for one topic it needs none.
        mask_ = (1 << bits_) - 1;
        reserveLists();
        JavaRandom first(static_cast<std::int64_t>(settings.seed));
        topics_.resize(tokens_);
        for (std::int32_t& topic : topics_) topic = first.nextInt(static_cast<std::int32_t>(settings.topics));
        for (std::size_t i = 0; i < tokens_; ++i) {
            ++topicTokens_[static_cast<std::size_t>(topics_[i])];
            raise(listOf(corpusWords_[i]), topics_[i]);
        }
        clearStatistics();
        const auto topicCount = static_cast<std::size_t>(settings.topics);
        coefficients_.resize(topicCount);
        inDocument_.resize(topicCount);
        documentTopics_.resize(topicCount);
        scores_.resize(topicCount);
    }

    void sweep() override {
        ++iteration_;
        const std::int64_t interval = std::min<std::int64_t>(10, settings_.optimizeInterval);
        // Once collecting has begun MALLET never stops it; the histograms hold all iterations since the last update.
        if (iteration_ > settings_.burnIn && settings_.optimizeInterval != 0 && iteration_ % interval == 0) collecting_ = true;
        smoothing_ = 0;
        for (std::size_t k = 0; k < topicTokens_.size(); ++k) {
            smoothing_ += priors_.alpha[k] * priors_.beta / (topicTokens_[k] + priors_.betaSum);
            coefficients_[k] = priors_.alpha[k] / (topicTokens_[k] + priors_.betaSum);
        }
        for (std::size_t d = 0; d < documents_; ++d) sampleDocument(d);
        if (priorsAreDue()) updatePriors();
    }

    LdaHistograms histograms() const override {
        LdaHistograms now;
        now.topicTokens.assign(topicTokens_.begin(), topicTokens_.end());
        now.topicDocument.resize(topicTokens_.size());
        std::vector<std::uint32_t> counts(topicTokens_.size());
        for (std::size_t d = 0; d < documents_; ++d) {
            std::fill(counts.begin(), counts.end(), 0);
            for (std::size_t i = offsets_[d]; i < offsets_[d + 1]; ++i) ++counts[static_cast<std::size_t>(topics_[i])];
            for (std::size_t k = 0; k < counts.size(); ++k)
                if (counts[k] > 0) tally(now.topicDocument[k], counts[k]);
            tally(now.documentLengths, static_cast<std::uint32_t>(offsets_[d + 1] - offsets_[d]));
        }
        now.wordTopic = wordTopicHistogram();
        return now;
    }

    std::vector<std::uint32_t> assignments() const override { return {topics_.begin(), topics_.end()}; }

    Result<void> save(const std::filesystem::path& folder) const override {
        std::vector<std::uint32_t> statistics{collecting_ ? 1u : 0u, static_cast<std::uint32_t>(random_.state() >> 24), static_cast<std::uint32_t>(random_.state() & 0xFFFFFF)};
        statistics.insert(statistics.end(), collected_.documentLengths.begin(), collected_.documentLengths.end());
        for (const auto& histogram : collected_.topicDocument) statistics.insert(statistics.end(), histogram.begin(), histogram.end());
        return saveState(folder, {{"topics", bytesOf(topics_)}, {"lists", bytesOf(cells_)}, {"statistics", bytesOf(statistics)}});
    }

    Result<void> load(const std::filesystem::path& folder) override {
        DS_ASSIGN(const std::vector<std::string> contents, loadState(folder, {"topics", "lists", "statistics"}));
        std::vector<std::uint32_t> statistics(3 + collected_.documentLengths.size() * (1 + topicTokens_.size()));
        const bool fits = fill(topics_, contents[0]) && fill(cells_, contents[1]) && fill(statistics, contents[2]);
        const auto valid = [&](std::int32_t topic) { return topic >= 0 && topic < settings_.topics; };
        if (!fits || !std::all_of(topics_.begin(), topics_.end(), valid))
            return fail(ErrorCode::BadInput, fmt::format("The saved state in {} is damaged.", folder.string()), "Train again in a new folder.");
        collecting_ = statistics[0] != 0;
        random_.setState(static_cast<std::uint64_t>(statistics[1]) << 24 | statistics[2]);
        auto from = statistics.begin() + 3;
        const auto take = [&](std::vector<std::uint32_t>& histogram) {
            std::copy(from, from + static_cast<std::ptrdiff_t>(histogram.size()), histogram.begin());
            from += static_cast<std::ptrdiff_t>(histogram.size());
        };
        take(collected_.documentLengths);
        for (auto& histogram : collected_.topicDocument) take(histogram);
        std::fill(topicTokens_.begin(), topicTokens_.end(), 0);
        for (const std::int32_t topic : topics_) ++topicTokens_[static_cast<std::size_t>(topic)];
        return {};
    }

  private:
    /// The cells of one word. Its capacity is the smaller of K and the word's frequency, so a list never overflows.
    struct List {
        std::int32_t* cells;
        std::size_t capacity;
    };

    List listOf(std::uint32_t word) { return {cells_.data() + first_[word], first_[word + 1] - first_[word]}; }

    static void tally(std::vector<std::uint32_t>& histogram, std::uint32_t n) {
        if (n >= histogram.size()) histogram.resize(n + 1, 0);
        ++histogram[n];
    }

    void reserveLists() {
        std::vector<std::size_t> frequency(words_, 0);
        for (const std::uint32_t word : corpusWords_) ++frequency[word];
        first_.assign(words_ + 1, 0);
        for (std::size_t w = 0; w < words_; ++w) first_[w + 1] = first_[w] + std::min(frequency[w], static_cast<std::size_t>(settings_.topics));
        cells_.assign(first_[words_], 0);
    }

    /// Adds one to a topic's count in a list and moves it left past smaller values.
    void raise(List list, std::int32_t topic) {
        std::size_t at = 0;
        while (list.cells[at] > 0 && (list.cells[at] & mask_) != topic) ++at;
        raiseAt(list, at, topic);
    }

    void raiseAt(List list, std::size_t at, std::int32_t topic) {
        const std::int32_t raised = ((list.cells[at] >> bits_) + 1) << bits_ | topic;
        // A new topic stays at the end whatever its number: only counts are kept in order there.
        if (list.cells[at] == 0) {
            list.cells[at] = raised;
            return;
        }
        for (; at > 0 && raised > list.cells[at - 1]; --at) list.cells[at] = list.cells[at - 1];
        list.cells[at] = raised;
    }

    void sampleDocument(std::size_t d) {
        const std::size_t begin = offsets_[d], end = offsets_[d + 1];
        std::fill(inDocument_.begin(), inDocument_.end(), 0);
        for (std::size_t i = begin; i < end; ++i) ++inDocument_[static_cast<std::size_t>(topics_[i])];
        used_ = 0;
        topicBeta_ = 0;
        for (std::size_t k = 0; k < inDocument_.size(); ++k)
            if (inDocument_[k] != 0) documentTopics_[used_++] = static_cast<std::int32_t>(k);
        for (std::size_t j = 0; j < used_; ++j) {
            const auto k = static_cast<std::size_t>(documentTopics_[j]);
            topicBeta_ += priors_.beta * inDocument_[k] / (topicTokens_[k] + priors_.betaSum);
            coefficients_[k] = (priors_.alpha[k] + inDocument_[k]) / (topicTokens_[k] + priors_.betaSum);
        }
        for (std::size_t i = begin; i < end; ++i) sampleToken(i);
        if (collecting_) {
            ++collected_.documentLengths[end - begin];
            for (std::size_t j = 0; j < used_; ++j) {
                const auto k = static_cast<std::size_t>(documentTopics_[j]);
                ++collected_.topicDocument[k][static_cast<std::size_t>(inDocument_[k])];
            }
        }
        for (std::size_t j = 0; j < used_; ++j) {
            const auto k = static_cast<std::size_t>(documentTopics_[j]);
            coefficients_[k] = priors_.alpha[k] / (topicTokens_[k] + priors_.betaSum);
        }
    }

    void sampleToken(std::size_t i) {
        const List list = listOf(corpusWords_[i]);
        const std::int32_t old = topics_[i];
        remove(static_cast<std::size_t>(old));
        const double termMass = score(list, old);
        double sample = random_.nextUniform() * (smoothing_ + topicBeta_ + termMass);
        std::int32_t drawn = 0;
        if (sample < termMass) {
            std::size_t at = 0;
            // The second condition holds back a sum that rounding left above its parts.
            for (sample -= scores_[0]; sample > 0 && at + 1 < list.capacity && list.cells[at + 1] > 0;) sample -= scores_[++at];
            drawn = list.cells[at] & mask_;
            raiseAt(list, at, drawn);
        } else {
            sample -= termMass;
            drawn = sample < topicBeta_ ? fromDocument(sample / priors_.beta) : fromSmoothing((sample - topicBeta_) / priors_.beta);
            raise(list, drawn);
        }
        topics_[i] = drawn;
        insert(static_cast<std::size_t>(drawn));
    }

    /// Takes one token of topic k out of the document and the totals.
    void remove(std::size_t k) {
        smoothing_ -= priors_.alpha[k] * priors_.beta / (topicTokens_[k] + priors_.betaSum);
        topicBeta_ -= priors_.beta * inDocument_[k] / (topicTokens_[k] + priors_.betaSum);
        if (--inDocument_[k] == 0) {
            const auto last = documentTopics_.begin() + static_cast<std::ptrdiff_t>(used_);
            const auto at = std::find(documentTopics_.begin(), last, static_cast<std::int32_t>(k));
            std::copy(at + 1, last, at);
            --used_;
        }
        --topicTokens_[k];
        refresh(k);
    }

    void insert(std::size_t k) {
        smoothing_ -= priors_.alpha[k] * priors_.beta / (topicTokens_[k] + priors_.betaSum);
        topicBeta_ -= priors_.beta * inDocument_[k] / (topicTokens_[k] + priors_.betaSum);
        if (++inDocument_[k] == 1) {
            std::size_t at = used_++;
            for (; at > 0 && documentTopics_[at - 1] > static_cast<std::int32_t>(k); --at) documentTopics_[at] = documentTopics_[at - 1];
            documentTopics_[at] = static_cast<std::int32_t>(k);
        }
        ++topicTokens_[k];
        refresh(k);
    }

    /// Puts a topic's share back into the buckets.
    void refresh(std::size_t k) {
        smoothing_ += priors_.alpha[k] * priors_.beta / (topicTokens_[k] + priors_.betaSum);
        topicBeta_ += priors_.beta * inDocument_[k] / (topicTokens_[k] + priors_.betaSum);
        coefficients_[k] = (priors_.alpha[k] + inDocument_[k]) / (topicTokens_[k] + priors_.betaSum);
    }

    /// Takes the token out of its word's list and sums the scores of the topics left, in the order of the list.
    double score(List list, std::int32_t old) {
        double mass = 0;
        bool removed = false;
        for (std::size_t at = 0; at < list.capacity && list.cells[at] > 0;) {
            const std::int32_t topic = list.cells[at] & mask_;
            const std::int32_t count = list.cells[at] >> bits_;
            if (!removed && topic == old) {
                const std::int32_t lowered = count == 1 ? 0 : (count - 1) << bits_ | topic;
                std::size_t to = at;
                for (; to + 1 < list.capacity && lowered < list.cells[to + 1]; ++to) list.cells[to] = list.cells[to + 1];
                list.cells[to] = lowered;
                removed = true;  // another topic may stand here now: look at this place again
                continue;
            }
            const double value = coefficients_[static_cast<std::size_t>(topic)] * count;
            mass += value;
            scores_[at++] = value;
        }
        return mass;
    }

    std::int32_t fromDocument(double sample) const {
        for (std::size_t j = 0; j < used_; ++j) {
            const auto k = static_cast<std::size_t>(documentTopics_[j]);
            sample -= inDocument_[k] / (topicTokens_[k] + priors_.betaSum);
            if (sample <= 0.0) return documentTopics_[j];
        }
        // Rounding ran past the end; MALLET takes the last topic as well.
        return static_cast<std::int32_t>(settings_.topics - 1);
    }

    std::int32_t fromSmoothing(double sample) const {
        std::size_t k = 0;
        sample -= priors_.alpha[0] / (topicTokens_[0] + priors_.betaSum);
        // MALLET would read beyond its array when rounding runs past the end.
        while (sample > 0.0 && k + 1 < topicTokens_.size()) {
            ++k;
            sample -= priors_.alpha[k] / (topicTokens_[k] + priors_.betaSum);
        }
        return static_cast<std::int32_t>(k);
    }

    void clearStatistics() {
        std::size_t longest = 0;
        for (std::size_t d = 0; d < documents_; ++d) longest = std::max(longest, static_cast<std::size_t>(offsets_[d + 1] - offsets_[d]));
        collected_.documentLengths.assign(longest + 1, 0);
        collected_.topicDocument.assign(topicTokens_.size(), std::vector<std::uint32_t>(longest + 1, 0));
    }

    std::vector<std::uint32_t> wordTopicHistogram() const {
        std::vector<std::uint32_t> histogram;
        for (const std::int32_t cell : cells_)
            if (cell > 0) tally(histogram, static_cast<std::uint32_t>(cell >> bits_));
        return histogram;
    }

    void updatePriors() {
        if (settings_.symmetricAlpha) {
            std::vector<std::uint32_t> pooled(collected_.documentLengths.size(), 0);
            for (const auto& histogram : collected_.topicDocument)
                for (std::size_t n = 0; n < histogram.size(); ++n) pooled[n] += histogram[n];
            priors_.alphaSum = mallet::learnConcentration(pooled, collected_.documentLengths, settings_.topics, priors_.alphaSum);
            std::fill(priors_.alpha.begin(), priors_.alpha.end(), priors_.alphaSum / static_cast<double>(settings_.topics));
        } else {
            learnAlpha(priors_, collected_);
        }
        std::vector<std::uint32_t> sizes;
        for (const std::int32_t total : topicTokens_) tally(sizes, static_cast<std::uint32_t>(total));
        priors_.betaSum = mallet::learnConcentration(wordTopicHistogram(), sizes, static_cast<std::int64_t>(words_), priors_.betaSum);
        priors_.beta = priors_.betaSum / static_cast<double>(words_);
        clearStatistics();
    }

    std::vector<std::uint32_t> corpusWords_;
    std::vector<std::uint64_t> offsets_;
    std::vector<std::int32_t> topics_;
    std::vector<std::int32_t> topicTokens_;
    std::vector<std::size_t> first_;
    std::vector<std::int32_t> cells_;
    int bits_ = 0;
    std::int32_t mask_ = 0;
    JavaRandom random_;
    bool collecting_ = false;
    LdaHistograms collected_;
    double smoothing_ = 0, topicBeta_ = 0;
    std::vector<double> coefficients_, scores_;
    std::vector<std::int32_t> inDocument_, documentTopics_;
    std::size_t used_ = 0;
};

}  // namespace

Result<std::unique_ptr<LdaSampler>> makeCompatibleSampler(const Corpus& corpus, const LdaSettings& settings) {
    if (corpus.tokens() == 0) return fail(ErrorCode::BadInput, "The corpus has no words.", "Preprocess it with looser limits.");
    if (settings.threads > 1) return fail(ErrorCode::BadInput, "The compatible mode follows MALLET with one thread.", "Use threads=1, or mode=fast.");
    if (settings.seed > static_cast<std::uint64_t>(std::numeric_limits<std::int32_t>::max()))
        return fail(ErrorCode::BadInput, fmt::format("MALLET's seeds have 31 bits; {} is larger.", settings.seed), "Use a smaller seed, or mode=fast.");
    const auto frequencies = wordFrequencies(corpus);
    // Count and topic share 31 bits.
    if (static_cast<double>(*std::max_element(frequencies.begin(), frequencies.end())) * 2 * static_cast<double>(settings.topics) >= 2147483648.0)
        return fail(ErrorCode::Unsupported, "A word is too frequent for MALLET's 32-bit counts.", "Use mode=fast.");
    if (settings.topics < 1 || settings.topics > 65535) return fail(ErrorCode::BadInput, fmt::format("{} topics are not between 1 and 65535.", settings.topics), "Choose another k.");
    return std::unique_ptr<LdaSampler>(std::make_unique<MalletSampler>(corpus, settings));
}

}  // namespace driftscope::topics
