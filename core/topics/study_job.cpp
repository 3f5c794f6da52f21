#include <algorithm>
#include <map>

#include "core/base/atomic_file.h"
#include "core/base/fingerprint.h"
#include "core/io/json_access.h"
#include "core/job/inner_runs.h"
#include "core/topics/data/corpus_folder.h"
#include "core/topics/job_kinds.h"
#include "core/topics/study/study_report.h"

namespace driftscope::topics {
namespace {

using nlohmann::json;
namespace fs = std::filesystem;

/// "model.parameter=value" or "corpus/model.parameter=value" for the runs of one model.
struct Setting {
    std::string corpus, model, parameter;
    json value;
};

Result<Setting> parseSetting(const std::string& line, const std::vector<ParamSpec>& specs, const std::vector<std::string>& models) {
    const std::size_t equals = line.find('='), slash = line.substr(0, equals).find('/'), begin = slash == std::string::npos ? 0 : slash + 1, dot = line.substr(0, equals).find('.', begin);
    if (equals == std::string::npos || dot == std::string::npos)
        return fail(ErrorCode::Usage, fmt::format("The setting '{}' is not of the form model.parameter=value.", line), "For example scholar.epochs=100, or M10/scholar.epochs=50 for one corpus.");
    Setting setting{slash == std::string::npos ? "" : line.substr(0, slash), line.substr(begin, dot - begin), line.substr(dot + 1, equals - dot - 1), {}};
    if (std::find(models.begin(), models.end(), setting.model) == models.end())
        return fail(ErrorCode::Usage, fmt::format("The setting '{}' is for the model '{}', which is not in this study.", line, setting.model), fmt::format("Its models are {}.", fmt::join(models, ", ")));
    const auto spec = std::find_if(specs.begin(), specs.end(), [&](const ParamSpec& s) { return s.name == setting.parameter; });
    for (const char* own : {"corpus", "model", "k", "seed"})
        if (setting.parameter == own) return fail(ErrorCode::Usage, fmt::format("The study itself sets '{}'.", own), "Use corpora, models, ks, runs and first_seed.");
    if (spec == specs.end()) {
        std::vector<std::string> names;
        for (const ParamSpec& s : specs) names.push_back(s.name);
        const std::string near = nearestName(setting.parameter, names);
        return fail(ErrorCode::Usage, fmt::format("topics.train has no parameter '{}'.", setting.parameter), near.empty() ? "driftscope-run topics.train --help lists them." : fmt::format("Did you mean '{}'?", near));
    }
    DS_ASSIGN(setting.value, Params::parse(*spec, line.substr(equals + 1)));
    return setting;
}

struct StudyCorpus {
    std::string name, folder;
    Corpus corpus;
};

/// The same parameters on the same documents: the key of a run, wherever it lies.
std::string runKey(json params, const std::string& corpusHash) {
    params["corpus"] = corpusHash;
    const std::string text = params.dump();
    return fingerprintBytes(std::as_bytes(std::span(text.data(), text.size())));
}

class Study {
  public:
    Study(JobContext& job, const ModelList& models) : job_(job), specs_(trainParams(*models)), runs_(job, kinds_), models_(job.params().texts("models")) {
        kinds_.add(trainKind(models));
    }

    Result<json> run() {
        DS_TRY(readCorpora());
        DS_TRY(checkModels());
        for (const std::string& line : job_.params().texts("settings")) {
            DS_ASSIGN(Setting setting, parseSetting(line, specs_, models_));
            settings_.push_back(std::move(setting));
        }
        const std::string shared = job_.params().text("reuse");
        DS_TRY(findFinished(job_.out("runs")));
        if (!shared.empty()) DS_TRY(findFinished(shared));
        DS_TRY(train());
        DS_ASSIGN(std::vector<StudyCell> cells, measure());
        return write(concludeStudy(std::move(cells)));
    }

