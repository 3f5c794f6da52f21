#pragma once

#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <vector>

#include "core/base/error.h"
#include "core/topics/data/topic_run.h"
#include "core/topics/measure/clustering.h"
#include "core/topics/measure/topic_distance.h"

namespace driftscope::topics {

/// How topics of several runs become the topics of one.
struct EnsembleSettings {
    DistanceKind wordDistance = DistanceKind::JensenShannon;   ///< between rows of beta
    DistanceKind documentDistance = DistanceKind::Correlation; ///< between columns of theta
    double wordShare = 1;            ///< weight of the distance by words; the rest goes to that by documents
    Linkage linkage = Linkage::Average;
    std::size_t clusters = 0;        ///< stop at so many clusters; 0 takes the K of the first run
    double threshold = 0;            ///< above 0: stop at this distance instead
    bool sum = true;                 ///< theta of a cluster: sum of its members' columns; else their mean
    std::size_t minimumRuns = 1;     ///< clusters supported by fewer runs are dropped
};

/// A topic of the ensemble: which topics of which runs it joins.
struct EnsembleTopic {
    struct Member {
        std::uint32_t run = 0, topic = 0;
    };
    std::vector<Member> members;
    std::size_t runs = 0;      ///< different runs among the members
    bool onePerRun = false;    ///< one member from each run, exactly
    double spread = 0;         ///< mean distance between members
};

struct Ensemble {
    TopicRun run;                        ///< beta, theta, vocabulary and documents; topic k is topics[k]
    std::vector<EnsembleTopic> topics;   ///< in the order of their first member
    std::size_t dropped = 0;             ///< clusters with too little support
    std::size_t supportedByAll = 0;      ///< topics with members from every run
    std::size_t onePerRun = 0;
};

/// Clusters the topics of all runs, averages beta within each cluster and adds (or averages) theta, then divides the rows
/// by their sums. One run alone comes back as it is. Errors: other vocabularies or documents, no cluster with enough support.
Result<Ensemble> ensemble(const std::vector<TopicRun>& runs, const EnsembleSettings& settings);

nlohmann::json toJson(const Ensemble& ensemble);

}  // namespace driftscope::topics
