#include "core/topics/data/preprocess.h"
#include "core/topics/job_kinds.h"

namespace driftscope::topics {
namespace {

using nlohmann::json;

SourceOptions sourceOptions(const Params& params) {
    return {params.text("format"), params.text("text_key"), params.text("id_key"), params.text("split_key"), params.texts("label_keys"), params.text("invalid_utf8") == "replace"};
}

std::string patternOf(const std::string& text) {
    if (text == "wordlike") return kWordlike;
    return text == "any" ? std::string() : text;
}

/// The preset of the source, changed by what the user set.
PreprocessRules rulesFor(const Params& params, const RawCorpus& raw) {
    PreprocessRules rules = raw.prepared ? PreprocessRules::forPreparedText() : PreprocessRules::forPlainText(raw.documents.size());
    rules.tokens.language = params.text("language");
    if (params.text("tokenizer") != "auto") rules.tokens.spaces = params.text("tokenizer") == "spaces";
    if (params.isSet("lowercase")) rules.tokens.lowercase = params.flag("lowercase");
    if (params.isSet("token_pattern")) rules.tokens.pattern = patternOf(params.text("token_pattern"));
    if (params.isSet("min_token_length")) rules.tokens.minimumLength = params.integer("min_token_length");
    if (params.isSet("stop_words")) rules.stopWords = params.text("stop_words");
    rules.stemmer = params.text("stemmer");
    if (params.isSet("min_doc_freq")) rules.minimumDocuments = params.integer("min_doc_freq");
    if (params.isSet("max_doc_freq")) rules.maximumShare = params.real("max_doc_freq");
    rules.vocabularySize = params.integer("vocabulary_size");
    if (params.isSet("min_tokens")) rules.minimumTokens = params.integer("min_tokens");
    rules.phrases = params.flag("phrases");
    rules.phraseRules = {params.integer("phrase_min_count"), params.real("phrase_threshold")};
    rules.testShare = params.real("test_fraction");
    rules.seed = static_cast<std::uint64_t>(params.integer("seed"));
    return rules;
}

json describe(const PreprocessRules& rules) {
    return {{"tokenizer", rules.tokens.spaces ? "spaces" : "words"}, {"language", rules.tokens.language}, {"lowercase", rules.tokens.lowercase},
            {"token_pattern", rules.tokens.pattern}, {"min_token_length", rules.tokens.minimumLength}, {"stop_words", rules.stopWords},
            {"stemmer", rules.stemmer}, {"min_doc_freq", rules.minimumDocuments}, {"max_doc_freq", rules.maximumShare},
            {"vocabulary_size", rules.vocabularySize}, {"min_tokens", rules.minimumTokens}, {"phrases", rules.phrases},
            {"phrase_min_count", rules.phraseRules.minimumCount}, {"phrase_threshold", rules.phraseRules.threshold},
            {"test_fraction", rules.testShare}, {"seed", rules.seed}};
}

/// Categories that only the test set holds: no model can have learnt them.
void warnOfUnseenCategories(JobContext& job, const Corpus& corpus) {
    for (const LabelLevel& level : corpus.levels) {
        std::vector<int> where(level.categories.categories.size(), 0);
        for (std::size_t d = 0; d < corpus.documents(); ++d)
            if (level.categories.codes[d] >= 0) where[static_cast<std::size_t>(level.categories.codes[d])] |= corpus.splits[d] == Split::Train ? 1 : 2;
        std::size_t unseen = 0;
        for (const int places : where) unseen += places == 2;
        if (unseen) job.warn(fmt::format("{} categories of '{}' occur outside the training documents only.", unseen, level.name));
        const auto missing = std::count(level.categories.codes.begin(), level.categories.codes.end(), -1);
        if (missing) job.warn(fmt::format("{} documents have no '{}': alignment leaves them out.", missing, level.name));
    }
}

void warnOfLosses(JobContext& job, const PreprocessReport& report) {
    for (const auto& [reason, count] : report.documentsDropped) job.warn(fmt::format("{} documents were dropped: {} (see dropped.csv).", count, reason));
    for (const auto& [reason, count] : report.tokensDropped) job.log(fmt::format("{} tokens were dropped: {}.", count, reason));
}

Result<json> run(JobContext& job) {
    const Params& params = job.params();
    const std::filesystem::path input = params.text("input");
    DS_ASSIGN(RawCorpus raw, readSource(input, sourceOptions(params)));
    for (const std::string& note : raw.notes) job.log(note);
    if (!raw.ordered) job.warn("The order of words is not known: coherence with windows does not apply to this corpus.");
    const PreprocessRules rules = rulesFor(params, raw);
    DS_ASSIGN(const Preprocessed made, preprocess(std::move(raw), rules, job.stopToken(), [&](std::size_t done, std::size_t total) {
        job.progress(static_cast<double>(done), static_cast<double>(total), "document");
    }));
    warnOfLosses(job, made.report);
    warnOfUnseenCategories(job, made.corpus);
    if (made.corpus.vocabulary.size() == 1) job.warn(fmt::format("The vocabulary is the single word '{}': no topic model can tell documents apart.", made.corpus.vocabulary[0]));
    const json about{{"source", input.string()}, {"rules", describe(rules)}, {"report", made.report.toJson()}};
    DS_TRY(io::writeCsv(job.out("dropped.csv"), made.report.dropped));
    DS_TRY(writeCorpus(job.out(), made.corpus, made.texts, about));
    return json{{"documents", made.corpus.documents()}, {"vocabulary", made.corpus.vocabulary.size()}, {"tokens", made.corpus.tokens()},
                {"hash", made.corpus.contentHash()}, {"report", made.report.toJson()}};
}

std::vector<ParamSpec> sourceParams() {
    return {{.name = "input", .type = ParamType::Path, .help = "A text file (a document a line), a folder of .txt files, CSV, JSON lines, an OCTIS corpus.tsv, or a folder with train.dtm.npz, vocab.json and train.metadata.jsonl."},
            {.name = "format", .type = ParamType::Choice, .fallback = "auto", .help = "What the input is; auto decides by its name.", .choices = {"auto", "text", "files", "csv", "jsonl", "octis", "dtm"}},
            {.name = "text_key", .type = ParamType::Text, .fallback = "text", .help = "Column or key of the text."},
            {.name = "id_key", .type = ParamType::Text, .fallback = "id", .help = "Column or key of the document's name; row numbers where absent.", .advanced = true},
            {.name = "split_key", .type = ParamType::Text, .fallback = "split", .help = "Column or key that says train, val or test.", .advanced = true},
            {.name = "label_keys", .type = ParamType::TextList, .fallback = json::array(), .help = "Columns or keys of human categories, one per level."},
            {.name = "invalid_utf8", .type = ParamType::Choice, .fallback = "fail", .help = "What to do with bytes that are not UTF-8.", .choices = {"fail", "replace"}, .advanced = true}};
}

std::vector<ParamSpec> ruleParams() {
    const char* paper = "Hoyle et al. 2022";
    return {{.name = "tokenizer", .type = ParamType::Choice, .fallback = "auto", .help = "Words by Unicode boundaries (UAX 29) or by blanks; auto takes blanks for prepared input (OCTIS, matrix).", .choices = {"auto", "words", "spaces"}},
            {.name = "language", .type = ParamType::Text, .fallback = "en", .help = "Language of word boundaries and case, as a tag (en, de, zh)."},
            {.name = "lowercase", .type = ParamType::Bool, .help = "Turn words to lower case; unset: yes for plain text.", .source = paper, .optional = true},
            {.name = "token_pattern", .type = ParamType::Text, .help = "Regular expression a whole word must match; 'wordlike' asks for a letter, 'any' keeps everything. Unset: wordlike for plain text.", .source = paper, .optional = true},
            {.name = "min_token_length", .type = ParamType::Int, .help = "Shortest word kept; unset: 2 for plain text.", .unit = "characters", .minimum = 1, .source = paper, .optional = true},
            {.name = "stop_words", .type = ParamType::Text, .help = "none, english, or a file with a word a line; unset: english for plain text.", .source = paper, .optional = true},
            {.name = "stemmer", .type = ParamType::Text, .fallback = "none", .help = "Snowball stemmer: none, english, german, french, …"},
            {.name = "min_doc_freq", .type = ParamType::Int, .help = "Drop words in fewer documents; unset: 5 for plain text of at least 100 documents.", .unit = "documents", .minimum = 1, .source = paper, .optional = true},
            {.name = "max_doc_freq", .type = ParamType::Real, .help = "Drop words in a larger share of the documents; unset: 0.9 for plain text of at least 100 documents.", .minimum = 0, .maximum = 1, .source = paper, .optional = true},
            {.name = "vocabulary_size", .type = ParamType::Int, .fallback = 0, .help = "Keep the words in most documents, at most so many; 0 keeps all.", .unit = "words", .minimum = 0, .source = paper},
            {.name = "min_tokens", .type = ParamType::Int, .help = "Drop documents with fewer words left; unset: 5 for plain text of at least 100 documents.", .unit = "words", .minimum = 1, .source = paper, .optional = true},
            {.name = "phrases", .type = ParamType::Bool, .fallback = false, .help = "Join neighbouring words that belong together (prime_minister)."},
            {.name = "phrase_min_count", .type = ParamType::Int, .fallback = 10, .help = "How often a phrase must occur.", .minimum = 2, .advanced = true},
            {.name = "phrase_threshold", .type = ParamType::Real, .fallback = 0.5, .help = "Normalised pointwise mutual information a phrase must reach.", .minimum = -1, .maximum = 1, .source = "Bouma 2009", .advanced = true},
            {.name = "test_fraction", .type = ParamType::Real, .fallback = 0.0, .help = "Share of documents drawn as test set when the source names none.", .minimum = 0, .maximum = 0.9},
            {.name = "seed", .type = ParamType::Int, .fallback = 42, .help = "Seed of that draw.", .minimum = 0, .advanced = true}};
}

}  // namespace

JobKind preprocessKind() {
    std::vector<ParamSpec> specs = sourceParams();
    for (ParamSpec& spec : ruleParams()) specs.push_back(std::move(spec));
    return {"topics.preprocess", "Make a corpus",
            "Turns texts into a corpus folder: vocabulary, word ids in order, human categories, splits and the texts for reading. "
            "Counts and names every document and word that was dropped (dropped.csv, corpus.json).",
            std::move(specs), run};
}

}  // namespace driftscope::topics
