#pragma once

#include <QJsonObject>
#include <QObject>
#include <functional>
#include <map>
#include <memory>
#include <vector>

#include "core/table/selection.h"
#include "plugins/topics/topic_data.h"

class QThreadPool;

namespace driftscope {
struct HostContext;
struct JobView;
class JobRunner;
}  // namespace driftscope

namespace driftscope::topics {

class RunCache;

/// A topic run of the project, or one opened from elsewhere.
struct RunEntry {
    QString folder;
    QString title;
    QString job;             ///< id of the job that made it; empty for folders from elsewhere
    nlohmann::json record;   ///< metrics.json
    int k() const { return record.value("k", 0); }
    QString model() const { return QString::fromStdString(record.value("model", std::string())); }
    bool isEnsemble() const { return record.value("model", std::string()) == "ensemble"; }
};

/// A corpus of the project.
struct CorpusEntry {
    QString folder;
    QString title;
};

/// What the panel works on: one corpus, one of its runs, and what is selected in them. Files are read on a thread of their own.
class Workspace : public QObject {
    Q_OBJECT
  public:
    explicit Workspace(HostContext& host, QObject* parent = nullptr);
    ~Workspace() override;

    HostContext& host() const { return host_; }
    const std::shared_ptr<const CorpusData>& corpus() const { return corpus_; }
    const std::shared_ptr<const TopicData>& run() const { return run_; }
    bool busy() const { return working_ > 0; }

    /// Corpora and runs of the project; runs of the corpus that is open (of any while none is), newest first.
    std::vector<CorpusEntry> corpora() const;
    std::vector<RunEntry> runs() const;
    const RunEntry* entry(const QString& folder) const;
    const std::shared_ptr<RunCache>& cache() const { return cache_; }  ///< for work on other threads

    /// Opens in the background; corpusChanged() or runChanged() tell when, failed() why not.
    void openCorpus(const QString& folder);
    void openRun(const QString& folder);
    void closeRun();
    /// What is being opened, or is open: for saved state.
    QString wantedCorpus() const { return wantedCorpus_; }
    QString wantedRun() const { return wantedRun_; }

    /// What is looked at: one topic, one document, one word, each on its own, so that reading documents does not change the
    /// topic they are read for. Told to the shared selection, and taken from it when others speak.
    std::optional<std::uint32_t> topic() const { return topic_; }
    std::optional<std::uint32_t> document() const { return document_; }
    std::optional<std::uint32_t> word() const { return word_; }
    void selectTopic(std::optional<std::uint32_t> topic);
    void selectDocument(std::optional<std::uint32_t> row);
    void selectWord(std::optional<std::uint32_t> word);
    void hoverTopic(std::optional<std::uint32_t> topic);
    /// Several documents chosen at once, in a map or by a lasso; empty otherwise.
    const IdSet& manyDocuments() const { return many_; }
    void selectDocuments(const IdSet& rows);

    /// Runs `work` on the worker thread, then `done` here, unless the workspace is gone by then.
    void compute(std::function<std::function<void()>()> work);
    /// The same on a second thread, for what may take long: nothing that is opened waits for it.
    void computeSlowly(std::function<std::function<void()>()> work);
    /// Keeps the project's list of runs and corpora from elsewhere.
    Result<void> adopt(const QString& folder);

  Q_SIGNALS:
    void corpusChanged();
    void runChanged();
    void listChanged();
    void busyChanged(bool busy);
    void selectionChanged();  ///< topic, document or word
    void hoverChanged(std::optional<std::uint32_t> topic);
    void failed(const QString& text);
    void said(const QString& text);

  private:
    void hear(ElementKind kind);
    void forgetSelection();
    void start(QThreadPool& pool, std::function<std::function<void()>()> work);
    void refreshList();
    void addEntry(const QString& folder, const QString& title, const QString& job, double finished);
    void takeRun(std::shared_ptr<const TopicData> run);
    void link();

    HostContext& host_;
    QThreadPool *pool_, *slow_;
    int working_ = 0;
    QString wantedCorpus_, wantedRun_;
    std::shared_ptr<const CorpusData> corpus_;
    std::shared_ptr<const TopicData> run_;
    std::shared_ptr<std::shared_ptr<const CorpusData>> lastRead_;  ///< of the worker thread alone
    std::shared_ptr<RunCache> cache_;
    std::optional<std::uint32_t> topic_, document_, word_;
    IdSet many_;
    std::vector<RunEntry> all_;
    std::map<QString, nlohmann::json> records_;  ///< by folder
};

/// "BBC_News: lda, 50 topics, seed 3"
QString runTitle(const nlohmann::json& record, const QString& otherwise);

}  // namespace driftscope::topics
