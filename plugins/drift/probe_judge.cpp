#include "plugins/drift/probe_judge.h"

#include <QCryptographicHash>
#include <QDir>
#include <QFileInfo>
#include <set>

#include "core/base/atomic_file.h"
#include "core/io/csv.h"
#include "core/io/h5ad.h"
#include "plugins/drift/drift_labels.h"
#include "plugins/drift/inspect_model.h"
#include "widgets/session/job_runner.h"

namespace driftscope::drift {
namespace {

constexpr const char* kKind = "label.probe";

}  // namespace

ProbeJudge::ProbeJudge(InspectModel& model, DriftLabels& labels, JobRunner& jobs, QString folder, QObject* parent)
    : QObject(parent), model_(model), labels_(labels), jobs_(jobs), folder_(std::move(folder)) {
    connect(&jobs_, &JobRunner::jobFinished, this, [this](const QString& id) {
        const JobView* job = jobs_.find(id);
        if (job && job->kind == QLatin1String(kKind)) Q_EMIT changed();
    });
}

QString ProbeJudge::problem() const {
    const InspectedRun* run = model_.run();
    if (!run || !run->data()) return tr("The probe reads hidden states: measure drift first.");
    if (!labels_.schema()) return tr("There is no question to label with.");
    std::set<std::string> classes;
    for (const Label& label : labels_.labels(run->dataset())) classes.insert(label.label);
    return classes.size() < 2 ? tr("Label answers of at least two classes first (keys 1 to 3).") : QString();
}

QString ProbeJudge::marker() const {
    const InspectedRun* run = model_.run();
    return QString::fromStdString(fmt::format("{} {} {} {}", run->dataset(), labels_.schema()->name, model_.selection().point(), model_.selection().layer()));
}

Result<QString> ProbeJudge::writeTable() const {
    const InspectedRun& run = *model_.run();
    std::map<std::pair<std::string, std::int64_t>, std::string> given;
    for (const Label& label : labels_.labels(run.dataset())) given[{label.target.entity, label.target.step}] = label.label;
    std::vector<std::uint32_t> rows;
    for (const std::int64_t step : run.data()->table().steps())
        for (const std::uint32_t row : run.data()->rowsOf(model_.selection().point(), model_.selection().layer(), step)) rows.push_back(row);
    EmbeddingTable table(rows.size());
    DS_ASSIGN(table.x, run.data()->vectors(rows));
    std::vector<std::string> labels, names(rows.size(), run.dataset());
    std::vector<std::int64_t> samples, steps;
    for (const std::uint32_t row : rows) {
        const VectorRow one = run.data()->row(row);
        samples.push_back(one.sample);
        steps.push_back(one.step);
        const auto found = given.find({run.samples()[one.sample].key(), one.step});
        labels.push_back(found == given.end() ? std::string() : found->second);
    }
    // label.probe holds out groups by these columns: here all steps of one prompt together.
    DS_TRY(table.setColumn("fov_name", Categorical::fromTexts(names)));
    DS_TRY(table.setColumn("track_id", samples));
    DS_TRY(table.setColumn("t", steps));
    DS_TRY(table.setColumn(labels_.schema()->name, Categorical::fromTexts(labels)));
    table.uns = {{"drift_probe", {{"run", run.run().folder.toStdString()}, {"measurement", run.data()->folder().toStdString()}, {"point", model_.selection().point()}, {"layer", model_.selection().layer()}}}};
    const QByteArray hash = QCryptographicHash::hash(marker().toUtf8(), QCryptographicHash::Sha256).toHex().left(12);
    const QString file = folder_ + QStringLiteral("/probe-%1.h5ad").arg(QString::fromLatin1(hash));
    DS_TRY(makeFolder(folder_.toStdString()));
    DS_TRY(io::writeH5ad(file.toStdString(), table));
    return file;
}

Result<QString> ProbeJudge::train() {
    if (const QString why = problem(); !why.isEmpty()) return fail(ErrorCode::Usage, why.toStdString());
    DS_ASSIGN(const QString file, writeTable());
    return jobs_.start(QLatin1String(kKind), {{QStringLiteral("table"), file}, {QStringLiteral("column"), QString::fromStdString(labels_.schema()->name)}, {QStringLiteral("groups"), QStringLiteral("track")}},
                       tr("Probe judge of %1").arg(model_.run()->title()));
}

std::map<std::string, std::string> ProbeJudge::predictions() const {
    std::map<std::string, std::string> out;
    const InspectedRun* run = model_.run();
    if (!run || !run->data() || !labels_.schema()) return out;
    const QByteArray hash = QCryptographicHash::hash(marker().toUtf8(), QCryptographicHash::Sha256).toHex().left(12);
    const QString table = QStringLiteral("probe-%1.h5ad").arg(QString::fromLatin1(hash));
    for (const JobView& job : jobs_.jobs()) {  // newest first
        if (job.kind != QLatin1String(kKind) || job.state != JobView::State::Done || QFileInfo(job.params[QStringLiteral("table")].toString()).fileName() != table) continue;
        const auto csv = io::readCsv((job.folder + QStringLiteral("/predictions.csv")).toStdString());
        if (!csv) return out;
        const auto sample = csv->find("track_id"), step = csv->find("t"), said = csv->find("predicted_" + labels_.schema()->name);
        if (!sample || !step || !said) return out;
        for (const auto& row : csv->rows) {
            const auto index = wholeNumber(row[*sample]), when = wholeNumber(row[*step]);
            if (index && when == model_.selection().step() && *index >= 0 && *index < static_cast<std::int64_t>(run->samples().size())) out[run->samples()[static_cast<std::size_t>(*index)].key()] = row[*said];
        }
        return out;
    }
    return out;
}

}  // namespace driftscope::drift
