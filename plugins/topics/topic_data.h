#pragma once

#include <QString>
#include <cstdint>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "core/base/error.h"
#include "core/topics/data/corpus_folder.h"
#include "core/topics/data/topic_run.h"
#include "core/topics/view/topic_map.h"

namespace driftscope::topics {

/// A corpus folder as the views need it. Immutable.
struct CorpusData {
    QString folder;
    Corpus corpus;
    std::optional<CorpusTexts> texts;         ///< absent for a corpus made from a matrix
    std::vector<std::uint64_t> lengths;       ///< tokens per document
    std::vector<std::uint64_t> frequencies;   ///< tokens per word
    nlohmann::json record;                    ///< corpus.json
    std::string hash, trainingHash;           ///< of all documents, and of those for training: which runs belong to it

    static Result<std::shared_ptr<const CorpusData>> load(const QString& folder);
    bool owns(const std::string& corpusHash) const { return !corpusHash.empty() && (corpusHash == hash || corpusHash == trainingHash); }
    QString name() const;
};

/// A topic run with everything that follows from it and every view shows. Immutable; topics keep their native numbers.
struct TopicData {
    QString folder;
    QString title;
    TopicRun run;
    std::shared_ptr<const CorpusData> corpus;       ///< null: the documents cannot be read
    std::vector<std::uint32_t> corpusRow;           ///< per row of theta, the document of the corpus; empty without corpus
    std::vector<double> shares;                     ///< p(k)
    std::vector<double> wordShares;                 ///< p(w)
    std::vector<double> saliency;
    std::vector<double> spread;                     ///< effective number of words of each topic
    std::vector<std::uint32_t> hard;                ///< largest topic of each document
    std::vector<std::vector<std::uint32_t>> words;  ///< the first 50 of each topic
    PlaneMap map;
    std::optional<std::vector<std::uint32_t>> assignments;  ///< of the corpus' tokens, when training wrote them
    std::string dataset;                            ///< names this run in the label store; a copy has the same name
    QString note;                                   ///< what could not be read, for the person

    /// Errors: those of readTopicRun(). A corpus that does not fit is left out with a note.
    static Result<std::shared_ptr<const TopicData>> load(const QString& folder, const QString& title, std::shared_ptr<const CorpusData> corpus);

    std::size_t topics() const { return run.topics(); }
    std::size_t documents() const { return run.theta.rows; }
    QString word(std::uint32_t id) const { return QString::fromStdString(run.vocabulary[id]); }
    /// "year, film, best": the first words of a topic.
    QString gist(std::uint32_t topic, std::size_t count = 3) const;
    QString documentName(std::uint32_t row) const;
    /// Text of a document, or its words; empty when nothing is known.
    std::string text(std::uint32_t row) const;
    double tokens() const;                          ///< in all documents; 0 without corpus
};

}  // namespace driftscope::topics
