#include "plugins/topics/workspace.h"

#include <QDir>
#include <QFileInfo>
#include <QThreadPool>
#include <algorithm>

#include "core/io/json_access.h"
#include "plugins/api/panel_plugin.h"
#include "plugins/topics/run_cache.h"
#include "widgets/session/job_runner.h"
#include "widgets/session/project.h"
#include "widgets/session/selection_hub.h"

namespace driftscope::topics {
namespace {

const QString kCorpusRole = QStringLiteral("topics.corpus");
const QString kRunRole = QStringLiteral("topics.run");
constexpr std::size_t kWordsOfTopic = 30;

bool makesRuns(const QString& kind) {
    return kind == QLatin1String("topics.train") || kind == QLatin1String("topics.import") || kind == QLatin1String("topics.ensemble");
}

bool isRunFolder(const QString& folder) {
    return QFileInfo::exists(folder + QStringLiteral("/beta.npy")) && QFileInfo::exists(folder + QStringLiteral("/theta.npy"));
}

bool isCorpusFolder(const QString& folder) {
    return QFileInfo::exists(folder + QStringLiteral("/corpus.json")) && QFileInfo::exists(folder + QStringLiteral("/tokens.npy"));
}

}  // namespace

QString runTitle(const nlohmann::json& record, const QString& otherwise) {
    const std::string model = record.value("model", std::string());
    if (model.empty()) return otherwise;
    QString text = QStringLiteral("%1, K %2").arg(QString::fromStdString(model)).arg(record.value("k", 0));
    if (record.contains("seed") && record["seed"].is_number()) text += QStringLiteral(", seed %1").arg(record["seed"].get<qint64>());
    if (record.contains("members")) text += Workspace::tr(" of %1 runs").arg(record["members"].size());
    return text;
}

Workspace::Workspace(HostContext& host, QObject* parent) : QObject(parent), host_(host), pool_(new QThreadPool(this)), slow_(new QThreadPool(this)), lastRead_(std::make_shared<std::shared_ptr<const CorpusData>>()), cache_(std::make_shared<RunCache>()) {
    for (QThreadPool* pool : {pool_, slow_}) pool->setMaxThreadCount(1);  // one after the other: what was asked last is shown last
    link();
    refreshList();
}

Workspace::~Workspace() {
    for (QThreadPool* pool : {pool_, slow_}) pool->clear();
    for (QThreadPool* pool : {pool_, slow_}) pool->waitForDone();
    host_.selection.clear(this);
}

void Workspace::link() {
    const auto refresh = [this] { refreshList(); };
    connect(&host_.jobs, &JobRunner::jobFinished, this, refresh);
    connect(&host_.jobs, &JobRunner::jobRemoved, this, refresh);
    connect(&host_.jobs, &JobRunner::listReset, this, refresh);
    connect(&host_.project, &Project::dataChanged, this, refresh);
    connect(&host_.selection, &SelectionHub::changed, this, [this](const SelectionDelta& delta) {
        if (delta.source == this) return;
        if (delta.layer == SelectionLayer::Select) hear(delta.kind);
        if (delta.layer != SelectionLayer::Hover || delta.kind != ElementKind::Topic) return;
        const IdSet ids = host_.selection.get(SelectionLayer::Hover, ElementKind::Topic);
        Q_EMIT hoverChanged(ids.size() == 1 ? std::optional(ids.ids().front()) : std::nullopt);
    });
}

void Workspace::hear(ElementKind kind) {
    if (!run_) return;
    const IdSet ids = host_.selection.get(SelectionLayer::Select, kind);
    const auto one = [&](std::size_t count) { return ids.size() == 1 && ids.ids().front() < count ? std::optional(ids.ids().front()) : std::nullopt; };
    if (kind == ElementKind::Topic)
        topic_ = one(run_->topics());
    else if (kind == ElementKind::Document)
        document_ = one(run_->documents());
    else if (kind == ElementKind::Word)
        word_ = one(run_->run.vocabulary.size());
    else
        return;
    Q_EMIT selectionChanged();
}

std::vector<CorpusEntry> Workspace::corpora() const {
    std::vector<CorpusEntry> found;
    for (const JobView& job : host_.jobs.jobs())
        if (job.kind == QLatin1String("topics.preprocess") && job.state == JobView::State::Done) found.push_back({job.folder, job.title});
    for (const DataEntry& data : host_.project.data(kCorpusRole))
        if (!data.missing) found.push_back({data.path, data.name});
    return found;
}

std::vector<RunEntry> Workspace::runs() const {
    std::vector<RunEntry> found;
    for (const RunEntry& entry : all_)
        if (!corpus_ || corpus_->owns(entry.record.value("corpus_hash", std::string())) || !entry.record.contains("corpus_hash")) found.push_back(entry);
    return found;
}

const RunEntry* Workspace::entry(const QString& folder) const {
    const auto found = std::find_if(all_.begin(), all_.end(), [&](const RunEntry& entry) { return entry.folder == folder; });
    return found == all_.end() ? nullptr : &*found;
}

void Workspace::addEntry(const QString& folder, const QString& title, const QString& job, double finished) {
    if (!isRunFolder(folder)) return;
    // A run that was resumed is another run: the time of its end is part of the key.
    const QString key = QStringLiteral("%1 %2").arg(folder).arg(finished, 0, 'f', 3);
    if (!records_.contains(key)) {
        auto record = io::readJson((folder + QStringLiteral("/metrics.json")).toStdString());
        records_[key] = record && record->is_object() ? std::move(*record) : nlohmann::json::object();
    }
    all_.push_back({folder, runTitle(records_[key], title), job, records_[key]});
}

void Workspace::refreshList() {
    all_.clear();
    for (const JobView& job : host_.jobs.jobs())
        if (makesRuns(job.kind) && job.state == JobView::State::Done) addEntry(job.folder, job.title, job.id, job.finished);
    for (const JobView& job : host_.jobs.jobs())
        if (job.kind == QLatin1String("topics.study") && job.state == JobView::State::Done) {
            const QDir runs(job.folder + QStringLiteral("/runs"));
            for (const QString& name : runs.entryList(QDir::Dirs | QDir::NoDotAndDotDot, QDir::Name)) addEntry(runs.filePath(name), name, job.id, job.finished);
        }
    for (const DataEntry& data : host_.project.data(kRunRole))
        if (!data.missing) addEntry(data.path, data.name, QString(), 0);
    Q_EMIT listChanged();
}

void Workspace::compute(std::function<std::function<void()>()> work) {
    start(*pool_, std::move(work));
}

void Workspace::computeSlowly(std::function<std::function<void()>()> work) {
    start(*slow_, std::move(work));
}

void Workspace::start(QThreadPool& pool, std::function<std::function<void()>()> work) {
    if (working_++ == 0) Q_EMIT busyChanged(true);
    pool.start([this, work = std::move(work)] {
        auto done = work();
        QMetaObject::invokeMethod(this, [this, done = std::move(done)] {
            if (--working_ == 0) Q_EMIT busyChanged(false);
            if (done) done();
        }, Qt::QueuedConnection);
    });
}

void Workspace::openCorpus(const QString& folder) {
    const QString path = QDir(folder).absolutePath();
    if (path == wantedCorpus_) return;
    wantedCorpus_ = path;
    compute([this, path, cache = lastRead_]() -> std::function<void()> {
        auto loaded = CorpusData::load(path);
        if (loaded) *cache = *loaded;
        return [this, path, loaded = std::move(loaded)] {
            if (path != wantedCorpus_) return;
            if (!loaded) {
                wantedCorpus_ = corpus_ ? corpus_->folder : QString();
                Q_EMIT failed(QString::fromStdString(loaded.error().text()));
                return;
            }
            corpus_ = *loaded;
            if (run_ && !corpus_->owns(run_->run.record.value("corpus_hash", std::string())) && wantedRun_ == run_->folder) closeRun();
            Q_EMIT corpusChanged();
            Q_EMIT listChanged();
        };
    });
}

void Workspace::openRun(const QString& folder) {
    const QString path = QDir(folder).absolutePath();
    if (path == wantedRun_) return;
    wantedRun_ = path;
    const RunEntry* known = entry(path);
    const QString title = known ? known->title : QFileInfo(path).fileName();
    compute([this, path, title, cache = lastRead_]() -> std::function<void()> {
        auto loaded = TopicData::load(path, title, *cache);
        return [this, path, loaded = std::move(loaded)] {
            if (path != wantedRun_) return;
            if (!loaded) {
                wantedRun_ = run_ ? run_->folder : QString();
                Q_EMIT failed(QString::fromStdString(loaded.error().text()));
                return;
            }
            takeRun(*loaded);
        };
    });
}

void Workspace::takeRun(std::shared_ptr<const TopicData> run) {
    run_ = std::move(run);
    host_.selection.clear(this);
    forgetSelection();
    std::vector<std::vector<std::uint32_t>> wordsOf;
    for (const auto& words : run_->words) wordsOf.emplace_back(words.begin(), words.begin() + static_cast<std::ptrdiff_t>(std::min(words.size(), kWordsOfTopic)));
    host_.selection.addRelation(Relation::fromIndex(ElementKind::Document, ElementKind::Topic, run_->hard));
    host_.selection.addRelation(Relation(ElementKind::Topic, ElementKind::Word, std::move(wordsOf)));
    Q_EMIT runChanged();
    Q_EMIT selectionChanged();
    if (!run_->note.isEmpty()) Q_EMIT said(run_->note);
}

void Workspace::closeRun() {
    wantedRun_.clear();
    if (!run_) return;
    run_.reset();
    forgetSelection();
    Q_EMIT runChanged();
}

Result<void> Workspace::adopt(const QString& folder) {
    const QString path = QDir(folder).absolutePath();
    if (isCorpusFolder(path)) {
        host_.project.addData(kCorpusRole, path);
        openCorpus(path);
        return {};
    }
    if (isRunFolder(path)) {
        host_.project.addData(kRunRole, path);
        openRun(path);
        return {};
    }
    return fail(ErrorCode::BadInput, fmt::format("{} is neither a corpus folder nor a topic run.", path.toStdString()), "Make a corpus with topics.preprocess, or bring a run in with topics.import.");
}

void Workspace::selectTopic(std::optional<std::uint32_t> topic) {
    if (topic == topic_) return;
    topic_ = topic;
    many_ = {};
    host_.selection.set(SelectionLayer::Select, ElementKind::Topic, topic ? IdSet({*topic}) : IdSet(), this);
    Q_EMIT selectionChanged();
}

void Workspace::selectDocument(std::optional<std::uint32_t> row) {
    if (row == document_) return;
    document_ = row;
    host_.selection.set(SelectionLayer::Select, ElementKind::Document, row ? IdSet({*row}) : IdSet(), this);
    Q_EMIT selectionChanged();
}

void Workspace::selectDocuments(const IdSet& rows) {
    many_ = rows.size() > 1 ? rows : IdSet();
    if (rows.size() == 1) document_ = rows.ids().front();
    host_.selection.set(SelectionLayer::Select, ElementKind::Document, rows, this);
    Q_EMIT selectionChanged();
}

void Workspace::selectWord(std::optional<std::uint32_t> word) {
    if (word == word_) return;
    word_ = word;
    host_.selection.set(SelectionLayer::Select, ElementKind::Word, word ? IdSet({*word}) : IdSet(), this);
    Q_EMIT selectionChanged();
}

void Workspace::hoverTopic(std::optional<std::uint32_t> topic) {
    host_.selection.set(SelectionLayer::Hover, ElementKind::Topic, topic ? IdSet({*topic}) : IdSet(), this);
    Q_EMIT hoverChanged(topic);
}

void Workspace::forgetSelection() {
    topic_ = document_ = word_ = std::nullopt;
    many_ = {};
    for (const ElementKind kind : {ElementKind::Topic, ElementKind::Document, ElementKind::Word}) host_.selection.set(SelectionLayer::Select, kind, {}, this);
}

}  // namespace driftscope::topics
