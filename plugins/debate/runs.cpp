#include "plugins/debate/runs.h"

#include <QCryptographicHash>
#include <QDir>
#include <QJsonDocument>
#include <QRegularExpression>

#include "core/base/atomic_file.h"
#include "core/debate/computation.h"
#include "plugins/api/panel_plugin.h"
#include "plugins/debate/setup_model.h"
#include "widgets/session/job_runner.h"
#include "widgets/session/json_bridge.h"
#include "widgets/session/project.h"

namespace driftscope::debate {
namespace {

/// "panel-of-nine"
QString slug(QString title) {
    title = title.toLower().replace(QRegularExpression(QStringLiteral("[^a-z0-9]+")), QStringLiteral("-"));
    while (title.startsWith(QLatin1Char('-'))) title.remove(0, 1);
    while (title.endsWith(QLatin1Char('-'))) title.chop(1);
    return title.isEmpty() ? QStringLiteral("computation") : title.left(40);
}

}  // namespace

Result<QString> computationParam(HostContext& host, const SetupModel& setup) {
    if (const QString example = setup.example(); !example.isEmpty()) return example;
    const QByteArray text = QJsonDocument(setup.computation()).toJson();
    const QString hash = QString::fromLatin1(QCryptographicHash::hash(text, QCryptographicHash::Sha256).toHex().left(8));
    const QString folder = host.project.folder() + QStringLiteral("/debate");
    QDir().mkpath(folder);
    const QString file = QStringLiteral("%1/%2-%3.json").arg(folder, slug(setup.title()), hash);
    DS_TRY(writeFileAtomically(file.toStdString(), text.toStdString()));
    return file;
}

Result<QString> startRun(HostContext& host, const SetupModel& setup, const std::string& kind, const QJsonObject& more, const QString& title) {
    QJsonObject params = setup.valuesFor(kind);
    DS_ASSIGN(params[QStringLiteral("computation")], computationParam(host, setup));
    for (auto it = more.begin(); it != more.end(); ++it) params[it.key()] = it.value();
    return host.jobs.start(QString::fromStdString(kind), params, title);
}

Result<void> adoptRun(const QJsonObject& runParams, SetupModel& setup) {
    const QString name = runParams[QStringLiteral("computation")].toString();
    QJsonObject computation = toQt(exampleComputations())[name].toObject();
    if (name == QLatin1String("majority"))
        computation = {{QStringLiteral("type"), name}, {QStringLiteral("votes"), runParams[QStringLiteral("votes")]}, {QStringLiteral("vote_probability"), runParams[QStringLiteral("vote_probability")]}};
    if (computation.isEmpty()) {
        DS_ASSIGN(const std::string text, readFile(name.toStdString()));
        computation = QJsonDocument::fromJson(QByteArray::fromStdString(text)).object();
        if (computation.isEmpty()) return fail(ErrorCode::BadInput, fmt::format("{} is no computation.", name.toStdString()), "The run can be looked at, but not played again.");
    }
    const QJsonObject before = setup.save();
    setup.restore({{QStringLiteral("computation"), computation}, {QStringLiteral("values"), runParams}, {QStringLiteral("people"), before[QStringLiteral("people")]}});
    return {};
}

Result<QJsonObject> readRunJson(const QString& folder, const QString& file) {
    const QString path = folder + QLatin1Char('/') + file;
    DS_ASSIGN(const std::string text, readFile(path.toStdString()));
    QJsonParseError problem{};
    const QJsonDocument document = QJsonDocument::fromJson(QByteArray::fromStdString(text), &problem);
    if (!document.isObject()) return fail(ErrorCode::BadInput, fmt::format("{} is damaged: {}.", path.toStdString(), problem.errorString().toStdString()), "Run the job again.");
    return document.object();
}

}  // namespace driftscope::debate