  private:
    Result<void> readCorpora() {
        for (const std::string& folder : job_.params().texts("corpora")) {
            DS_ASSIGN(Corpus corpus, readCorpus(folder));
            std::string name = fs::path(folder).filename().string();
            if (name.empty()) name = fs::path(folder).parent_path().filename().string();
            if (std::any_of(corpora_.begin(), corpora_.end(), [&](const StudyCorpus& other) { return other.name == name; }))
                return fail(ErrorCode::Usage, fmt::format("Two corpora are called '{}'.", name), "Give their folders different names.");
            if (corpus.levels.empty()) job_.warn(fmt::format("'{}' has no human categories: it tells of stability, not of alignment.", name));
            corpora_.push_back({name, folder, std::move(corpus)});
        }
        if (corpora_.empty()) return fail(ErrorCode::Usage, "The study has no corpus.", "Name corpus folders with corpora=DIR,DIR.");
        return {};
    }

    Result<void> checkModels() const {
        const auto spec = std::find_if(specs_.begin(), specs_.end(), [](const ParamSpec& s) { return s.name == "model"; });
        for (const std::string& model : models_)
            if (std::find(spec->choices.begin(), spec->choices.end(), model) == spec->choices.end())
                return fail(ErrorCode::Usage, fmt::format("There is no model '{}'.", model), fmt::format("The models are {}.", fmt::join(spec->choices, ", ")));
        return models_.empty() ? Result<void>(fail(ErrorCode::Usage, "The study has no model.", "Name models with models=lda,scholar.")) : Result<void>();
    }

    /// Finished runs of a folder, by what they were asked.
    Result<void> findFinished(const fs::path& folder) {
        if (!fs::is_directory(folder)) return {};
        for (const auto& entry : fs::directory_iterator(folder)) {
            if (!entry.is_directory() || !fs::exists(entry.path() / "job.json")) continue;
            const auto found = readRun(entry.path());
            if (!found || found->state != RunState::Done || io::textMember(found->job, "kind") != "topics.train") continue;
            const auto params = Params::make(specs_, io::objectMember(found->job, "params"));  // defaults of newer parameters
            const std::string hash = io::textMember(io::objectMember(found->status, "result"), "corpus_hash");
            if (params && !hash.empty()) finished_.try_emplace(runKey(params->values(), hash), entry.path().string());
        }
        return {};
    }

    Result<Params> paramsOf(const StudyCorpus& corpus, const std::string& model, std::int64_t k, std::int64_t seed) const {
        json params{{"corpus", corpus.folder}, {"model", model}, {"k", k}, {"seed", seed}, {"threads", job_.params().integer("threads")}};
        for (const bool own : {false, true})  // settings for one corpus go before those for all
            for (const Setting& setting : settings_)
                if (setting.model == model && (own ? setting.corpus == corpus.name : setting.corpus.empty())) params[setting.parameter] = setting.value;
        return Params::make(specs_, params);
    }

    using RunId = std::tuple<std::string, std::string, std::int64_t, std::int64_t>;

    /// One run, trained now or found; a run that diverges is noted and the study goes on.
    Result<void> trainOne(const StudyCorpus& corpus, const std::string& model, std::int64_t k, std::int64_t seed) {
        DS_ASSIGN(const Params params, paramsOf(corpus, model, k, seed));
        const std::string key = runKey(params.values(), corpus.corpus.contentHash());
        const RunId id{corpus.name, model, k, seed};
        if (const auto found = finished_.find(key); found != finished_.end()) {
            folders_[id] = found->second;
            ++reused_;
            return {};
        }
        const std::string folder = fmt::format("runs/{}-{}-k{}-s{}-{}", corpus.name, model, k, seed, key.substr(0, 8));
        if (const auto earlier = readRun(job_.out(folder)); earlier && earlier->state == RunState::Failed && io::textMember(io::objectMember(earlier->status, "error"), "code") == name(ErrorCode::Numeric)) {
            lost_[id] = io::textMember(io::objectMember(earlier->status, "error"), "message");
            return {};
        }
        auto result = runs_.run("topics.train", params.values(), folder);
        if (!result && result.error().code == ErrorCode::Numeric) {
            lost_[id] = result.error().message;
            job_.warn(fmt::format("{}: {}", folder, result.error().message));
            return {};
        }
        if (!result) return tl::unexpected(std::move(result).error());
        folders_[id] = job_.out(folder).string();
        return {};
    }

