#include "plugins/drift/drift_run.h"

#include <QDir>
#include <QFileInfo>
#include <QJsonArray>
#include <QJsonDocument>
#include <QObject>
#include <QRegularExpression>

#include "core/io/json_access.h"
#include "core/job/run_folder.h"
#include "widgets/session/json_bridge.h"

namespace driftscope::drift {
namespace {

using nlohmann::json;
using Stage = DriftRun::Stage;

Stage stageOf(const QString& kind) {
    if (kind == QLatin1String("llm.study") || kind == QLatin1String("llm.demo")) return Stage::Study;
    if (kind == QLatin1String("llm.pretrain")) return Stage::Pretrain;
    if (kind == QLatin1String("llm.align")) return Stage::Align;
    if (kind == QLatin1String("llm.finetune")) return Stage::Finetune;
    if (kind == QLatin1String("llm.evaluate")) return Stage::Evaluate;
    if (kind == QLatin1String("llm.drift")) return Stage::Drift;
    return Stage::Other;
}

JobView::State stateOf(RunState state) {
    switch (state) {
        case RunState::Running: return JobView::State::Running;
        case RunState::Done: return JobView::State::Done;
        case RunState::Cancelled: return JobView::State::Cancelled;
        case RunState::Failed: break;
    }
    return JobView::State::Failed;
}

/// The method that the adapter a run stands on was aligned by, from the record beside it.
QString alignedBy(const QJsonObject& params) {
    const QJsonArray adapters = params[QStringLiteral("adapters")].toArray();
    if (adapters.isEmpty()) return {};
    QFile file(adapters.last().toString() + QStringLiteral("/driftscope.json"));
    if (!file.open(QIODevice::ReadOnly)) return {};
    return QJsonDocument::fromJson(file.readAll())[QStringLiteral("method")].toString();
}

/// A fine-tuning of its own is named after the defence, whichever stage that belongs to.
QString armOf(const DriftRun& run) {
    const QString own = run.params[QStringLiteral("method")].toString(QStringLiteral("sft"));
    if (run.stage != Stage::Finetune) return own;
    if (!run.study.isEmpty()) return armOfFolder(run.folder);
    const QString aligned = alignedBy(run.params);
    QString arm = own == QLatin1String("sft") && !aligned.isEmpty() ? aligned : own;
    const bool single = run.params[QStringLiteral("lora.mode")].toString() == QLatin1String("single");
    if (single != arm.startsWith(QLatin1String("booster"))) arm += single ? QStringLiteral(":single") : QStringLiteral(":double");
    return arm;
}

QString titleOf(const DriftRun& run) {
    const QString seed = run.seed < 0 ? QString() : QObject::tr(", seed %1").arg(run.seed);
    switch (run.stage) {
        case Stage::Pretrain: return QObject::tr("the model");
        case Stage::Align: return QObject::tr("%1%2").arg(run.method, seed);
        case Stage::Finetune: return QObject::tr("%1, p = %2%3").arg(run.method).arg(run.ratio.value_or(0)).arg(seed);
        default: return QFileInfo(run.folder).fileName();
    }
}

/// What follows from parameters and folder.
void describe(DriftRun& run) {
    run.stage = stageOf(run.kind);
    if (run.stage == Stage::Align || run.stage == Stage::Finetune) run.method = armOf(run);
    if (run.stage == Stage::Finetune) run.ratio = run.params[QStringLiteral("poison_ratio")].toDouble();
    if (run.trains()) run.seed = run.params[QStringLiteral("seed")].toInteger(-1);
    if (run.title.isEmpty()) run.title = titleOf(run);
}

QString errorOf(const json& status) {
    const json& error = io::objectMember(status, "error");
    QString text = QString::fromStdString(io::textMember(error, "message"));
    for (const json& line : io::arrayMember(error, "context"))
        if (line.is_string()) text += QLatin1Char('\n') + QString::fromStdString(line.get<std::string>());
    if (const std::string remedy = io::textMember(error, "remedy"); !remedy.empty()) text += QLatin1Char('\n') + QString::fromStdString(remedy);
    return text;
}

}  // namespace

bool DriftRun::isOurs(const QString& kind) {
    return stageOf(kind) != Stage::Other;
}

Result<DriftRun> DriftRun::read(const QString& folder, const QString& study) {
    DS_ASSIGN(const RunSummary summary, readRun(QFile::encodeName(folder).toStdString()));
    DriftRun run;
    run.folder = folder;
    run.study = study;
    run.kind = QString::fromStdString(io::textMember(summary.job, "kind"));
    if (!isOurs(run.kind))
        return fail(ErrorCode::BadInput, fmt::format("{} is a run of '{}', which has no place in this panel.", folder.toStdString(), run.kind.toStdString()), "Open the folder of llm.study, llm.demo, llm.align or llm.finetune.");
    run.params = toQt(io::objectMember(summary.job, "params"));
    run.result = toQt(io::objectMember(summary.status, "result"));
    run.state = stateOf(summary.state);
    run.error = errorOf(summary.status);
    run.started = io::numberMember(summary.status, "started", 0);
    run.finished = io::numberMember(summary.status, "finished", 0);
    describe(run);
    return run;
}

DriftRun DriftRun::of(const JobView& job) {
    DriftRun run;
    run.folder = QDir::cleanPath(job.folder);
    run.jobId = job.id;
    run.kind = job.kind;
    run.title = job.title;
    run.params = job.params;
    run.result = job.result;
    run.state = job.state;
    run.error = job.error;
    run.done = job.done, run.total = job.total, run.etaSeconds = job.etaSeconds, run.unit = job.stage;
    run.started = job.started, run.finished = job.finished;
    describe(run);
    return run;
}

std::vector<QString> innerFolders(const QString& study) {
    std::vector<QString> found;
    const auto take = [&](const QString& folder) {
        if (QFileInfo::exists(folder + QStringLiteral("/job.json"))) found.push_back(folder);
    };
    take(study + QStringLiteral("/base"));
    for (const char* stage : {"align", "finetune"}) {
        const QDir rooms(study + QLatin1Char('/') + QLatin1String(stage));
        for (const QString& name : rooms.entryList(QDir::Dirs | QDir::NoDotAndDotDot, QDir::Name)) take(rooms.filePath(name));
    }
    return found;
}

QString armOfFolder(const QString& folder) {
    static const QRegularExpression pattern(QStringLiteral("^(.+)-p[0-9.e+-]+-seed[0-9]+$"));
    const QString name = QFileInfo(folder).fileName();
    const auto match = pattern.match(name);
    QString arm = match.hasMatch() ? match.captured(1) : name;
    for (const char* mode : {"single", "double"})
        if (arm.endsWith(QLatin1Char('-') + QLatin1String(mode))) arm[arm.size() - 7] = QLatin1Char(':');
    return arm;
}

}  // namespace driftscope::drift
