#include "plugins/drift/curve_cache.h"

#include <algorithm>

#include "plugins/drift/methods.h"
#include "plugins/drift/run_catalog.h"

namespace driftscope::drift {

CurveCache::CurveCache(RunCatalog& catalog, QObject* parent) : QObject(parent), catalog_(catalog) {
    connect(&catalog_, &RunCatalog::metricsChanged, this, [this](const QStringList& folders) {
        for (const QString& folder : folders) known_.erase(folder);
        Q_EMIT changed(folders);
    });
}

const std::map<std::string, llm::Course>& CurveCache::courses(const QString& folder) {
    const auto [found, fresh] = known_.try_emplace(folder);
    if (fresh)
        for (const MetricPoint& point : catalog_.metrics(folder)) found->second[point.name.toStdString()][point.step] = point.value;
    return found->second;
}

const llm::Course& CurveCache::course(const QString& folder, const std::string& metric) {
    static const llm::Course none;
    const auto& all = courses(folder);
    const auto found = all.find(metric);
    return found == all.end() ? none : found->second;
}

std::vector<DriftRun> companions(const RunCatalog& catalog, const QString& chosen) {
    const DriftRun* run = catalog.find(chosen);
    if (!run) return {};
    std::vector<DriftRun> all = run->isStudy() ? catalog.inside(run->folder) : catalog.inside(run->study);
    std::erase_if(all, [](const DriftRun& one) { return !one.trains(); });
    return all;
}

std::vector<QString> methodsOf(const std::vector<DriftRun>& runs, DriftRun::Stage stage) {
    std::vector<QString> found;
    const auto add = [&](const QString& method) {
        const bool has = std::any_of(runs.begin(), runs.end(), [&](const DriftRun& run) { return run.stage == stage && run.method == method; });
        if (has && std::find(found.begin(), found.end(), method) == found.end()) found.push_back(method);
    };
    for (const MethodWord& word : methodWords()) add(word.id);
    for (const DriftRun& run : runs) add(run.method);
    return found;
}

std::vector<double> ratiosOf(const std::vector<DriftRun>& runs) {
    std::vector<double> ratios;
    for (const DriftRun& run : runs)
        if (run.ratio) ratios.push_back(*run.ratio);
    std::sort(ratios.begin(), ratios.end());
    ratios.erase(std::unique(ratios.begin(), ratios.end()), ratios.end());
    return ratios;
}

}  // namespace driftscope::drift
