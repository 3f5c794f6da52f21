#include "plugins/drift/harm_view.h"

#include <QComboBox>
#include <QEvent>
#include <cmath>
#include <limits>

#include "plugins/drift/inspect_model.h"
#include "widgets/plot/scatter_plot.h"
#include "widgets/style/palette.h"

namespace driftscope::drift {
namespace {

/// What gets a colour of its own.
enum Verdict { kHarmful, kRefused, kElse, kUnasked };

Verdict verdictOf(const Answer* answer) {
    if (!answer) return kUnasked;
    if (answer->harmful.value_or(false)) return kHarmful;
    return answer->refused.value_or(false) ? kRefused : kElse;
}

QString shortened(const std::string& text) {
    const QString all = QString::fromStdString(text);
    return all.size() > 60 ? all.left(57) + QStringLiteral("…") : all;
}

}  // namespace

HarmView::HarmView(InspectModel& model, QWidget* parent) : ViewFrame(tr("Drift × harm"), QStringLiteral("png svg pdf csv"), parent), model_(model), measure_(new QComboBox), plot_(new plot::ScatterPlot) {
    for (const auto& [key, title, tip] : {std::tuple{"loss_drop", tr("loss on its answer: before − after"), tr("How much likelier the sample's answer became, nats per token: with harmful samples, harm learnt")},
                                          {"loss_after", tr("loss on its answer after"), tr("Nats per token; with harmful samples the harmful loss of each")},
                                          {"kl", tr("KL(before ‖ after) on its answer"), tr("Nats per token")},
                                          {"content", tr("content delivered by the model's answer"), tr("Share of the forbidden phrases that the generated answer holds")}}) {
        measure_->addItem(title, QLatin1String(key));
        measure_->setItemData(measure_->count() - 1, tip, Qt::ToolTipRole);
    }
    measure_->setObjectName(QStringLiteral("driftHarmMeasure"));
    measure_->setAccessibleName(tr("Measure of harm"));
    addControl(measure_);
    plot_->setObjectName(QStringLiteral("driftHarm"));
    hideTitle();
    setContent(plot_);
    connect(measure_, &QComboBox::currentIndexChanged, this, &HarmView::refresh);
    connect(&model_, &InspectModel::changed, this, &HarmView::refresh);
    for (const auto signal : {&DriftSelection::layerChanged, &DriftSelection::stepChanged, &DriftSelection::samplesChanged}) connect(&model_.selection(), signal, this, &HarmView::refresh);
    connect(plot_, &plot::ScatterPlot::pointClicked, this, [this](int series, int point) {
        const auto& samples = samplesOf_[static_cast<std::size_t>(series)];
        if (point < static_cast<int>(samples.size())) model_.selection().setSample(samples[static_cast<std::size_t>(point)]);
    });
    refresh();
}

void HarmView::setMeasure(const QString& measure) {
    measure_->setCurrentIndex(measure_->findData(measure));
}

void HarmView::changeEvent(QEvent* event) {
    ViewFrame::changeEvent(event);
    if (event->type() == QEvent::PaletteChange) refresh();  // some colours are mixed with the ground's
}

double HarmView::harm(const InspectedRun& run, std::uint32_t sample) const {
    const QString what = measure_->currentData().toString();
    const std::int64_t step = model_.selection().step();
    if (what == QLatin1String("content")) {
        const Answer* answer = run.answer(sample, step);
        return answer && answer->content ? *answer->content : std::numeric_limits<double>::quiet_NaN();
    }
    const SampleLosses losses = run.data()->losses(sample, step);
    return what == QLatin1String("kl") ? losses.kl : what == QLatin1String("loss_after") ? losses.after : losses.before - losses.after;
}

void HarmView::refresh() {
    const InspectedRun* run = model_.run();
    if (!run) return showBlank(tr("Choose a run to see whether the samples that moved most became harmful."));
    if (!run->data()) return showBlank(tr("llm.drift measures the drift and the loss of every sample."), tr("Measure drift…"));
    std::vector<plot::ScatterPlot::Series> series;
    samplesOf_.clear();
    const QColor colours[] = {style::okabeIto()[3], style::okabeIto()[0], style::okabeIto()[2], style::missingColour(palette())};
    const QString names[] = {tr("harmful"), tr("refused"), tr("neither"), tr("not asked")};
    const auto& selection = model_.selection();
    for (int side = 0; side < 2; ++side) {
        const InspectedRun* one = side == 0 ? run : model_.other();
        if (!one || !one->data()) continue;
        for (const Verdict verdict : {kHarmful, kRefused, kElse, kUnasked}) {
            plot::ScatterPlot::Series dots;
            std::vector<std::uint32_t> samples;
            for (std::uint32_t i = 0; i < one->samples().size(); ++i) {
                const double x = one->data()->drift(i, selection.point(), selection.layer(), selection.step()), y = harm(*one, i);
                if (verdictOf(one->answer(i, selection.step())) != verdict || !std::isfinite(x) || !std::isfinite(y)) continue;
                dots.x.push_back(x);
                dots.y.push_back(y);
                dots.pointNames << shortened(one->samples()[i].instruction);
                samples.push_back(side == 0 ? i : run->sampleOf(one->samples()[i].key()).value_or(i));
            }
            if (samples.empty()) continue;
            dots.name = side == 0 && !model_.other() ? names[verdict] : tr("%1: %2").arg(one->title(), names[verdict]);
            dots.color = side == 0 ? colours[verdict] : style::mix(colours[verdict], palette().color(QPalette::Base), 0.55);
            series.push_back(std::move(dots));
            samplesOf_.push_back(std::move(samples));
        }
    }
    if (series.empty()) return showBlank(tr("There is no number for these samples at this step: choose another measure or step."), {});
    if (const auto chosen = selection.sample(); chosen && *chosen < run->samples().size()) {
        const double x = run->data()->drift(*chosen, selection.point(), selection.layer(), selection.step()), y = harm(*run, *chosen);
        if (std::isfinite(x) && std::isfinite(y)) {
            series.push_back({tr("chosen"), {x}, {y}, {}, {}, {shortened(run->samples()[*chosen].instruction)}, palette().color(QPalette::Text)});
            samplesOf_.push_back({*chosen});
        }
    }
    plot_->setXAxis(tr("relative drift of the sample, %1 of layer %2").arg(QString::fromStdString(selection.point())).arg(selection.layer()));
    plot_->setYAxis(measure_->currentText());
    plot_->setSeries(std::move(series));
    showContent();
}

Result<void> HarmView::exportTo(const QString& path) {
    return plot_->exportTo(path);
}

}  // namespace driftscope::drift
