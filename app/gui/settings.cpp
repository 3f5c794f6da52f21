#include "app/gui/settings.h"

#include <QDateTime>
#include <QSettings>

namespace driftscope {
namespace {

const QString kTheme = QStringLiteral("theme");
const QString kAnnotator = QStringLiteral("annotator");
const QString kCache = QStringLiteral("cacheMegabytes");
const QString kThreads = QStringLiteral("threads");
const QString kLanes = QStringLiteral("jobsAtOnce");
const QString kRecent = QStringLiteral("recent");
const QString kGeometry = QStringLiteral("window/geometry");
const QString kState = QStringLiteral("window/state");
constexpr int kMostRecent = 12;
constexpr std::uint64_t kMegabyte = 1 << 20;

const QStringList& themeNames() {
    static const QStringList names{QStringLiteral("system"), QStringLiteral("light"), QStringLiteral("dark")};
    return names;
}

void writeRecent(QSettings& store, const std::vector<RecentProject>& projects) {
    store.remove(kRecent);
    store.beginWriteArray(kRecent, static_cast<int>(projects.size()));
    for (int i = 0; i < static_cast<int>(projects.size()); ++i) {
        store.setArrayIndex(i);
        store.setValue(QStringLiteral("folder"), projects[static_cast<std::size_t>(i)].folder);
        store.setValue(QStringLiteral("name"), projects[static_cast<std::size_t>(i)].name);
        store.setValue(QStringLiteral("opened"), projects[static_cast<std::size_t>(i)].opened);
    }
    store.endArray();
}

}  // namespace

Settings::Settings(const QString& folder)
    : store_(folder.isEmpty() ? std::make_unique<QSettings>(QSettings::IniFormat, QSettings::UserScope, QStringLiteral("Driftscope"), QStringLiteral("driftscope"))
                              : std::make_unique<QSettings>(folder + QStringLiteral("/driftscope.ini"), QSettings::IniFormat)) {}

Settings::~Settings() = default;

Theme Settings::theme() const { return static_cast<Theme>(std::max<qsizetype>(0, themeNames().indexOf(store_->value(kTheme).toString()))); }
void Settings::setTheme(Theme theme) { store_->setValue(kTheme, themeNames()[static_cast<int>(theme)]); }

QString Settings::annotator() const {
    const QString login = qEnvironmentVariable("USER", qEnvironmentVariable("LOGNAME", QStringLiteral("annotator")));
    const QString name = store_->value(kAnnotator).toString().trimmed();
    return name.isEmpty() ? login : name;
}
void Settings::setAnnotator(const QString& name) { store_->setValue(kAnnotator, name.trimmed()); }

std::uint64_t Settings::cacheBytes() const { return store_->value(kCache, 1024).toULongLong() * kMegabyte; }
void Settings::setCacheBytes(std::uint64_t bytes) { store_->setValue(kCache, static_cast<qulonglong>(bytes / kMegabyte)); }
int Settings::threads() const { return store_->value(kThreads, 0).toInt(); }
void Settings::setThreads(int threads) { store_->setValue(kThreads, threads); }
int Settings::lanes() const { return std::max(1, store_->value(kLanes, 1).toInt()); }
void Settings::setLanes(int lanes) { store_->setValue(kLanes, lanes); }

std::vector<RecentProject> Settings::recentProjects() const {
    std::vector<RecentProject> projects;
    const int count = store_->beginReadArray(kRecent);
    for (int i = 0; i < count; ++i) {
        store_->setArrayIndex(i);
        projects.push_back({store_->value(QStringLiteral("folder")).toString(), store_->value(QStringLiteral("name")).toString(), store_->value(QStringLiteral("opened")).toLongLong()});
    }
    store_->endArray();
    return projects;
}

void Settings::addRecentProject(const QString& folder, const QString& name) {
    auto projects = recentProjects();
    std::erase_if(projects, [&](const RecentProject& project) { return project.folder == folder; });
    projects.insert(projects.begin(), {folder, name, QDateTime::currentMSecsSinceEpoch()});
    if (projects.size() > kMostRecent) projects.resize(kMostRecent);
    writeRecent(*store_, projects);
}

void Settings::removeRecentProject(const QString& folder) {
    auto projects = recentProjects();
    std::erase_if(projects, [&](const RecentProject& project) { return project.folder == folder; });
    writeRecent(*store_, projects);
}

QByteArray Settings::windowGeometry() const { return store_->value(kGeometry).toByteArray(); }
QByteArray Settings::windowState() const { return store_->value(kState).toByteArray(); }

void Settings::setWindow(const QByteArray& geometry, const QByteArray& state) {
    store_->setValue(kGeometry, geometry);
    store_->setValue(kState, state);
}

}  // namespace driftscope
