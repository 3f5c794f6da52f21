#pragma once

#include <QJsonObject>
#include <QObject>
#include <QString>
#include <QStringList>
#include <memory>
#include <vector>

#include "core/base/error.h"

namespace driftscope {

/// A data set the project knows: a plate, a tracks plate, a table. Paths inside the project folder, or beside it, are
/// kept relative, so that the project can be moved.
struct DataEntry {
    QString id;
    QString role;  ///< "cells.images", "cells.tracks", "table"
    QString name;
    QString path;  ///< absolute, resolved
    bool missing = false;
};

/// A folder with project.json, labels.sqlite and runs/. project.json is written atomically at every change; fields of
/// newer versions are preserved. One process may have a project open; the lock of a dead process does not count.
class Project : public QObject {
    Q_OBJECT
  public:
    /// Makes the folder when absent. An empty name becomes the folder's. Errors: a project is there already, not
    /// writable.
    static Result<std::unique_ptr<Project>> create(const QString& folder, const QString& name);
    /// Opens a project's folder, or its project.json. Errors: no project there, open elsewhere (with the process),
    /// damaged (with line and column), made by a newer version. Missing data is not an error: see DataEntry::missing.
    static Result<std::unique_ptr<Project>> open(const QString& folder);
    /// Whether the folder (or file) is a project.
    static bool isProject(const QString& path);
    ~Project() override;

    QString folder() const;
    QString name() const;
    void setName(const QString& name);
    QString runsFolder() const;
    QString labelsFile() const;
    /// What could not be understood in project.json and was left as it is; empty when all is well.
    QStringList warnings() const;

    std::vector<DataEntry> data() const;
    std::vector<DataEntry> data(const QString& role) const;
    /// Returns the entry's id; an entry with the same role and path is not added twice.
    QString addData(const QString& role, const QString& path, const QString& name = {});
    /// Says where a data set is now. Other missing ones that moved along with it (the same folders apart from the
    /// start) are found too. Errors: unknown id, nothing at that path.
    Result<void> relocate(const QString& id, const QString& path);
    void removeData(const QString& id);
    /// Looks again which data are there, for example after a disk was plugged in.
    void refreshData();

    QJsonObject panelState(const QString& panel) const;
    void setPanelState(const QString& panel, const QJsonObject& state);

  Q_SIGNALS:
    void dataChanged();
    void nameChanged();
    /// A change is in memory but not on disk.
    void saveFailed(const QString& message);

  private:
    Project();
    void save();
    struct State;
    std::unique_ptr<State> state_;
};

}  // namespace driftscope
