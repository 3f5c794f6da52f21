#include "widgets/session/project.h"

#include <QDir>
#include <QFileInfo>
#include <QJsonArray>
#include <QSet>
#include <algorithm>

#include "core/base/atomic_file.h"
#include "core/base/clock.h"
#include "core/base/process_lock.h"
#include "widgets/session/project_file.h"

namespace driftscope {
namespace {

const QString kData = QStringLiteral("data");
const QString kPanels = QStringLiteral("panels");
const QString kName = QStringLiteral("name");
const QString kId = QStringLiteral("id");
const QString kRole = QStringLiteral("role");
const QString kPath = QStringLiteral("path");
/// Where the data were when they were last found: helps when only the project folder moved.
const QString kSeen = QStringLiteral("lastSeen");

QString projectFile(const QString& folder) {
    return folder + QStringLiteral("/project.json");
}

Result<ProcessLock> lockFolder(const QString& folder) {
    return ProcessLock::take((folder + QStringLiteral("/project.lock")).toStdString(),
                             fmt::format("The project {}", folder.toStdString()));
}

QString absolute(const QString& path) {
    return QDir::cleanPath(QFileInfo(path).absoluteFilePath());
}

}  // namespace

struct Project::State {
    QString folder;
    ProcessLock lock;
    QJsonObject root;  ///< as in the file, with the fields that this version does not know
    std::vector<DataEntry> data;
    QStringList warnings;

