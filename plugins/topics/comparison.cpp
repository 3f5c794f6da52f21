#include "plugins/topics/comparison.h"

#include <QFileInfo>

#include "plugins/topics/run_cache.h"
#include "plugins/topics/workspace.h"

namespace driftscope::topics {
namespace {

driftscope::Result<std::shared_ptr<const Comparison::Result>> compare(RunCache& cache, const std::vector<std::pair<QString, QString>>& wanted, DistanceKind kind, bool paper) {
    auto out = std::make_shared<Comparison::Result>();
    std::vector<const TopicRun*> pointers;
    std::vector<TopicRun> copies;  // stability() takes runs by value
    for (const auto& [folder, title] : wanted) {
        DS_ASSIGN(const auto run, cache.read(folder));
        out->runs.push_back({folder, title, run, topWords(run->beta, kListedWords)});
        copies.push_back(*run);
    }
    for (const ComparedRun& run : out->runs) pointers.push_back(run.run.get());
    DS_ASSIGN(RunMatching matching, RunMatching::make(pointers, kind));
    out->matching = std::make_shared<const RunMatching>(std::move(matching));
    StabilitySettings settings;
    settings.distance = kind;
    settings.paper = paper;
    auto measured = stability(copies, settings);
    if (measured)
        out->stability = std::move(*measured);
    else
        out->note = QString::fromStdString(measured.error().text());
    return out;
}

void align(Comparison::Joined& joined, const std::vector<ComparedRun>& runs) {
    const DocumentList& documents = runs.front().run->documents;
    AlignmentSettings plain;
    plain.bootstrap = 0;
    plain.shuffles = 0;
    for (const LabelLevel& level : documents.levels) {
        Comparison::Joined::Level scores{level.name, {}, {}};
        for (const ComparedRun& run : runs) scores.members.push_back(driftscope::topics::align(hardAssignments(run.run->theta), run.run->topics(), level, plain).scores);
        scores.ensemble = driftscope::topics::align(hardAssignments(joined.ensemble.run.theta), joined.ensemble.topics.size(), level, plain).scores;
        joined.levels.push_back(std::move(scores));
    }
}

}  // namespace

Comparison::Comparison(Workspace& workspace, QObject* parent) : QObject(parent), workspace_(workspace) {}

void Comparison::setChosen(const QStringList& folders) {
    if (folders == chosen_) return;
    chosen_ = folders;
    request();
}

void Comparison::setKind(DistanceKind kind) {
    if (kind == kind_) return;
    kind_ = kind;
    request();
}

void Comparison::setPaper(bool paper) {
    if (paper == paper_) return;
    paper_ = paper;
    request();
}

void Comparison::request() {
    const std::uint64_t generation = ++generation_;
    joined_.reset();
    Q_EMIT joinedChanged();
    if (chosen_.size() < 2) {
        result_.reset();
        busy_ = false;
        Q_EMIT busyChanged(false);
        Q_EMIT changed();
        return;
    }
    busy_ = true;
    Q_EMIT busyChanged(true);
    std::vector<std::pair<QString, QString>> wanted;
    for (const QString& folder : chosen_) {
        const RunEntry* entry = workspace_.entry(folder);
        wanted.emplace_back(folder, entry ? entry->title : QFileInfo(folder).fileName());
    }
    workspace_.computeSlowly([this, generation, wanted, kind = kind_, paper = paper_, cache = workspace_.cache()]() -> std::function<void()> {
        auto result = compare(*cache, wanted, kind, paper);
        return [this, generation, result = std::move(result)] {
            if (generation != generation_) return;
            busy_ = false;
            result_ = result ? *result : nullptr;
            Q_EMIT busyChanged(false);
            if (!result) Q_EMIT failed(QString::fromStdString(result.error().text()));
            Q_EMIT changed();
        };
    });
}

void Comparison::join(const EnsembleSettings& settings) {
    const auto compared = result_;
    if (!compared) {
        Q_EMIT failed(tr("There is nothing to join: choose two runs or more."));
        return;
    }
    workspace_.computeSlowly([this, compared, settings, generation = generation_]() -> std::function<void()> {
        std::vector<TopicRun> runs;
        for (const ComparedRun& run : compared->runs) runs.push_back(*run.run);
        auto made = ensemble(runs, settings);
        std::shared_ptr<Joined> joined;
        if (made) {
            joined = std::make_shared<Joined>();
            joined->ensemble = std::move(*made);
            joined->settings = settings;
            align(*joined, compared->runs);
        }
        const QString problem = made ? QString() : QString::fromStdString(made.error().text());
        return [this, joined, problem, generation] {
            if (generation != generation_) return;
            joined_ = joined;
            if (!joined) Q_EMIT failed(problem);
            Q_EMIT joinedChanged();
        };
    });
}

}  // namespace driftscope::topics