    /// Seed by seed, so that what is finished when it is stopped is balanced over models.
    Result<void> train() {
        const auto ks = job_.params().integers("ks");
        const std::int64_t first = job_.params().integer("first_seed"), count = job_.params().integer("runs");
        const double total = static_cast<double>(corpora_.size() * models_.size() * ks.size()) * static_cast<double>(count);
        double done = 0;
        for (std::int64_t seed = first; seed < first + count; ++seed)
            for (const StudyCorpus& corpus : corpora_)
                for (const std::int64_t k : ks)
                    for (const std::string& model : models_) {
                        DS_TRY(trainOne(corpus, model, k, seed));
                        job_.progress(++done, total, "run");
                    }
        if (reused_) job_.log(fmt::format("{} finished runs were used again.", reused_));
        return {};
    }

    Result<StudyCell> measureOne(const StudyCorpus& corpus, const std::string& model, std::int64_t k) {
        StudyCell cell{.corpus = corpus.name, .model = model, .topics = static_cast<std::size_t>(k)};
        std::vector<TopicRun> runs;
        const std::int64_t first = job_.params().integer("first_seed");
        for (std::int64_t seed = first; seed < first + job_.params().integer("runs"); ++seed) {
            const RunId id{corpus.name, model, k, seed};
            if (const auto why = lost_.find(id); why != lost_.end()) cell.lost.push_back(fmt::format("seed {}: {}", seed, why->second));
            const auto folder = folders_.find(id);
            if (folder == folders_.end()) continue;
            DS_ASSIGN(TopicRun run, readTopicRun(folder->second));
            cell.runs.push_back({seed, fs::path(folder->second).filename().string(), {}});
            runs.push_back(std::move(run));
        }
        DS_TRY(measureCell(cell, std::move(runs), corpus.corpus, {static_cast<std::size_t>(job_.params().integer("top_words")), job_.params().flag("c_v")}, [this] { return job_.cancelled(); }));
        for (const std::string& why : cell.lost) job_.warn(fmt::format("{}, {}, K {}: {}.", corpus.name, model, k, why));
        return cell;
    }

    Result<std::vector<StudyCell>> measure() {
        std::vector<StudyCell> cells;
        const auto ks = job_.params().integers("ks");
        const auto total = static_cast<double>(corpora_.size() * models_.size() * ks.size());
        for (const StudyCorpus& corpus : corpora_)
            for (const std::int64_t k : ks)
                for (const std::string& model : models_) {
                    DS_ASSIGN(StudyCell cell, measureOne(corpus, model, k));
                    cells.push_back(std::move(cell));
                    job_.progress(static_cast<double>(cells.size()), total, "measured");
                }
        return cells;
    }

    StudyAbout about() const {
        StudyAbout about;
        const Params& p = job_.params();
        about.command = fmt::format("driftscope-run topics.study --set corpora={} models={} ks={} runs={} first_seed={}", fmt::join(p.texts("corpora"), ","), fmt::join(models_, ","), fmt::join(p.integers("ks"), ","), p.integer("runs"), p.integer("first_seed"));
        const std::vector<std::string> settings = p.texts("settings");
        if (!settings.empty()) about.command += fmt::format(" settings={}", fmt::join(settings, ","));
        about.command += " --out DIR";
        for (const StudyCorpus& c : corpora_) {
            std::vector<std::string> levels;
            for (const LabelLevel& level : c.corpus.levels) levels.push_back(fmt::format("{} ({} categories)", level.name, level.categories.categories.size()));
            about.corpora.push_back(fmt::format("{}: {} documents, {} words of {} kinds; categories: {}; content {}", c.name, c.corpus.documents(), c.corpus.tokens(), c.corpus.vocabulary.size(), levels.empty() ? "none" : fmt::format("{}", fmt::join(levels, ", ")), c.corpus.contentHash()));
        }
        for (const std::string& line : settings) about.settings.push_back("setting " + line);
        about.version = DRIFTSCOPE_VERSION;
        return about;
    }

