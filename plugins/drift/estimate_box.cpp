#include "plugins/drift/estimate_box.h"

#include <QFile>
#include <QHBoxLayout>
#include <QLabel>
#include <QPushButton>
#include <cmath>
#include <numeric>

#include "plugins/drift/input_check.h"
#include "plugins/drift/methods.h"
#include "plugins/drift/run_catalog.h"
#include "plugins/drift/study_setup.h"
#include "widgets/jobs/job_text.h"
#include "widgets/session/json_bridge.h"

namespace driftscope::drift {
namespace {

constexpr int kPretrainTexts = 16000, kPretrainBatch = 32;

bool sameSize(const llm::ModelConfig& a, const llm::ModelConfig& b) {
    return a.family == b.family && a.hidden == b.hidden && a.ffn == b.ffn && a.layers == b.layers && a.heads == b.heads && std::abs(static_cast<double>(a.vocab - b.vocab)) < 0.2 * static_cast<double>(b.vocab);
}

std::optional<llm::ModelConfig> modelOf(const DriftRun& run) {
    const QString folder = run.stage == DriftRun::Stage::Pretrain ? run.folder + QStringLiteral("/model") : run.params[QStringLiteral("model")].toString();
    auto config = llm::ModelConfig::read(QFile::encodeName(folder).toStdString());
    return config ? std::optional(std::move(*config)) : std::nullopt;
}

}  // namespace

EstimateBox::EstimateBox(StudySetup& setup, InputCheck& check, RunCatalog& catalog, QWidget* parent)
    : QWidget(parent), setup_(setup), check_(check), catalog_(catalog), text_(new QLabel), measure_(new QPushButton(tr("Measure the time"))), command_(new QPushButton(tr("Copy the command"))), start_(new QPushButton(tr("Start the study"))) {
    text_->setWordWrap(true);
    text_->setTextInteractionFlags(Qt::TextSelectableByMouse);
    text_->setObjectName(QStringLiteral("driftEstimate"));
    measure_->setToolTip(tr("A short run of a few steps on this computer, which then stands in the list of runs"));
    command_->setToolTip(tr("The same study for a shell or a cluster"));
    start_->setObjectName(QStringLiteral("driftStart"));
    start_->setDefault(true);
    start_->setMinimumWidth(130);
    auto* row = new QHBoxLayout(this);
    row->setContentsMargins(10, 6, 10, 8);
    row->addWidget(text_, 1);
    for (QPushButton* button : {measure_, command_, start_}) row->addWidget(button, 0, Qt::AlignVCenter);
    connect(start_, &QPushButton::clicked, this, &EstimateBox::startRequested);
    connect(measure_, &QPushButton::clicked, this, &EstimateBox::measureRequested);
    connect(command_, &QPushButton::clicked, this, &EstimateBox::commandRequested);
    connect(&setup_, &StudySetup::changedAnything, this, &EstimateBox::refresh);
    connect(&check_, &InputCheck::checked, this, &EstimateBox::refresh);
    connect(&catalog_, &RunCatalog::listChanged, this, &EstimateBox::refresh);
    refresh();
}

QString EstimateBox::text() const { return text_->text(); }
bool EstimateBox::canStart() const { return start_->isEnabled(); }

void EstimateBox::setProblem(const QString& problem) {
    problem_ = problem;
    refresh();
}

void EstimateBox::refresh() {
    QString problem = problem_;
    const InputFacts& facts = check_.facts();
    const bool wantsHarm = std::any_of(setup_.methods().begin(), setup_.methods().end(), [](const QString& method) { return method.startsWith(QLatin1String("booster")) || method == QLatin1String("repnoise") || method == QLatin1String("t_vaccine"); });
    if (problem.isEmpty() && setup_.methods().isEmpty()) problem = tr("Choose at least one method.");
    if (problem.isEmpty() && setup_.ratios().empty()) problem = tr("Choose at least one poison ratio.");
    if (problem.isEmpty() && setup_.seeds().empty()) problem = tr("Choose at least one seed.");
    if (problem.isEmpty() && !facts.missing.isEmpty()) problem = tr("Still to be named: %1.").arg(QStringList(facts.missing).replaceInStrings(QStringLiteral("_"), QStringLiteral(" ")).join(QStringLiteral(", ")));
    if (problem.isEmpty() && facts.wrong()) problem = tr("A file cannot be used: see beside it what is wrong.");
    if (problem.isEmpty() && !setup_.demo() && wantsHarm && facts.rows.harmful == 0) problem = tr("Booster, RepNoise and T-Vaccine need harmful data: name them or leave these methods out.");
    const QString estimated = problem.isEmpty() ? estimate() : QString();
    start_->setEnabled(problem.isEmpty() && !check_.busy());
    measure_->setEnabled(start_->isEnabled());
    text_->setText(problem.isEmpty() ? estimated : problem);
}

llm::Pace EstimateBox::pace() const {
    llm::Pace pace;
    const auto& model = check_.facts().model;
    if (!model) return pace;
    for (const DriftRun& run : catalog_.runs()) {
        if (run.state != JobView::State::Done || (run.stage != DriftRun::Stage::Align && run.stage != DriftRun::Stage::Finetune)) continue;
        if (const auto config = modelOf(run); config && sameSize(*config, *model)) pace.learn(fromQt(run.result), run.finished - run.started);
    }
    return pace;
}

/// Seconds of the demo's own training, from the latest that was of this size; NaN when there was none.
double EstimateBox::pretraining() const {
    const QJsonObject inputs = setup_.inputs();
    const double epochs = inputs[QStringLiteral("pretrain_epochs")].toDouble(4);
    for (const DriftRun& run : catalog_.runs()) {
        if (run.stage != DriftRun::Stage::Pretrain || run.state != JobView::State::Done) continue;
        if (const auto config = modelOf(run); config && sameSize(*config, *check_.facts().model)) return run.result[QStringLiteral("seconds_per_step")].toDouble() * epochs * kPretrainTexts / kPretrainBatch;
    }
    return std::nan("");
}

QString EstimateBox::timeOf(const std::vector<llm::PlannedRun>& runs) {
    const llm::Pace known = pace();
    if (known.empty()) return tr("time not known: nothing of this size has run here");
    double seconds = 0;
    QStringList guessed;
    for (const llm::PlannedRun& run : runs) {
        bool measured = false;
        seconds += known.secondsOf(run, &measured);
        const QString name = QString::fromStdString(run.method);
        if (!measured && !guessed.contains(name)) guessed << name;
    }
    QString tail = tr("from %n finished run(s) of this size", nullptr, known.runs());
    if (!guessed.isEmpty()) tail += tr("; %1 by its published cost").arg(guessed.join(QStringLiteral(", ")));
    if (setup_.demo()) {
        const double base = pretraining();
        if (std::isfinite(base))
            seconds += base;
        else
            tail += tr("; the model's own training comes on top");
    }
    return tr("about <b>%1</b> (%2)").arg(jobs::durationText(seconds), tail);
}

QString EstimateBox::estimate() {
    std::vector<llm::Arm> arms;
    const auto settings = setup_.settings(&arms);
    const auto runs = settings ? llm::planRuns(arms, setup_.ratios(), setup_.seeds(), *settings, check_.facts().rows) : tl::unexpected(settings.error());
    if (!runs) return QStringLiteral("⚠ ") + QString::fromStdString(runs.error().text());
    const auto aligned = std::count_if(runs->begin(), runs->end(), [](const llm::PlannedRun& run) { return run.alignment; });
    const auto steps = std::accumulate(runs->begin(), runs->end(), std::int64_t{0}, [](std::int64_t sum, const llm::PlannedRun& run) { return sum + run.steps; });
    QString text = tr("<b>%1</b> alignments and <b>%2</b> fine-tunings, <b>%3</b> steps; %4").arg(aligned).arg(static_cast<qint64>(runs->size()) - aligned).arg(countText(steps), timeOf(*runs));
    if (check_.facts().model) {
        double most = 0;
        for (const llm::PlannedRun& run : *runs) most = std::max(most, llm::peakBytes(*check_.facts().model, check_.facts().parameters, {{"batch", run.batch}, {"max_length", run.length}}));
        text += tr("; roughly %1 of memory for one run").arg(bytesText(most));
    }
    text += QLatin1Char('.');
    if (setup_.methods().contains(QLatin1String("booster")) && !setup_.methods().contains(QLatin1String("sft:single"))) text += tr(" Booster needs <i>SFT, single LoRA</i> beside it to be compared with.");
    if (setup_.seeds().size() < 3) text += tr(" Fewer than three seeds do not tell an effect from chance.");
    return text;
}

}  // namespace driftscope::drift
