#include "widgets/session/project_file.h"

#include <QDir>
#include <QFileInfo>
#include <QJsonDocument>

#include "core/base/atomic_file.h"

namespace driftscope::projectfile {
namespace {

constexpr int kFormat = 1;

std::string place(const QByteArray& text, qsizetype offset) {
    const QByteArray before = text.left(offset);
    return fmt::format("line {}, column {}", before.count('\n') + 1, offset - before.lastIndexOf('\n'));
}

tl::unexpected<Error> damaged(const QString& file, const std::string& what) {
    const QString backup = file + QStringLiteral(".bak");
    const std::string remedy =
        QFileInfo::exists(backup)
            ? fmt::format("Correct it in a text editor, or put {} in its place: that is how it was when last opened.",
                          backup.toStdString())
            : std::string("Correct it in a text editor.");
    return fail(ErrorCode::BadInput, fmt::format("The project file {} is damaged: {}.", file.toStdString(), what),
                remedy);
}

}  // namespace

Result<QJsonObject> read(const QString& file) {
    DS_ASSIGN(const std::string content, readFile(file.toStdString()));
    const QByteArray text = QByteArray::fromStdString(content);
    QJsonParseError problem;
    const QJsonDocument document = QJsonDocument::fromJson(text, &problem);
    if (problem.error != QJsonParseError::NoError)
        return damaged(file, fmt::format("{} at {}", problem.errorString().toStdString(), place(text, problem.offset)));
    if (!document.isObject()) return damaged(file, "it does not hold an object");
    const QJsonObject root = document.object();
    if (!root.value(QStringLiteral("format")).isDouble()) return damaged(file, "the number \"format\" is missing");
    const int format = root.value(QStringLiteral("format")).toInt();
    if (format > kFormat)
        return fail(ErrorCode::Unsupported,
                    fmt::format("{} was made by a newer Driftscope (format {}, this version reads up to {}).",
                                file.toStdString(), format, kFormat),
                    "Update Driftscope.");
    for (const auto& [field, isRight] :
         {std::pair("data", &QJsonValue::isArray), std::pair("panels", &QJsonValue::isObject)}) {
        const QJsonValue value = root.value(QLatin1String(field));
        if (!value.isUndefined() && !(value.*isRight)())
            return damaged(file, fmt::format("the field \"{}\" has the wrong type", field));
    }
    return root;
}

Result<void> write(const QString& file, const QJsonObject& root) {
    QJsonObject complete = root;
    complete.insert(QStringLiteral("format"), kFormat);
    complete.insert(QStringLiteral("driftscope"), QStringLiteral(DRIFTSCOPE_VERSION));
    return writeFileAtomically(file.toStdString(), QJsonDocument(complete).toJson().toStdString());
}

QString stored(const QString& folder, const QString& absolutePath) {
    const QString relative = QDir(folder).relativeFilePath(absolutePath);
    const bool near = !QDir::isAbsolutePath(relative) && !relative.startsWith(QStringLiteral("../../"));
    return near ? relative : absolutePath;
}

QString resolved(const QString& folder, const QString& storedPath) {
    return QDir::cleanPath(QDir(folder).absoluteFilePath(storedPath));
}

QString movedAlong(const QString& path, const QString& from, const QString& to) {
    qsizetype same = 0;  // length of the common end, in whole names
    for (qsizetype i = 1; i <= std::min(from.size(), to.size()) && from[from.size() - i] == to[to.size() - i]; ++i)
        if (from[from.size() - i] == QLatin1Char('/')) same = i;
    // Renamed itself: what lay in its folder may have gone with it.
    const auto start = [same](const QString& p) {
        return same > 0 ? p.left(p.size() - same) : p.left(p.lastIndexOf(QLatin1Char('/')));
    };
    const QString oldStart = start(from) + QLatin1Char('/');
    return path.startsWith(oldStart) ? start(to) + QLatin1Char('/') + path.mid(oldStart.size()) : QString();
}

}  // namespace driftscope::projectfile
