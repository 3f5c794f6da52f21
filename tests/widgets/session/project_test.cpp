#include "widgets/session/project.h"

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <QDir>
#include <QFile>
#include <QJsonArray>
#include <QJsonDocument>
#include <QSignalSpy>
#include <QTemporaryDir>
#include <QTest>

using namespace driftscope;

class ProjectTest : public QObject {
    Q_OBJECT

    QTemporaryDir folder_;
    int number_ = 0;

    QString fresh() {
        const QString path = folder_.filePath(QStringLiteral("case %1 ä").arg(number_++));
        QDir().mkpath(path);
        return path;
    }
    static void writeText(const QString& path, const QByteArray& text) {
        QDir().mkpath(QFileInfo(path).absolutePath());
        QFile file(path);
        QVERIFY(file.open(QIODevice::WriteOnly));
        file.write(text);
    }
    static QJsonObject fileOf(const QString& project) {
        QFile file(project + QStringLiteral("/project.json"));
        return file.open(QIODevice::ReadOnly) ? QJsonDocument::fromJson(file.readAll()).object() : QJsonObject();
    }
    static QString problem(const Result<std::unique_ptr<Project>>& opened) {
        return opened ? QStringLiteral("opened") : QString::fromStdString(opened.error().text());
    }

  private Q_SLOTS:
    void keepsDataAndPanelStateOverReopening() {
        const QString place = fresh() + QStringLiteral("/infection");
        writeText(place + QStringLiteral("/data/plate.zarr/.zattrs"), "{}");
        QString id;
        {
            auto project = Project::create(place, {}).value();
            QCOMPARE(project->name(), QStringLiteral("infection"));
            QVERIFY(QFileInfo(project->runsFolder()).isDir());
            QSignalSpy changed(project.get(), &Project::dataChanged);
            id = project->addData(QStringLiteral("cells.images"), place + QStringLiteral("/data/plate.zarr"));
            QCOMPARE(
                project->addData(QStringLiteral("cells.images"), place + QStringLiteral("/data/../data/plate.zarr/")),
                id);
            QCOMPARE(changed.count(), 1);
            project->setPanelState(QStringLiteral("cells"), {{QStringLiteral("frame"), 7}});
            project->setName(QStringLiteral("Infection, March"));
        }
        QCOMPARE(fileOf(place)[QStringLiteral("data")][0][QStringLiteral("path")].toString(),
                 QStringLiteral("data/plate.zarr"));
        auto project = Project::open(place + QStringLiteral("/project.json")).value();
        QCOMPARE(project->name(), QStringLiteral("Infection, March"));
        QCOMPARE(project->data(QStringLiteral("cells.images")).size(), 1u);
        QVERIFY(project->data(QStringLiteral("cells.tracks")).empty());
        const DataEntry entry = project->data()[0];
        QCOMPARE(entry.id, id);
        QCOMPARE(entry.name, QStringLiteral("plate.zarr"));
        QCOMPARE(entry.path, place + QStringLiteral("/data/plate.zarr"));
        QVERIFY(!entry.missing);
        QCOMPARE(project->panelState(QStringLiteral("cells"))[QStringLiteral("frame")].toInt(), 7);
        project->removeData(id);
        QVERIFY(project->data().empty());
    }

    void aMovedProjectFindsItsDataInsideBesideAndWhereTheyWere() {
        const QString root = fresh();
        for (const char* path : {"/old/p/in/a.tif", "/old/beside/b.tif", "/elsewhere/deep/c.tif"})
            writeText(root + QLatin1String(path), "x");
        {
            auto project = Project::create(root + QStringLiteral("/old/p"), {}).value();
            project->addData(QStringLiteral("table"), root + QStringLiteral("/old/p/in/a.tif"));
            project->addData(QStringLiteral("table"), root + QStringLiteral("/old/beside/b.tif"));
            project->addData(QStringLiteral("table"), root + QStringLiteral("/elsewhere/deep/c.tif"));
        }
        QVERIFY(QDir().rename(root + QStringLiteral("/old"), root + QStringLiteral("/new")));
        {
            auto project = Project::open(root + QStringLiteral("/new/p")).value();
            for (const DataEntry& entry : project->data()) QVERIFY2(!entry.missing, qPrintable(entry.path));
            QCOMPARE(project->data()[1].path, root + QStringLiteral("/new/beside/b.tif"));
        }
        // The project alone moves on: what lay beside it is found where it was last seen.
        QVERIFY(QDir().rename(root + QStringLiteral("/new/p"), root + QStringLiteral("/elsewhere/p")));
        auto project = Project::open(root + QStringLiteral("/elsewhere/p")).value();
        QVERIFY(!project->data()[0].missing);
        QCOMPARE(project->data()[1].missing, true);  // last seen under the name "old", which is gone
        QVERIFY(!project->data()[2].missing);
    }

