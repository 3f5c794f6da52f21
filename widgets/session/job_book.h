#pragma once

#include <QJsonObject>
#include <QString>
#include <vector>

#include "core/base/error.h"

namespace driftscope {

/// What the GUI remembers about a run beyond its run folder: the title, what it waits for, and an error that struck before
/// the folder existed.
struct JobNote {
    QString id;
    QString kind;
    QString title;
    QJsonObject params;
    std::vector<QString> after;
    bool queued = false;
    QString error;
    double created = 0;  ///< seconds since the epoch
};

/// The notes of one runs folder, kept in runs/.jobs/notes.json, so that a queue survives the end of the GUI.
Result<std::vector<JobNote>> readNotes(const QString& runsFolder);
Result<void> writeNotes(const QString& runsFolder, const std::vector<JobNote>& notes);

/// Files beside the run folders: a run folder itself may hold nothing before the job prepares it.
QString notesFolder(const QString& runsFolder);
QString configFile(const QString& runsFolder, const QString& id);
QString outputFile(const QString& runsFolder, const QString& id);

/// Replaces "${ID}" in text parameters, also inside lists, by the path of run ID's folder.
QJsonObject withRunFolders(const QJsonObject& params, const QString& runsFolder);
/// The IDs that "${ID}" in the parameters name.
std::vector<QString> referencedRuns(const QJsonObject& params);

}  // namespace driftscope
