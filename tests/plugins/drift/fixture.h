#pragma once

#include <QDir>
#include <QDirIterator>
#include <QFile>
#include <QTemporaryDir>

#include "plugins/drift/drift_run.h"

namespace driftscope::drift {

/// Copies tests/data/llm/drift_panel into a folder, with the folder's own path in its records: four fine-tunings of a small
/// demo (sft and lisa, poison 0 and 0.1) and measurements of the two poisoned ones.
inline void copyFixture(const QString& to) {
    const QDir from(QStringLiteral(DRIFTSCOPE_TEST_DATA "/llm/drift_panel"));
    QDirIterator files(from.path(), QDir::Files, QDirIterator::Subdirectories);
    while (files.hasNext()) {
        QFile file(files.next());
        const QString target = to + QLatin1Char('/') + from.relativeFilePath(file.fileName());
        QDir().mkpath(QFileInfo(target).path());
        if (!file.open(QIODevice::ReadOnly)) qFatal("the fixture cannot be read");
        QByteArray content = file.readAll();
        if (!target.endsWith(QLatin1String(".h5ad"))) content.replace("@RUNS@", to.toUtf8());
        QFile copy(target);
        if (!copy.open(QIODevice::WriteOnly) || copy.write(content) != content.size()) qFatal("the fixture cannot be copied");
    }
}

/// The fixture in a folder of its own.
struct Fixture {
    QTemporaryDir folder;
    Fixture() { copyFixture(folder.path()); }
    QString path(const char* inside) const { return folder.filePath(QLatin1String(inside)); }
    DriftRun run(const char* name) const { return DriftRun::read(folder.filePath(QStringLiteral("demo/finetune/") + QLatin1String(name)), folder.filePath(QStringLiteral("demo"))).value(); }
};

}  // namespace driftscope::drift
