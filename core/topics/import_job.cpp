#include <algorithm>

#include "core/topics/data/corpus_folder.h"
#include "core/topics/data/read_formats.h"
#include "core/topics/import_run.h"
#include "core/topics/job_kinds.h"

namespace driftscope::topics {
namespace {

using nlohmann::json;

bool isArray(const std::filesystem::path& file) {
    return file.extension() == ".npy" || file.extension() == ".npz";
}

/// What the parameters name, before the parts are fitted to each other.
struct Parts {
    std::optional<Corpus> corpus;
    ImportedWords words;
    ImportedDocuments documents;
    bool ranksOnly = false;  ///< weights come from topic keys
};

Result<Parts> readParts(const Params& params) {
    Parts parts;
    if (params.isSet("corpus")) {
        DS_ASSIGN(parts.corpus, readCorpus(params.text("corpus")));
    }
    const std::filesystem::path theta = params.text("theta"), beta = params.text("beta"), keys = params.text("keys");
    if (isArray(theta)) {
        DS_ASSIGN(parts.documents.theta, readMatrix(theta));
    } else {
        DS_ASSIGN(parts.documents, theta.extension() == ".csv" ? readDocumentTable(theta) : readMalletDocuments(theta));
    }
    if (isArray(beta)) {
        DS_ASSIGN(parts.words.beta, readMatrix(beta));
    } else if (!beta.empty()) {
        DS_ASSIGN(parts.words, beta.extension() == ".csv" ? readWordTable(beta) : readMalletWeights(beta));
    }
    if (!keys.empty()) {
        DS_ASSIGN(ImportedWords fromKeys, readMalletKeys(keys));
        parts.words.alpha = fromKeys.alpha;
        if (beta.empty()) {
            parts.words.beta = std::move(fromKeys.beta);
            parts.words.vocabulary = std::move(fromKeys.vocabulary);
            parts.ranksOnly = true;
        }
    }
    if (params.isSet("vocab")) {
        const std::filesystem::path file = params.text("vocab");
        DS_ASSIGN(parts.words.vocabulary, file.extension() == ".json" ? readVocabulary(file) : readLines(file));
    }
    return parts;
}

/// Documents of theta's rows: those of the corpus, of its training part, or bare names.
Result<DocumentList> documentsFor(const Parts& parts, std::vector<std::string>& notes) {
    const std::size_t rows = parts.documents.theta.rows;
    if (parts.corpus) {
        if (parts.corpus->documents() == rows) return static_cast<const DocumentList&>(*parts.corpus);
        const Corpus training = selectSplit(*parts.corpus, Split::Train);
        if (training.documents() == rows) {
            notes.push_back("Theta has as many rows as the corpus has training documents, and was taken for those.");
            return static_cast<const DocumentList&>(training);
        }
        return fail(ErrorCode::BadInput, fmt::format("Theta has {} rows, but the corpus has {} documents ({} for training).", rows, parts.corpus->documents(), training.documents()), "Name the corpus the run was trained on.");
    }
    DocumentList list;
    for (std::size_t d = 0; d < rows; ++d) {
        list.ids.push_back(d < parts.documents.ids.size() ? parts.documents.ids[d] : std::to_string(d));
        list.rows.push_back(static_cast<std::int64_t>(d));
        list.splits.push_back(Split::Train);
    }
    return list;
}

/// Turns matrices that were saved the other way round.
Result<void> orient(Parts& parts, std::vector<std::string>& notes) {
    Matrix& beta = parts.words.beta;
    Matrix& theta = parts.documents.theta;
    const auto turn = [&](Matrix& matrix, const char* what) {
        Matrix out(matrix.columns, matrix.rows);
        for (std::size_t r = 0; r < matrix.rows; ++r)
            for (std::size_t c = 0; c < matrix.columns; ++c) out(c, r) = matrix(r, c);
        matrix = std::move(out);
        notes.push_back(fmt::format("{} was saved the other way round and was turned.", what));
    };
    const std::size_t words = parts.words.vocabulary.size();
    if (beta.columns != words && beta.rows == words) turn(beta, "Beta");
    if (beta.columns != words) return fail(ErrorCode::BadInput, fmt::format("Beta is {} x {}, but there are {} words.", beta.rows, beta.columns, words), "Give the vocabulary of the run (vocab or corpus).");
    if (theta.columns != beta.rows && theta.rows == beta.rows) turn(theta, "Theta");
    if (theta.columns != beta.rows) return fail(ErrorCode::BadInput, fmt::format("Theta has {} topics, beta {}.", theta.columns, beta.rows), "Give theta and beta of one run.");
    return {};
}

Result<TopicRun> assemble(Parts& parts, ValueKind kind, std::vector<std::string>& notes) {
    if (parts.words.vocabulary.empty() && parts.corpus) parts.words.vocabulary = parts.corpus->vocabulary;
    // Ranked keys are only a few words per topic; the documents tell more.
    const bool estimate = parts.corpus && (parts.ranksOnly || parts.words.beta.rows == 0);
    if (parts.words.beta.rows == 0 && !estimate)
        return fail(ErrorCode::Usage, "There are no topics as words: neither 'beta', 'keys' nor 'corpus' is given.", "Name a file with the weights of topics over words.");
    TopicRun run;
    if (estimate) {
        parts.words.vocabulary = parts.corpus->vocabulary;
        DS_TRY(toDistributions(parts.documents.theta, kind, "theta", notes));
        DS_ASSIGN(run.documents, documentsFor(parts, notes));
        const Corpus part = parts.corpus->documents() == parts.documents.theta.rows ? *parts.corpus : selectSplit(*parts.corpus, Split::Train);
        parts.words.beta = wordsFromDocuments(parts.documents.theta, part);
        notes.push_back("The words of topics were estimated from theta and the corpus.");
    } else if (parts.ranksOnly) {
        notes.push_back("Topic keys have no weights: words weigh 1, 1/2, 1/3, … by rank.");
    }
    if (parts.words.vocabulary.empty()) return fail(ErrorCode::Usage, "The words of beta's columns are not known.", "Name a vocabulary (vocab) or the corpus.");
    DS_TRY(orient(parts, notes));
    DS_TRY(toDistributions(parts.words.beta, estimate ? ValueKind::Counts : kind, "beta", notes));
    if (!estimate) {
        DS_TRY(toDistributions(parts.documents.theta, kind, "theta", notes));
        DS_ASSIGN(run.documents, documentsFor(parts, notes));
    }
    run.beta = std::move(parts.words.beta);
    run.theta = std::move(parts.documents.theta);
    run.vocabulary = std::move(parts.words.vocabulary);
    return run;
}

ValueKind kindOf(const std::string& text) {
    return text == "probabilities" ? ValueKind::Probabilities : text == "logits" ? ValueKind::Logits : text == "counts" ? ValueKind::Counts : ValueKind::Auto;
}

Result<json> run(JobContext& job) {
    const Params& params = job.params();
    DS_ASSIGN(Parts parts, readParts(params));
    std::vector<std::string> notes;
    std::vector<double> alpha = parts.words.alpha;
    DS_ASSIGN(TopicRun made, assemble(parts, kindOf(params.text("values")), notes));
    for (const std::string& note : notes) job.warn(note);
    made.record = {{"model", params.text("model")}, {"k", made.topics()}, {"documents", made.theta.rows}, {"words", made.vocabulary.size()}, {"imported", true}, {"sources", job.job().value("inputs", json::array())},
                   {"notes", notes}, {"version", DRIFTSCOPE_VERSION}};
    if (alpha.size() == made.topics()) made.record["alpha"] = alpha;
    if (parts.corpus) made.record["corpus_hash"] = (parts.corpus->documents() == made.theta.rows ? *parts.corpus : selectSplit(*parts.corpus, Split::Train)).contentHash();
    DS_TRY(writeTopicRun(job.out(), made));
    return made.record;
}

}  // namespace

JobKind importKind() {
    return {"topics.import", "Bring in someone else's run",
            "Reads theta and beta as .npy or .npz (any number type and order; logits are recognised), MALLET's doc-topics, topic-keys and topic-word weights, or CSV exports of gensim and tomotopy, "
            "and writes a run folder like those of topics.train.",
            {{.name = "theta", .type = ParamType::Path, .help = "Topics of documents: .npy, .npz, .csv, or MALLET's doc-topics."},
             {.name = "beta", .type = ParamType::Path, .help = "Words of topics: .npy, .npz, .csv (topic, word, weight; or a column per word), or MALLET's topic-word weights.", .optional = true},
             {.name = "keys", .type = ParamType::Path, .help = "MALLET's topic-keys: words by rank and alpha.", .optional = true},
             {.name = "vocab", .type = ParamType::Path, .help = "Words of beta's columns: vocab.json, or a word per line.", .optional = true},
             {.name = "corpus", .type = ParamType::Path, .help = "Corpus folder the run was trained on: vocabulary, documents and categories.", .optional = true},
             {.name = "values", .type = ParamType::Choice, .fallback = "auto", .help = "What the numbers are; auto takes negative ones as logits and divides rows by their sums.", .choices = {"auto", "probabilities", "logits", "counts"}},
             {.name = "model", .type = ParamType::Text, .fallback = "imported", .help = "Name of the model, for lists and tables."}},
            run};
}

}  // namespace driftscope::topics
