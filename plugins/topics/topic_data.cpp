#include "plugins/topics/topic_data.h"

#include <QDir>
#include <QFileInfo>
#include <QStringList>
#include <map>
#include <numeric>

#include "core/base/fingerprint.h"
#include "core/topics/view/token_topics.h"
#include "core/topics/view/topic_words.h"

namespace driftscope::topics {
namespace {

/// Which document of the corpus each row of theta is, by id. Nothing when they do not fit.
std::vector<std::uint32_t> rowsIn(const CorpusData& corpus, const TopicRun& run) {
    if (run.vocabulary != corpus.corpus.vocabulary) return {};
    std::vector<std::uint32_t> rows(run.theta.rows);
    if (run.documents.ids.empty()) {
        if (run.theta.rows != corpus.corpus.documents()) return {};
        std::iota(rows.begin(), rows.end(), 0);
        return rows;
    }
    std::map<std::string, std::uint32_t> rowOf;
    for (std::uint32_t d = 0; d < corpus.corpus.ids.size(); ++d) rowOf.emplace(corpus.corpus.ids[d], d);
    for (std::size_t d = 0; d < rows.size(); ++d) {
        const auto found = rowOf.find(run.documents.ids[d]);
        if (found == rowOf.end()) return {};
        rows[d] = found->second;
    }
    return rows;
}

std::string contentName(const TopicRun& run) {
    const auto bytes = [](const Matrix& matrix) { return fingerprintBytes(std::as_bytes(std::span(matrix.values))); };
    return "topics:" + bytes(run.beta) + bytes(run.theta);
}

/// assignments.txt counts the documents that were trained on, in the order of theta.
std::optional<std::vector<std::uint32_t>> assignmentsOf(TopicData& data) {
    const std::string file = data.folder.toStdString() + "/assignments.txt";
    if (!data.corpus || data.corpusRow.empty() || !std::filesystem::exists(file)) return std::nullopt;
    const Corpus trained = selectDocuments(data.corpus->corpus, data.corpusRow);
    auto read = readAssignments(file, trained, data.topics());
    if (!read) {
        data.note = QString::fromStdString(read.error().text());
        return std::nullopt;
    }
    std::vector<std::uint32_t> all(data.corpus->corpus.tokens(), 0);
    for (std::size_t d = 0; d < data.corpusRow.size(); ++d)
        std::copy(read->begin() + static_cast<std::ptrdiff_t>(trained.offsets[d]), read->begin() + static_cast<std::ptrdiff_t>(trained.offsets[d + 1]),
                  all.begin() + static_cast<std::ptrdiff_t>(data.corpus->corpus.offsets[data.corpusRow[d]]));
    return all;
}

}  // namespace

Result<std::shared_ptr<const CorpusData>> CorpusData::load(const QString& folder) {
    auto data = std::make_shared<CorpusData>();
    data->folder = QDir(folder).absolutePath();
    const std::string path = data->folder.toStdString();
    DS_ASSIGN(data->corpus, readCorpus(path));
    DS_ASSIGN(data->record, readCorpusRecord(path));
    if (auto texts = readCorpusTexts(path, data->corpus)) data->texts = std::move(*texts);
    for (std::size_t d = 0; d < data->corpus.documents(); ++d) data->lengths.push_back(data->corpus.document(d).size());
    data->frequencies = wordFrequencies(data->corpus);
    data->hash = data->corpus.contentHash();
    const Corpus training = selectSplit(data->corpus, Split::Train);
    data->trainingHash = training.documents() == data->corpus.documents() ? data->hash : training.contentHash();
    return data;
}

QString CorpusData::name() const {
    const auto about = record.find("about");
    if (about != record.end() && about->contains("source") && (*about)["source"].is_string()) {
        const QFileInfo source(QString::fromStdString((*about)["source"].get<std::string>()));
        // "corpus.tsv" says nothing; its folder does.
        return source.fileName() == QLatin1String("corpus.tsv") ? source.dir().dirName() : source.completeBaseName().isEmpty() ? source.fileName() : source.completeBaseName();
    }
    return QFileInfo(folder).fileName();
}

Result<std::shared_ptr<const TopicData>> TopicData::load(const QString& folder, const QString& title, std::shared_ptr<const CorpusData> corpus) {
    auto data = std::make_shared<TopicData>();
    data->folder = QDir(folder).absolutePath();
    data->title = title;
    DS_ASSIGN(data->run, readTopicRun(data->folder.toStdString()));
    if (corpus) {
        data->corpusRow = rowsIn(*corpus, data->run);
        if (data->corpusRow.empty())
            data->note = QStringLiteral("The corpus that is open is not the one of this run: its documents cannot be read.");
        else
            data->corpus = std::move(corpus);
    }
    std::vector<std::uint64_t> lengths;
    for (const std::uint32_t row : data->corpusRow) lengths.push_back(data->corpus->lengths[row]);
    data->shares = topicShares(data->run.theta, lengths);
    data->wordShares = driftscope::topics::wordShares(data->run.beta, data->shares);
    data->saliency = driftscope::topics::saliency(data->run.beta, data->shares);
    for (std::size_t k = 0; k < data->topics(); ++k) data->spread.push_back(effectiveWords(data->run.beta.row(k)));
    data->hard = hardAssignments(data->run.theta);
    data->words = topWords(data->run.beta, kListedWords);
    DS_ASSIGN(data->map, mapTopics(data->run.beta));
    data->dataset = contentName(data->run);
    data->assignments = assignmentsOf(*data);
    return data;
}

QString TopicData::gist(std::uint32_t topic, std::size_t count) const {
    QStringList first;
    for (std::size_t i = 0; i < std::min(count, words[topic].size()); ++i) first << word(words[topic][i]);
    return first.join(QStringLiteral(", "));
}

QString TopicData::documentName(std::uint32_t row) const {
    return row < run.documents.ids.size() ? QString::fromStdString(run.documents.ids[row]) : QString::number(row);
}

std::string TopicData::text(std::uint32_t row) const {
    if (!corpus || row >= corpusRow.size()) return {};
    const std::uint32_t document = corpusRow[row];
    if (corpus->texts) return corpus->texts->texts[document];
    std::string out;
    for (const std::uint32_t word : corpus->corpus.document(document)) out += (out.empty() ? "" : " ") + run.vocabulary[word];
    return out;
}

double TopicData::tokens() const {
    double total = 0;
    for (const std::uint32_t row : corpusRow) total += static_cast<double>(corpus->lengths[row]);
    return total;
}

}  // namespace driftscope::topics