    void readData();
    DataEntry entry(const QJsonObject& item) const;
    void place(const QString& id, const QString& path);
    QString freshId() const;
};

void Project::State::readData() {
    data.clear();
    warnings.clear();
    QSet<QString> ids;
    const QJsonArray items = root.value(kData).toArray();
    for (qsizetype i = 0; i < items.size(); ++i) {
        const DataEntry read = entry(items[i].toObject());
        if (read.id.isEmpty() || read.role.isEmpty() || read.path.isEmpty() || ids.contains(read.id)) {
            warnings << QStringLiteral(
                            "%1, data entry %2: needs an own id, a role and a path; it is left as it is and not shown.")
                            .arg(projectFile(folder))
                            .arg(i + 1);
            continue;
        }
        ids.insert(read.id);
        data.push_back(read);
    }
}

DataEntry Project::State::entry(const QJsonObject& item) const {
    DataEntry result;
    result.id = item.value(kId).toString();
    result.role = item.value(kRole).toString();
    result.name = item.value(kName).toString();
    if (const QString path = item.value(kPath).toString(); !path.isEmpty())
        result.path = projectfile::resolved(folder, path);
    result.missing = !QFileInfo::exists(result.path);
    const QString seen = item.value(kSeen).toString();
    if (result.missing && !seen.isEmpty() && QFileInfo::exists(seen)) {
        result.path = seen;
        result.missing = false;
    }
    return result;
}

void Project::State::place(const QString& id, const QString& path) {
    QJsonArray items = root.value(kData).toArray();
    for (auto item : items) {
        QJsonObject object = item.toObject();
        if (object.value(kId).toString() != id) continue;
        object.insert(kPath, projectfile::stored(folder, path));
        object.insert(kSeen, path);
        item = object;
    }
    root.insert(kData, items);
}

QString Project::State::freshId() const {
    QSet<QString> taken;
    for (const QJsonValue& item : root.value(kData).toArray()) taken.insert(item.toObject().value(kId).toString());
    for (int number = 1;; ++number)
        if (const QString id = QStringLiteral("data-%1").arg(number); !taken.contains(id)) return id;
}

Project::Project() : state_(std::make_unique<State>()) {}
Project::~Project() = default;

bool Project::isProject(const QString& path) {
    const QFileInfo info(path);
    return info.isDir() ? QFileInfo(projectFile(path)).isFile()
                        : info.isFile() && info.fileName() == QStringLiteral("project.json");
}

Result<std::unique_ptr<Project>> Project::create(const QString& folder, const QString& name) {
    std::unique_ptr<Project> project(new Project);
    State& state = *project->state_;
    state.folder = absolute(folder);
    if (isProject(state.folder))
        return fail(ErrorCode::BadInput, fmt::format("{} holds a project already.", state.folder.toStdString()),
                    "Open it, or choose another folder.");
    DS_TRY(makeFolder((state.folder + QStringLiteral("/runs")).toStdString()));
    DS_ASSIGN(state.lock, lockFolder(state.folder));
    state.root = {{kName, name.trimmed().isEmpty() ? QFileInfo(state.folder).fileName() : name.trimmed()},
                  {QStringLiteral("created"), QString::fromStdString(isoTime(now()))},
                  {kData, QJsonArray()},
                  {kPanels, QJsonObject()}};
    DS_TRY(projectfile::write(projectFile(state.folder), state.root));
    return project;
}

Result<std::unique_ptr<Project>> Project::open(const QString& folder) {
    std::unique_ptr<Project> project(new Project);
    State& state = *project->state_;
    const QFileInfo given(folder);
    state.folder =
        absolute(given.fileName() == QStringLiteral("project.json") && !given.isDir() ? given.absolutePath() : folder);
    if (!isProject(state.folder))
        return fail(ErrorCode::NotFound,
                    fmt::format("{} is not a Driftscope project: it has no project.json.", state.folder.toStdString()),
                    "Choose a project's folder, or make a new project.");
    DS_ASSIGN(state.root, projectfile::read(projectFile(state.folder)));
    DS_ASSIGN(state.lock, lockFolder(state.folder));
    // Again, now that nobody else can change it.
    DS_ASSIGN(state.root, projectfile::read(projectFile(state.folder)));
    DS_TRY(makeFolder((state.folder + QStringLiteral("/runs")).toStdString()));
    DS_TRY(projectfile::write(projectFile(state.folder) + QStringLiteral(".bak"), state.root));
    state.readData();
    return project;
}

QString Project::folder() const {
    return state_->folder;
}
QString Project::name() const {
    return state_->root.value(kName).toString(QFileInfo(state_->folder).fileName());
}
QString Project::runsFolder() const {
    return state_->folder + QStringLiteral("/runs");
}
QString Project::labelsFile() const {
    return state_->folder + QStringLiteral("/labels.sqlite");
}
QStringList Project::warnings() const {
    return state_->warnings;
}

void Project::setName(const QString& name) {
    if (name.trimmed().isEmpty() || name.trimmed() == this->name()) return;
    state_->root.insert(kName, name.trimmed());
    save();
    Q_EMIT nameChanged();
}

std::vector<DataEntry> Project::data() const {
    return state_->data;
}

std::vector<DataEntry> Project::data(const QString& role) const {
    std::vector<DataEntry> result;
    std::copy_if(state_->data.begin(), state_->data.end(), std::back_inserter(result),
                 [&](const DataEntry& entry) { return entry.role == role; });
    return result;
}

QString Project::addData(const QString& role, const QString& path, const QString& name) {
    const QString place = absolute(path);
    for (const DataEntry& entry : state_->data)
        if (entry.role == role && entry.path == place) return entry.id;
    const QString id = state_->freshId();
    QJsonArray items = state_->root.value(kData).toArray();
    items.append(QJsonObject{{kId, id},
                             {kRole, role},
                             {kName, name.isEmpty() ? QFileInfo(place).fileName() : name},
                             {kPath, projectfile::stored(state_->folder, place)},
                             {kSeen, place}});
    state_->root.insert(kData, items);
    state_->readData();
    save();
    Q_EMIT dataChanged();
    return id;
}

Result<void> Project::relocate(const QString& id, const QString& path) {
    const auto found =
        std::find_if(state_->data.begin(), state_->data.end(), [&](const DataEntry& e) { return e.id == id; });
    if (found == state_->data.end())
        return fail(ErrorCode::NotFound, fmt::format("The project has no data set \"{}\".", id.toStdString()), "");
    const QString to = absolute(path);
    if (!QFileInfo::exists(to))
        return fail(ErrorCode::NotFound, fmt::format("{} does not exist.", to.toStdString()),
                    "Choose where the data are now.");
    const QString from = found->path;
    for (const DataEntry& other : state_->data) {
        if (!other.missing || other.id == id) continue;
        const QString candidate = projectfile::movedAlong(other.path, from, to);
        if (!candidate.isEmpty() && QFileInfo::exists(candidate)) state_->place(other.id, candidate);
    }
    state_->place(id, to);
    state_->readData();
    save();
    Q_EMIT dataChanged();
    return {};
}

void Project::removeData(const QString& id) {
    QJsonArray kept;
    const QJsonArray items = state_->root.value(kData).toArray();
    for (const QJsonValue& item : items)
        if (item.toObject().value(kId).toString() != id) kept.append(item);
    if (kept.size() == items.size()) return;
    state_->root.insert(kData, kept);
    state_->readData();
    save();
    Q_EMIT dataChanged();
}

void Project::refreshData() {
    const std::vector<DataEntry> before = state_->data;
    state_->readData();
    const bool same =
        std::equal(before.begin(), before.end(), state_->data.begin(), state_->data.end(),
                   [](const DataEntry& a, const DataEntry& b) { return a.path == b.path && a.missing == b.missing; });
    if (!same) Q_EMIT dataChanged();
}

QJsonObject Project::panelState(const QString& panel) const {
    return state_->root.value(kPanels).toObject().value(panel).toObject();
}

void Project::setPanelState(const QString& panel, const QJsonObject& state) {
    if (state == panelState(panel)) return;
    QJsonObject panels = state_->root.value(kPanels).toObject();
    panels.insert(panel, state);
    state_->root.insert(kPanels, panels);
    save();
}

void Project::save() {
    if (auto written = projectfile::write(projectFile(state_->folder), state_->root); !written)
        Q_EMIT saveFailed(QString::fromStdString(written.error().text()));
}

}  // namespace driftscope
