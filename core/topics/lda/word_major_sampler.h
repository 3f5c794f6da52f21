#pragma once

#include <atomic>
#include <barrier>
#include <cstdint>
#include <thread>
#include <vector>

#include "core/topics/lda/lda_sampler.h"

namespace driftscope::topics {

/// The fast Gibbs sampler. Tokens are visited word by word, so that
///   p(k) ~ n_dk phi_k + alpha_k phi_k,   phi_k = (n_wk + beta) / (n_k + V beta)
/// needs only the topics of the token's document for the first part, while phi and the mass of the second part are carried
/// along the tokens of one word (the word order of F+LDA: Yu et al. 2015). Cost per token: topics in the document.
///
/// Documents and words are cut into P parts each. In round r the cells (part d of documents, part (d + r) mod P of words)
/// share neither documents nor words and are sampled independently, each with its own copy of n_k, which is brought up to
/// date after the round (Yan, Xu and Qi 2009). Every cell has its own random stream, so the result depends on seed and P,
/// never on the number of threads. P = 1 is the exact sampler.
class WordMajorSampler final : public LdaSampler {
  public:
    WordMajorSampler(const Corpus& corpus, const LdaSettings& settings);
    ~WordMajorSampler() override;

    void sweep() override;
    LdaHistograms histograms() const override;
    std::vector<std::uint32_t> assignments() const override;
    Result<void> save(const std::filesystem::path& folder) const override;
    Result<void> load(const std::filesystem::path& folder) override;

  private:
    /// The tokens of one part of the documents and one part of the words, word by word.
    struct Cell {
        std::vector<std::uint32_t> words;     ///< those with tokens here
        std::vector<std::uint32_t> begins;    ///< words + 1 borders within the cell
        std::vector<std::uint32_t> documents; ///< of each token, ascending within a word
        std::vector<std::uint16_t> topics;    ///< of each token
        std::vector<std::uint64_t> tokens;    ///< index of each token in the corpus
        std::vector<std::int32_t> topicTokens;  ///< n_k as the cell left it
    };
    /// What one thread needs while it samples a cell.
    struct Workspace {
        std::vector<float> phi, inverse, inverseLess, blocks, scores;
    };

    void layOut(const Corpus& corpus);
    void placeTokens(const Corpus& corpus, const std::vector<std::uint32_t>& documentPart, const std::vector<std::uint32_t>& wordPart);
    void countFromTopics();
    void runRound(std::size_t round);
    void work(Workspace& workspace);
    void helperLoop();
    void sampleCell(Cell& cell, std::uint64_t stream, Workspace& workspace);
    void prepare(Cell& cell, Workspace& workspace) const;
    double prepareWord(const std::int32_t* row, Workspace& workspace) const;
    void moveInList(std::uint32_t document, std::uint32_t from, std::uint32_t to);

    std::size_t parts_;
    std::size_t topics_;          ///< K
    std::size_t stride_;          ///< K rounded up to a multiple of 16
    int bits_ = 0;                ///< of a topic within an entry
    std::uint32_t mask_ = 0;
    std::vector<Cell> cells_;     ///< P x P, row = part of the documents
    std::vector<std::int32_t> wordTopics_;       ///< V x stride: n_wk
    std::vector<std::int32_t> topicTokens_;      ///< n_k
    std::vector<std::uint64_t> listBegins_;      ///< of each document's list
    std::vector<std::uint32_t> listSizes_;
    std::vector<std::uint32_t> lists_;           ///< count << bits | topic, larger counts first; zeros fill up to a multiple of 4
    std::vector<std::uint32_t> lengths_;         ///< tokens of each document
    std::vector<float> alpha_;                   ///< stride, zeros beyond K

    // One round at a time is handed to the threads.
    std::size_t round_ = 0;
    std::atomic<std::size_t> nextCell_{0};
    bool stopping_ = false;
    std::vector<Workspace> workspaces_;
    std::vector<std::jthread> helpers_;
    std::barrier<> begin_, end_;
};

}  // namespace driftscope::topics