    Result<json> write(const StudyResult& result) {
        json cells = json::array();
        for (const StudyCell& cell : result.cells) cells.push_back(toJson(cell));
        const json findings = findingSentences(result.findings);
        DS_TRY(writeJson(job_.out("result.json"), {{"cells", cells}, {"findings", findings}}));
        DS_TRY(io::writeCsv(job_.out("runs.csv"), runsCsv(result)));
        DS_TRY(io::writeCsv(job_.out("cells.csv"), cellsCsv(result)));
        DS_TRY(io::writeCsv(job_.out("ensembles.csv"), ensemblesCsv(result)));
        DS_TRY(io::writeCsv(job_.out("comparisons.csv"), comparisonsCsv(result)));
        DS_TRY(makeFolder(job_.out("plots")));
        for (const auto& [file, plot] : reportPlots(result)) DS_TRY(writeFileAtomically(job_.out("plots") / (file + ".svg"), toSvg(plot)));
        DS_TRY(writeFileAtomically(job_.out("report.md"), studyMarkdown(result, about())));
        DS_TRY(writeFileAtomically(job_.out("report.html"), studyHtml(result, about())));
        return json{{"findings", findings}, {"report", "report.html"}, {"runs_trained", folders_.size() - reused_}, {"runs_reused", reused_}, {"runs_lost", lost_.size()}};
    }

    JobContext& job_;
    JobRegistry kinds_;
    std::vector<ParamSpec> specs_;
    InnerRuns runs_;
    std::vector<std::string> models_;
    std::vector<StudyCorpus> corpora_;
    std::vector<Setting> settings_;
    std::map<std::string, std::string> finished_;  ///< key -> folder
    std::map<RunId, std::string> folders_, lost_;
    std::size_t reused_ = 0;
};

}  // namespace

JobKind studyKind(ModelList models) {
    const char* paper = "Hoyle et al. 2022";
    return {"topics.study", "Study whether topic models can be trusted",
            "Trains models several times on corpora with human categories and measures, as 'Are Neural Topic Models Broken?' does, how stable they are, how far they agree with the categories and what an ensemble repairs. "
            "Writes report.html, report.md, plots and CSV tables. Stops and resumes; finished runs with the same parameters and documents are not trained again.",
            {{.name = "corpora", .type = ParamType::PathList, .help = "Corpus folders of topics.preprocess, separated by commas."},
             {.name = "models", .type = ParamType::TextList, .fallback = json::array({"lda", "prodlda", "scholar", "dvae"}), .help = "Models of topics.train.", .source = paper},
             {.name = "ks", .type = ParamType::IntList, .fallback = json::array({25, 50}), .help = "Numbers of topics.", .minimum = 2, .source = paper},
             {.name = "runs", .type = ParamType::Int, .fallback = 5, .help = "Runs per model, corpus and number of topics; the paper has 10.", .minimum = 1, .maximum = 1000, .source = paper},
             {.name = "first_seed", .type = ParamType::Int, .fallback = 1, .help = "Seeds are this and the following numbers.", .minimum = 0},
             {.name = "settings", .type = ParamType::TextList, .fallback = json::array(), .help = "Parameters of topics.train by model: scholar.epochs=100, or M10/scholar.epochs=50 for one corpus."},
             {.name = "reuse", .type = ParamType::Path, .help = "Folder with runs of other studies; finished ones with the same parameters and documents are used.", .optional = true},
             {.name = "threads", .type = ParamType::Int, .fallback = 1, .help = "Threads of each run.", .minimum = 1, .maximum = 1024, .advanced = true},
             {.name = "top_words", .type = ParamType::Int, .fallback = 50, .help = "Words per topic that stability compares.", .minimum = 1, .source = paper, .advanced = true},
             {.name = "c_v", .type = ParamType::Bool, .fallback = true, .help = "Also compute C_v, the slowest of the measures.", .advanced = true}},
            [models](JobContext& job) { return Study(job, models).run(); }};
}

}  // namespace driftscope::topics
