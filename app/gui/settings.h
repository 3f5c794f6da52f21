#pragma once

#include <QString>
#include <QStringList>
#include <cstdint>
#include <memory>

#include "app/gui/theme.h"

class QSettings;

namespace driftscope {

/// A project opened before.
struct RecentProject {
    QString folder;
    QString name;
    qint64 opened = 0;  ///< milliseconds since the epoch
};

/// What a person chose for this program on this computer.
class Settings {
  public:
    /// Kept in `folder`, or in the usual place when empty.
    explicit Settings(const QString& folder = {});
    ~Settings();

    Theme theme() const;
    void setTheme(Theme theme);
    QString annotator() const;  ///< written into every label; the login name unless set
    void setAnnotator(const QString& name);
    std::uint64_t cacheBytes() const;  ///< memory for decoded images
    void setCacheBytes(std::uint64_t bytes);
    int threads() const;  ///< computing threads per job; 0: the job's choice
    void setThreads(int threads);
    int lanes() const;  ///< jobs at the same time
    void setLanes(int lanes);

    std::vector<RecentProject> recentProjects() const;  ///< newest first, at most 12
    void addRecentProject(const QString& folder, const QString& name);
    void removeRecentProject(const QString& folder);

    QByteArray windowGeometry() const;
    QByteArray windowState() const;
    void setWindow(const QByteArray& geometry, const QByteArray& state);

  private:
    std::unique_ptr<QSettings> store_;
};

}  // namespace driftscope
