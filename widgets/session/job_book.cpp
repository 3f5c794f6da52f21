#include "widgets/session/job_book.h"

#include <QDir>
#include <QFile>
#include <QJsonArray>
#include <QRegularExpression>
#include <nlohmann/json.hpp>

#include "core/base/atomic_file.h"
#include "widgets/session/json_bridge.h"

namespace driftscope {
namespace {

using nlohmann::json;

const QRegularExpression& reference() {
    static const QRegularExpression pattern(QStringLiteral(R"(\$\{([^}]+)\})"));
    return pattern;
}

QString replaced(QString text, const QString& runsFolder) {
    return text.replace(reference(), runsFolder + QStringLiteral("/\\1"));
}

void collect(const QString& text, std::vector<QString>& ids) {
    for (auto match = reference().globalMatch(text); match.hasNext();) ids.push_back(match.next().captured(1));
}

json toJson(const JobNote& note) {
    json after = json::array();
    for (const QString& id : note.after) after.push_back(id.toStdString());
    return {{"id", note.id.toStdString()},     {"kind", note.kind.toStdString()}, {"title", note.title.toStdString()},
            {"params", fromQt(note.params)},   {"after", after},                  {"queued", note.queued},
            {"error", note.error.toStdString()}, {"created", note.created}};
}

JobNote fromJson(const json& in) {
    const auto text = [&](const char* key) { return QString::fromStdString(in.value(key, "")); };
    JobNote note{text("id"), text("kind"), text("title"), toQt(in.value("params", json::object())), {}, in.value("queued", false), text("error"), in.value("created", 0.0)};
    for (const json& id : in.value("after", json::array())) note.after.push_back(QString::fromStdString(id.get<std::string>()));
    return note;
}

std::filesystem::path notesFile(const QString& runsFolder) {
    return QFile::encodeName(notesFolder(runsFolder) + QStringLiteral("/notes.json")).toStdString();
}

}  // namespace

QString notesFolder(const QString& runsFolder) { return runsFolder + QStringLiteral("/.jobs"); }
QString configFile(const QString& runsFolder, const QString& id) { return notesFolder(runsFolder) + QLatin1Char('/') + id + QStringLiteral(".json"); }
QString outputFile(const QString& runsFolder, const QString& id) { return notesFolder(runsFolder) + QLatin1Char('/') + id + QStringLiteral(".txt"); }

Result<std::vector<JobNote>> readNotes(const QString& runsFolder) {
    std::vector<JobNote> notes;
    const auto file = notesFile(runsFolder);
    if (!std::filesystem::exists(file)) return notes;
    DS_ASSIGN(const std::string text, readFile(file));
    try {
        const json book = json::parse(text);
        for (const json& note : book.at("jobs")) notes.push_back(fromJson(note));
    } catch (const json::exception& error) {
        return fail(ErrorCode::BadInput, fmt::format("{} is damaged: {}.", file.string(), error.what()),
                    "Titles and waiting jobs of this project are lost; delete the file. Runs and their results are not affected.");
    }
    return notes;
}

Result<void> writeNotes(const QString& runsFolder, const std::vector<JobNote>& notes) {
    const auto file = notesFile(runsFolder);
    DS_TRY(makeFolder(file.parent_path()));
    json list = json::array();
    for (const JobNote& note : notes) list.push_back(toJson(note));
    return writeFileAtomically(file, json{{"jobs", list}}.dump(1) + "\n");
}

QJsonObject withRunFolders(const QJsonObject& params, const QString& runsFolder) {
    QJsonObject result = params;
    for (auto entry = result.begin(); entry != result.end(); ++entry) {
        if (entry->isString()) *entry = replaced(entry->toString(), runsFolder);
        if (!entry->isArray()) continue;
        QJsonArray list;
        for (const auto& element : entry->toArray())
            list.append(element.isString() ? QJsonValue(replaced(element.toString(), runsFolder)) : QJsonValue(element));
        *entry = list;
    }
    return result;
}

std::vector<QString> referencedRuns(const QJsonObject& params) {
    std::vector<QString> ids;
    for (const auto& value : params) {
        if (value.isString()) collect(value.toString(), ids);
        for (const auto& element : value.toArray()) collect(element.toString(), ids);
    }
    return ids;
}

}  // namespace driftscope
