#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <vector>

#include "core/base/error.h"
#include "core/topics/data/topic_run.h"
#include "core/topics/measure/topic_distance.h"

namespace driftscope::topics {

/// Topics of several runs that are taken for the same: at most one of each run.
struct MatchedTopic {
    std::vector<std::optional<std::uint32_t>> topicOf;  ///< per run; nothing where the run did not recover it
    double similarity = 1;                              ///< mean over pairs of its members; 1 for a topic of one run
    std::size_t runs() const;
};

/// Which topics of several runs belong together (up-to-one alignment: Chuang, Roberts, Stewart et al. 2015, TopicCheck):
/// average-linkage clustering in which a cluster never holds two topics of one run. All merges are found once; a
/// threshold on similarity then says how many of them count, which costs nothing to change.
class RunMatching {
  public:
    /// Similarity is 1 - distance / its largest value (RBO 1, Jensen-Shannon sqrt(ln 2), correlation 1).
    /// Errors: fewer than two runs, other vocabularies (the run is named by number). `progress` returning false stops.
    static Result<RunMatching> make(const std::vector<const TopicRun*>& runs, DistanceKind kind, const std::function<bool(double)>& progress = {});

    /// Rows for a threshold: those found in most runs first, then the more similar ones, then by native number.
    std::vector<MatchedTopic> rows(double threshold) const;
    std::size_t runs() const { return sizes_.size(); }
    /// Similarity of two topics.
    double similarity(std::size_t runA, std::uint32_t topicA, std::size_t runB, std::uint32_t topicB) const;
    /// Mean over the runs other than its own of the similarity to the most similar topic there.
    double bestElsewhere(std::size_t run, std::uint32_t topic) const;

  private:
    struct Step {
        std::uint32_t a = 0, b = 0;  ///< positions whose clusters merge
        double similarity = 0;
    };
    void merge();
    std::size_t at(std::size_t run, std::uint32_t topic) const { return starts_[run] + topic; }
    MatchedTopic rowOf(const std::vector<std::uint32_t>& members) const;

    std::vector<std::size_t> sizes_, starts_;
    std::vector<std::uint32_t> runOf_;
    CostMatrix similarity_;
    std::vector<Step> steps_;  ///< by falling similarity
};

}  // namespace driftscope::topics
