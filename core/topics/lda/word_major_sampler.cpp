#include "core/topics/lda/word_major_sampler.h"

#include <algorithm>
#include <cstring>
#include <numeric>

#include "core/base/fingerprint.h"
#include "core/topics/lda/priors.h"

namespace driftscope::topics {
namespace {

constexpr std::uint64_t kInitStream = 0x696e6974;  // apart from the streams of the cells

std::size_t threadsFor(const LdaSettings& settings) {
    return static_cast<std::size_t>(std::clamp<std::int64_t>(settings.threads, 1, std::max<std::int64_t>(1, settings.partitions)));
}

/// Cuts documents into parts of about equal tokens, each a run of neighbouring documents.
std::vector<std::uint32_t> cutDocuments(const Corpus& corpus, std::size_t parts) {
    std::vector<std::uint32_t> part(corpus.documents());
    for (std::size_t d = 0; d < part.size(); ++d) {
        const std::uint64_t middle = corpus.offsets[d] + (corpus.offsets[d + 1] - corpus.offsets[d]) / 2;
        part[d] = static_cast<std::uint32_t>(std::min<std::uint64_t>(parts - 1, middle * parts / std::max<std::uint64_t>(1, corpus.tokens())));
    }
    return part;
}

/// Deals words to parts, the most frequent first, each to the part with the fewest tokens.
std::vector<std::uint32_t> dealWords(const Corpus& corpus, std::size_t parts) {
    const std::vector<std::uint64_t> frequency = wordFrequencies(corpus);
    std::vector<std::uint32_t> order(frequency.size()), part(frequency.size());
    std::iota(order.begin(), order.end(), 0);
    std::stable_sort(order.begin(), order.end(), [&](std::uint32_t a, std::uint32_t b) { return frequency[a] > frequency[b]; });
    std::vector<std::uint64_t> load(parts, 0);
    for (const std::uint32_t word : order) {
        part[word] = static_cast<std::uint32_t>(std::min_element(load.begin(), load.end()) - load.begin());
        load[part[word]] += frequency[word];
    }
    return part;
}

void tally(std::vector<std::uint32_t>& histogram, std::uint32_t n) {
    if (n >= histogram.size()) histogram.resize(n + 1, 0);
    ++histogram[n];
}

}  // namespace

WordMajorSampler::WordMajorSampler(const Corpus& corpus, const LdaSettings& settings)
    : LdaSampler(corpus, settings),
      parts_(static_cast<std::size_t>(settings.partitions)),
      topics_(static_cast<std::size_t>(settings.topics)),
      stride_((topics_ + 15) / 16 * 16),
      workspaces_(threadsFor(settings)),
      begin_(static_cast<std::ptrdiff_t>(threadsFor(settings))),
      end_(static_cast<std::ptrdiff_t>(threadsFor(settings))) {
    while ((std::size_t{1} << bits_) < topics_) ++bits_;
    mask_ = (1u << bits_) - 1;
    layOut(corpus);
    for (Cell& cell : cells_)
        for (std::size_t i = 0; i < cell.tokens.size(); ++i)
            cell.topics[i] = static_cast<std::uint16_t>(randomBits(settings.seed, kInitStream, cell.tokens[i]) % topics_);
    countFromTopics();
    for (Workspace& workspace : workspaces_) {
        workspace.phi.assign(stride_, 0);
        workspace.inverse.assign(stride_, 0);
        workspace.inverseLess.assign(stride_, 0);
        workspace.blocks.assign(stride_ / 16, 0);
        workspace.scores.assign(stride_ + 4, 0);
    }
    for (std::size_t i = 1; i < workspaces_.size(); ++i) helpers_.emplace_back([this, i] {
        while (true) {
            begin_.arrive_and_wait();
            if (stopping_) return;
            work(workspaces_[i]);
            end_.arrive_and_wait();
        }
    });
}

WordMajorSampler::~WordMajorSampler() {
    if (helpers_.empty()) return;
    stopping_ = true;
    begin_.arrive_and_wait();
}

void WordMajorSampler::layOut(const Corpus& corpus) {
    for (std::size_t d = 0; d < documents_; ++d) {
        const auto length = static_cast<std::uint32_t>(corpus.offsets[d + 1] - corpus.offsets[d]);
        lengths_.push_back(length);
        listBegins_.push_back(lists_.size());
        // Room for every topic the document can hold, in whole vectors.
        lists_.resize(lists_.size() + (std::min<std::size_t>(length, topics_) + 3) / 4 * 4, 0);
    }
    listSizes_.assign(documents_, 0);
    wordTopics_.assign(words_ * stride_, 0);
    cells_.resize(parts_ * parts_);
    placeTokens(corpus, cutDocuments(corpus, parts_), dealWords(corpus, parts_));
}

void WordMajorSampler::placeTokens(const Corpus& corpus, const std::vector<std::uint32_t>& documentPart, const std::vector<std::uint32_t>& wordPart) {
    // Tokens by word, in the order of the corpus: a counting sort.
    std::vector<std::uint64_t> next(words_ + 1, 0);
    for (const std::uint32_t word : corpus.words) ++next[word + 1];
    std::partial_sum(next.begin(), next.end(), next.begin());
    const std::vector<std::uint64_t> first = next;
    std::vector<std::uint64_t> order(tokens_);
    std::vector<std::uint32_t> documentOf(tokens_);
    for (std::size_t d = 0; d < documents_; ++d)
        for (std::size_t i = corpus.offsets[d]; i < corpus.offsets[d + 1]; ++i) {
            const std::uint64_t at = next[corpus.words[i]]++;
            order[at] = i;
            documentOf[at] = static_cast<std::uint32_t>(d);
        }
    for (std::size_t word = 0; word < words_; ++word)
        for (std::uint64_t at = first[word]; at < first[word + 1]; ++at) {
            Cell& cell = cells_[documentPart[documentOf[at]] * parts_ + wordPart[word]];
            if (cell.words.empty() || cell.words.back() != word) {
                cell.words.push_back(static_cast<std::uint32_t>(word));
                cell.begins.push_back(static_cast<std::uint32_t>(cell.tokens.size()));
            }
            cell.documents.push_back(documentOf[at]);
            cell.tokens.push_back(order[at]);
        }
    for (Cell& cell : cells_) {
        cell.begins.push_back(static_cast<std::uint32_t>(cell.tokens.size()));
        cell.topics.assign(cell.tokens.size(), 0);
    }
}

void WordMajorSampler::countFromTopics() {
    std::fill(wordTopics_.begin(), wordTopics_.end(), 0);
    std::fill(lists_.begin(), lists_.end(), 0);
    topicTokens_.assign(topics_, 0);
    std::vector<std::vector<std::uint16_t>> byDocument(documents_);
    for (const Cell& cell : cells_)
        for (std::size_t w = 0; w < cell.words.size(); ++w)
            for (std::size_t i = cell.begins[w]; i < cell.begins[w + 1]; ++i) {
                ++wordTopics_[cell.words[w] * stride_ + cell.topics[i]];
                ++topicTokens_[cell.topics[i]];
                byDocument[cell.documents[i]].push_back(cell.topics[i]);
            }
    std::vector<std::uint32_t> counts(topics_, 0);
    for (std::size_t d = 0; d < documents_; ++d) {
        for (const std::uint16_t topic : byDocument[d]) ++counts[topic];
        std::uint32_t* list = lists_.data() + listBegins_[d];
        std::uint32_t size = 0;
        for (const std::uint16_t topic : byDocument[d])
            if (counts[topic] > 0) {
                list[size++] = counts[topic] << bits_ | topic;
                counts[topic] = 0;
            }
        std::sort(list, list + size, std::greater<>());
        listSizes_[d] = size;
    }
}

void WordMajorSampler::sweep() {
    ++iteration_;
    alpha_.assign(stride_, 0);
    for (std::size_t k = 0; k < topics_; ++k) alpha_[k] = static_cast<float>(priors_.alpha[k]);
    for (std::size_t round = 0; round < parts_; ++round) runRound(round);
    if (!priorsAreDue()) return;
    const LdaHistograms now = histograms();
    if (settings_.symmetricAlpha)
        learnSymmetricAlpha(priors_, now);
    else
        learnAlpha(priors_, now);
    learnBeta(priors_, now, words_);
}

void WordMajorSampler::runRound(std::size_t round) {
    round_ = round;
    nextCell_ = 0;
    if (!helpers_.empty()) begin_.arrive_and_wait();
    work(workspaces_[0]);
    if (!helpers_.empty()) end_.arrive_and_wait();
    const std::vector<std::int32_t> before = topicTokens_;
    for (std::size_t d = 0; d < parts_; ++d) {
        const Cell& cell = cells_[d * parts_ + (d + round) % parts_];
        for (std::size_t k = 0; k < topics_; ++k) topicTokens_[k] += cell.topicTokens[k] - before[k];
    }
}

void WordMajorSampler::work(Workspace& workspace) {
    for (std::size_t d = nextCell_++; d < parts_; d = nextCell_++) {
        const std::size_t index = d * parts_ + (d + round_) % parts_;
        sampleCell(cells_[index], randomBits(settings_.seed, static_cast<std::uint64_t>(iteration_), index), workspace);
    }
}

LdaHistograms WordMajorSampler::histograms() const {
    LdaHistograms now;
    now.topicTokens.assign(topicTokens_.begin(), topicTokens_.end());
    now.topicDocument.resize(topics_);
    for (std::size_t d = 0; d < documents_; ++d) {
        const std::uint32_t* list = lists_.data() + listBegins_[d];
        for (std::uint32_t j = 0; j < listSizes_[d]; ++j) tally(now.topicDocument[list[j] & mask_], list[j] >> bits_);
        tally(now.documentLengths, lengths_[d]);
    }
    for (const std::int32_t count : wordTopics_)
        if (count > 0) tally(now.wordTopic, static_cast<std::uint32_t>(count));
    return now;
}

std::vector<std::uint32_t> WordMajorSampler::assignments() const {
    std::vector<std::uint32_t> out(tokens_);
    for (const Cell& cell : cells_)
        for (std::size_t i = 0; i < cell.tokens.size(); ++i) out[cell.tokens[i]] = cell.topics[i];
    return out;
}

Result<void> WordMajorSampler::save(const std::filesystem::path& folder) const {
    const std::vector<std::uint32_t> topics = assignments();
    // The order of equal counts in the lists decides which topic a draw falls on, so it is part of the state.
    return saveState(folder, {{"fast-topics", std::string(reinterpret_cast<const char*>(topics.data()), topics.size() * sizeof(std::uint32_t))},
                              {"fast-lists", std::string(reinterpret_cast<const char*>(lists_.data()), lists_.size() * sizeof(std::uint32_t))}});
}

Result<void> WordMajorSampler::load(const std::filesystem::path& folder) {
    DS_ASSIGN(const std::vector<std::string> contents, loadState(folder, {"fast-topics", "fast-lists"}));
    std::vector<std::uint32_t> topics(tokens_), lists(lists_.size());
    const auto damaged = [&] { return fail(ErrorCode::BadInput, fmt::format("The saved state in {} is damaged.", folder.string()), "Train again in a new folder."); };
    if (contents[0].size() != topics.size() * sizeof(std::uint32_t) || contents[1].size() != lists.size() * sizeof(std::uint32_t)) return damaged();
    std::memcpy(topics.data(), contents[0].data(), contents[0].size());
    std::memcpy(lists.data(), contents[1].data(), contents[1].size());
    if (std::any_of(topics.begin(), topics.end(), [&](std::uint32_t topic) { return topic >= topics_; })) return damaged();
    for (Cell& cell : cells_)
        for (std::size_t i = 0; i < cell.tokens.size(); ++i) cell.topics[i] = static_cast<std::uint16_t>(topics[cell.tokens[i]]);
    countFromTopics();
    for (std::size_t d = 0; d < documents_; ++d) {
        std::vector<std::uint32_t> own(lists_.begin() + static_cast<std::ptrdiff_t>(listBegins_[d]), lists_.begin() + static_cast<std::ptrdiff_t>(listBegins_[d] + listSizes_[d]));
        std::vector<std::uint32_t> saved(lists.begin() + static_cast<std::ptrdiff_t>(listBegins_[d]), lists.begin() + static_cast<std::ptrdiff_t>(listBegins_[d] + listSizes_[d]));
        std::sort(own.begin(), own.end());
        std::sort(saved.begin(), saved.end());
        if (own != saved) return damaged();
    }
    lists_ = std::move(lists);
    return {};
}

Result<std::unique_ptr<LdaSampler>> makeFastSampler(const Corpus& corpus, const LdaSettings& settings) {
    if (corpus.tokens() == 0) return fail(ErrorCode::BadInput, "The corpus has no words.", "Preprocess it with looser limits.");
    if (settings.topics < 1 || settings.topics > 65535) return fail(ErrorCode::BadInput, fmt::format("{} topics are not between 1 and 65535.", settings.topics), "Choose another k.");
    if (settings.partitions < 1 || settings.partitions > 1024) return fail(ErrorCode::BadInput, fmt::format("{} partitions are not between 1 and 1024.", settings.partitions), "4 suits up to 4 threads.");
    for (std::size_t d = 0; d < corpus.documents(); ++d) {
        const double length = static_cast<double>(corpus.offsets[d + 1] - corpus.offsets[d]);
        if (length * 2 * static_cast<double>(settings.topics) >= 4294967296.0)
            return fail(ErrorCode::Unsupported, fmt::format("Document '{}' has {} words, too many for {} topics.", corpus.ids[d], length, settings.topics), "Split it into chapters or pages.");
    }
    if (corpus.tokens() > 0xFFFFFFFFull * static_cast<std::uint64_t>(settings.partitions))
        return fail(ErrorCode::Unsupported, "The corpus is too large for so few partitions.", "Raise partitions.");
    return std::unique_ptr<LdaSampler>(std::make_unique<WordMajorSampler>(corpus, settings));
}

}  // namespace driftscope::topics