    void relocatingOneFindsTheOthersThatMovedAlong() {
        const QString root = fresh();
        for (const char* name : {"images.zarr", "tracks.zarr"})
            writeText(root + QStringLiteral("/disk1/x/plates/%1/.zattrs").arg(QLatin1String(name)), "{}");
        writeText(root + QStringLiteral("/other/y/z.csv"), "a");
        auto project = Project::create(root + QStringLiteral("/a/b/p"), {}).value();
        const QString images =
            project->addData(QStringLiteral("cells.images"), root + QStringLiteral("/disk1/x/plates/images.zarr"));
        project->addData(QStringLiteral("cells.tracks"), root + QStringLiteral("/disk1/x/plates/tracks.zarr"));
        project->addData(QStringLiteral("table"), root + QStringLiteral("/other/y/z.csv"));
        QVERIFY(QDir().rename(root + QStringLiteral("/disk1"), root + QStringLiteral("/disk2")));
        QVERIFY(QDir().rename(root + QStringLiteral("/other"), root + QStringLiteral("/gone")));
        QSignalSpy changed(project.get(), &Project::dataChanged);
        project->refreshData();
        QCOMPARE(changed.count(), 1);
        for (const DataEntry& entry : project->data()) QVERIFY(entry.missing);
        QVERIFY(!project->relocate(images, root + QStringLiteral("/nowhere")));
        QVERIFY(!project->relocate(QStringLiteral("data-99"), root));
        QVERIFY(project->relocate(images, root + QStringLiteral("/disk2/x/plates/images.zarr")));
        QVERIFY(!project->data()[0].missing);
        QCOMPARE(project->data()[1].path, root + QStringLiteral("/disk2/x/plates/tracks.zarr"));
        QVERIFY(!project->data()[1].missing);
        QVERIFY(project->data()[2].missing);
    }

    void fieldsOfNewerVersionsSurvive() {
        const QString place = fresh();
        writeText(
            place + QStringLiteral("/project.json"),
            R"({"format":1,"name":"n","colour":"teal","data":[{"id":"q","role":"table","path":"t.csv","note":"mine"},{"odd":1}],)"
            R"("panels":{"later":{"x":1}}})");
        {
            auto project = Project::open(place).value();
            QCOMPARE(project->data().size(), 1u);
            QCOMPARE(project->warnings().size(), 1);
            QVERIFY(project->warnings()[0].contains(QStringLiteral("data entry 2")));
            project->setPanelState(QStringLiteral("cells"), {{QStringLiteral("a"), 1}});
            writeText(place + QStringLiteral("/u.csv"), "x");
            QVERIFY(project->relocate(QStringLiteral("q"), place + QStringLiteral("/u.csv")));
        }
        const QJsonObject root = fileOf(place);
        QCOMPARE(root[QStringLiteral("colour")].toString(), QStringLiteral("teal"));
        QCOMPARE(root[QStringLiteral("data")][0][QStringLiteral("note")].toString(), QStringLiteral("mine"));
        QCOMPARE(root[QStringLiteral("data")][0][QStringLiteral("path")].toString(), QStringLiteral("u.csv"));
        QCOMPARE(root[QStringLiteral("data")][1][QStringLiteral("odd")].toInt(), 1);
        QCOMPARE(root[QStringLiteral("panels")][QStringLiteral("later")][QStringLiteral("x")].toInt(), 1);
    }

    void damagedAndNewerFilesAreRefusedWithTheirPlace() {
        const QString place = fresh();
        Project::create(place, QStringLiteral("n")).value().reset();
        Project::open(place).value().reset();
        writeText(place + QStringLiteral("/project.json"), "{\n  \"format\": 1,\n  \"name\": oops\n}\n");
        const QString text = problem(Project::open(place));
        QVERIFY2(text.contains(QStringLiteral("line 3, column 11")), qPrintable(text));
        QVERIFY2(text.contains(QStringLiteral("project.json.bak")), qPrintable(text));
        writeText(place + QStringLiteral("/project.json"), R"({"format":2})");
        QVERIFY(problem(Project::open(place)).contains(QStringLiteral("newer Driftscope")));
        writeText(place + QStringLiteral("/project.json"), R"({"format":1,"data":{}})");
        QVERIFY(problem(Project::open(place)).contains(QStringLiteral("\"data\"")));
        writeText(place + QStringLiteral("/project.json"), "[]");
        QVERIFY(problem(Project::open(place)).contains(QStringLiteral("object")));
        QVERIFY(QFile::remove(place + QStringLiteral("/project.json")));
        QVERIFY(problem(Project::open(place)).contains(QStringLiteral("no project.json")));
    }

    void oneProcessAtATime() {
        const QString place = fresh();
        auto project = Project::create(place, {}).value();
        const QString text = problem(Project::open(place));
        QVERIFY2(text.contains(QStringLiteral("in use by process %1").arg(::getpid())), qPrintable(text));
        QVERIFY(problem(Project::create(place, {})).contains(QStringLiteral("already")));
        project.reset();
        // A process that is killed while it holds the project does not block it.
        const pid_t child = ::fork();
        if (child == 0) {
            auto held = Project::open(place);
            ::kill(::getpid(), held ? SIGKILL : SIGTERM);
        }
        int status = 0;
        ::waitpid(child, &status, 0);
        QCOMPARE(WTERMSIG(status), SIGKILL);
        QVERIFY(Project::open(place));
    }

    void aChangeThatCannotBeWrittenIsReported() {
        if (::geteuid() == 0) {
            // root may write everywhere: take the folder away instead
            const QString place = fresh() + QStringLiteral("/p");
            auto project = Project::create(place, {}).value();
            QSignalSpy failed(project.get(), &Project::saveFailed);
            QVERIFY(QDir(place).removeRecursively());
            project->setName(QStringLiteral("new"));
            QCOMPARE(failed.count(), 1);
            QVERIFY(failed[0][0].toString().contains(QStringLiteral("project.json")));
            return;
        }
        const QString place = fresh();
        auto project = Project::create(place, {}).value();
        QSignalSpy failed(project.get(), &Project::saveFailed);
        QFile::setPermissions(place, QFile::ReadOwner | QFile::ExeOwner);
        project->setName(QStringLiteral("new"));
        QFile::setPermissions(place, QFile::ReadOwner | QFile::WriteOwner | QFile::ExeOwner);
        QCOMPARE(failed.count(), 1);
    }
};

QTEST_GUILESS_MAIN(ProjectTest)
#include "project_test.moc"
