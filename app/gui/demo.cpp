#include "app/gui/demo.h"

#include <QAction>
#include <QDir>
#include <QFile>
#include <QJsonDocument>
#include <QPixmap>
#include <algorithm>

#include "app/gui/main_window.h"
#include "app/gui/report.h"
#include "core/base/atomic_file.h"
#include "plugins/api/panel_plugin.h"
#include "widgets/session/job_runner.h"
#include "widgets/session/project.h"

namespace driftscope {
namespace {

constexpr int kTickMs = 200;
constexpr int kPreparationSeconds = 1800;

Result<QJsonObject> readObject(const QString& file) {
    DS_ASSIGN(const std::string text, readFile(file.toStdString()));
    const QJsonDocument document = QJsonDocument::fromJson(QByteArray::fromStdString(text));
    if (!document.isObject()) return fail(ErrorCode::BadInput, fmt::format("{} is not a JSON object.", file.toStdString()), "Install Driftscope again.");
    return document.object();
}

Result<void> copyFolder(const QString& from, const QString& to) {
    if (!QDir().mkpath(to)) return fail(ErrorCode::Io, fmt::format("Cannot make the folder {}.", to.toStdString()), "Check its permissions and the disk.");
    for (const QFileInfo& file : QDir(from).entryInfoList(QDir::Files)) {
        const QString target = to + QLatin1Char('/') + file.fileName();
        if (!QFile::exists(target) && !QFile::copy(file.filePath(), target))
            return fail(ErrorCode::Io, fmt::format("Cannot copy {} to {}.", file.filePath().toStdString(), target.toStdString()), "Check permissions and free space.");
    }
    return {};
}

QString seconds(double value) {
    return QStringLiteral("%1 s").arg(value, 0, 'f', 1);
}

}  // namespace

Result<DemoProject> makeDemoProject(const QString& resources, const QString& name, const QString& folder) {
    const QString source = resources + QStringLiteral("/demo/") + name;
    DS_ASSIGN(const QJsonObject demo, readObject(source + QStringLiteral("/demo.json")));
    const QString data = folder + QStringLiteral("/data/") + demo[QStringLiteral("name")].toString();
    if (!QFile::exists(folder + QStringLiteral("/project.json"))) {
        DS_ASSIGN(const auto project, Project::create(folder, demo[QStringLiteral("title")].toString()));
    }
    DS_TRY(copyFolder(source + QLatin1Char('/') + demo[QStringLiteral("images")].toString(), data));
    for (const char* file : {"LICENSE.md", "PROVENANCE.md"}) QFile::copy(source + QLatin1Char('/') + QLatin1String(file), folder + QStringLiteral("/data/") + QLatin1String(file));
    DemoProject out{folder, demo, demo[QStringLiteral("panel")].toString()};
    out.request[QStringLiteral("images")] = data;
    const QString labels = source + QLatin1Char('/') + demo[QStringLiteral("labels")].toString();
    out.request[QStringLiteral("labels")] = QFile::exists(labels) ? labels : QString();
    out.request[QStringLiteral("prepare")] = true;
    return out;
}

DemoTour::DemoTour(MainWindow& window, DemoProject project, QString reportFolder, QObject* parent)
    : QObject(parent), window_(window), project_(std::move(project)), folder_(std::move(reportFolder)) {
    timer_.setInterval(kTickMs);
    connect(&timer_, &QTimer::timeout, this, &DemoTour::tick);
}

void DemoTour::start() {
    if (!QDir().mkpath(folder_)) {
        Q_EMIT finished(false, tr("Cannot make the report folder %1.").arg(folder_));
        return;
    }
    plan();
    timer_.start();
}

QJsonObject DemoTour::panelState() const {
    Panel* panel = window_.panel(project_.panel);
    return panel ? panel->saveState() : QJsonObject();
}

QString DemoTour::stage() const {
    return panelState()[QStringLiteral("stage")].toString();
}

void DemoTour::shoot(const QString& file, const QString& caption) {
    window_.grab().save(folder_ + QLatin1Char('/') + file);
    pictures_.emplace_back(file, caption);
}

void DemoTour::trigger(const QString& action) {
    Panel* panel = window_.panel(project_.panel);
    if (!panel) return;
    for (QAction* candidate : panel->actions())
        if (candidate->objectName() == action) candidate->trigger();
}

void DemoTour::plan() {
    const auto always = [] { return true; };
    steps_.push_back({tr("start page"), always, [this] { shoot(QStringLiteral("start.png"), tr("The start page")); }, 30});
    planPreparation();
    planViews();
    planLabels();
    steps_.push_back({tr("report"), always, [] {}, 5});
}

void DemoTour::planPreparation() {
    const auto always = [] { return true; };
    steps_.push_back({tr("open the project"), always,
                      [this] {
                          window_.openProject(project_.folder);
                          window_.openPanel(project_.panel);
                      },
                      30});
    steps_.push_back({tr("empty panel"), [this] { return window_.panel(project_.panel) != nullptr; },
                      [this] {
                          shoot(QStringLiteral("empty.png"), tr("The Cells panel before any data"));
                          const auto restored = window_.panel(project_.panel)->restoreState(project_.request);
                          if (!restored) Q_EMIT finished(false, QString::fromStdString(restored.error().text()));
                      },
                      60});
    steps_.push_back({tr("training"), [this] { return panelState()[QStringLiteral("step")].toString() == QLatin1String("cells.train") || stage() == QLatin1String("ready"); },
                      [this] { shoot(QStringLiteral("loading.png"), tr("Preparing: segmented, linked, training")); }, kPreparationSeconds});
    steps_.push_back({tr("the map"), [this] { return stage() == QLatin1String("ready"); }, [] {}, kPreparationSeconds});
}

void DemoTour::planViews() {
    const auto ready = [this] { return panelState()[QStringLiteral("idle")].toBool(); };
    steps_.push_back({tr("demo"), ready, [this] { shoot(QStringLiteral("demo.png"), tr("Image, map and film strip on the same cells")); trigger(QStringLiteral("cells.colour.frame")); }, 60});
    steps_.push_back({tr("coloured by frame"), ready, [this] { shoot(QStringLiteral("frames.png"), tr("The map coloured by frame")); trigger(QStringLiteral("cells.view3d")); }, 60});
    steps_.push_back({tr("3-D"), ready, [this] { shoot(QStringLiteral("three-d.png"), tr("The first three principal components")); trigger(QStringLiteral("cells.view2d")); trigger(QStringLiteral("cells.colour.state")); }, 60});
}

void DemoTour::planLabels() {
    const auto ready = [this] { return panelState()[QStringLiteral("idle")].toBool(); };
    steps_.push_back({tr("import labels"), ready, [this] { trigger(QStringLiteral("cells.import-demo-labels")); }, 30});
    steps_.push_back({tr("labelling"), [this, ready] { return ready() && panelState()[QStringLiteral("labelled")].toInt() > 0; },
                      [this] { shoot(QStringLiteral("labelling.png"), tr("Labels (solid) and what the probe predicts from them (pale)")); trigger(QStringLiteral("cells.evaluate")); }, 60});
    steps_.push_back({tr("evaluation"), [this] { return !panelState()[QStringLiteral("evaluation")].toObject().isEmpty() || panelState()[QStringLiteral("labelled")].toInt() == 0; },
                      [this] { window_.setTheme(QStringLiteral("dark")); }, 120});
    steps_.push_back({tr("dark"), ready, [this] { shoot(QStringLiteral("dark.png"), tr("The dark theme")); window_.setTheme(QStringLiteral("light")); window_.resize(1366, 768); }, 30});
    steps_.push_back({tr("small screen"), ready, [this] { shoot(QStringLiteral("small.png"), tr("1366 x 768")); trigger(QStringLiteral("cells.gallery")); }, 30});
    steps_.push_back({tr("gallery"), ready, [this] { shoot(QStringLiteral("gallery.png"), tr("The gallery of predictions, surest first")); }, 30});
}

void DemoTour::tick() {
    if (next_ >= steps_.size()) {
        timer_.stop();
        const bool ok = writeReport();
        Q_EMIT finished(ok, ok ? folder_ + QStringLiteral("/report.html") : tr("The report could not be written."));
        return;
    }
    Step& step = steps_[next_];
    waited_ += kTickMs * 1e-3;
    const QString failure = panelState()[QStringLiteral("failure")].toString();
    if (!failure.isEmpty() || waited_ > step.timeoutSeconds) {
        timer_.stop();
        shoot(QStringLiteral("failed.png"), step.what);
        Q_EMIT finished(false, failure.isEmpty() ? tr("The step '%1' did not happen within %2 s.").arg(step.what).arg(step.timeoutSeconds) : failure);
        return;
    }
    if (waited_ < 0.4 || !step.ready()) return;  // one settled repaint before every picture
    waited_ = 0;
    ++next_;
    step.act();
}

bool DemoTour::writeReport() {
    Report report(project_.request[QStringLiteral("title")].toString());
    report.section(tr("Data"), tr("Mitocheck movie, EMBL CBA / NEUBIAS training resources, CC BY 4.0."));
    std::vector<std::pair<QString, QString>> numbers;
    JobRunner* jobs = window_.jobs();
    for (const JobView& job : jobs->jobs()) {
        numbers.emplace_back(job.title, tr("%1, %2").arg(job.kind, seconds(job.finished - job.started)));
        for (auto value = job.result.begin(); value != job.result.end(); ++value)
            if (value->isDouble()) numbers.emplace_back(QStringLiteral("   ") + value.key(), QString::number(value->toDouble(), 'g', 5));
    }
    report.section(tr("Jobs and their numbers"));
    report.table(numbers);
    for (const JobView& job : jobs->jobs()) {
        if (job.kind != QLatin1String("cells.train")) continue;
        Report::Series train{tr("training"), {}}, validation{tr("validation"), {}};
        for (const MetricPoint& point : jobs->metrics(job.id)) {
            if (point.name == QLatin1String("loss/train")) train.points.emplace_back(point.step, point.value);
            if (point.name == QLatin1String("loss/validation")) validation.points.emplace_back(point.step, point.value);
        }
        report.section(tr("Loss of %1").arg(job.title));
        report.curves(tr("step"), tr("loss"), {train, validation});
        break;
    }
    const QJsonObject evaluation = panelState()[QStringLiteral("evaluation")].toObject();
    if (!evaluation.isEmpty()) {
        report.section(tr("The probe on tracks it has not seen"), evaluation[QStringLiteral("summary")].toString());
    }
    report.section(tr("The window"));
    for (const auto& [file, caption] : pictures_) report.picture(file, caption);
    return report.write(folder_).has_value();
}

}  // namespace driftscope
