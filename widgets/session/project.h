#pragma once

#include <QJsonObject>
#include <QObject>
#include <QString>
#include <memory>
#include <vector>

#include "core/base/error.h"

namespace driftscope {

/// A data set the project knows: a plate, a tracks plate, a table. Paths inside the project folder, or beside it, are kept
/// relative, so that the project can be moved.
struct DataEntry {
    QString id;
    QString role;   ///< "cells.images", "cells.tracks", "table"
    QString name;
    QString path;   ///< absolute, resolved
    bool missing = false;
};

/// A folder with project.json, labels.sqlite and runs/. project.json is written atomically at every change; fields of newer
/// versions are preserved.
class Project : public QObject {
    Q_OBJECT
  public:
    static Result<std::unique_ptr<Project>> create(const QString& folder, const QString& name);
    static Result<std::unique_ptr<Project>> open(const QString& folder);
    ~Project() override;

    QString folder() const;
    QString name() const;
    QString runsFolder() const;
    QString labelsFile() const;

    std::vector<DataEntry> data() const;
    std::vector<DataEntry> data(const QString& role) const;
    /// Returns the entry's id; an entry with the same role and path is not added twice.
    QString addData(const QString& role, const QString& path, const QString& name = {});
    Result<void> relocate(const QString& id, const QString& path);
    void removeData(const QString& id);

    QJsonObject panelState(const QString& panel) const;
    void setPanelState(const QString& panel, const QJsonObject& state);

  Q_SIGNALS:
    void dataChanged();
    void saveFailed(const QString& message);

  private:
    Project();
    struct State;
    std::unique_ptr<State> state_;
};

}  // namespace driftscope
