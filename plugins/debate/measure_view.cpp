#include "plugins/debate/measure_view.h"

#include <QCheckBox>
#include <QJsonArray>
#include <QLabel>
#include <QSpinBox>
#include <QSplitter>
#include <QVBoxLayout>
#include <cmath>
#include <limits>

#include "plugins/api/panel_plugin.h"
#include "plugins/debate/number_table.h"
#include "plugins/debate/run_bar.h"
#include "plugins/debate/runs.h"
#include "plugins/debate/sensitivity_view.h"
#include "plugins/debate/setup_model.h"
#include "plugins/debate/words.h"
#include "widgets/plot/scatter_plot.h"
#include "widgets/session/job_runner.h"
#include "widgets/style/palette.h"

namespace driftscope::debate {
namespace {

const std::string kKind = "debate.measure";

double numberAt(const QJsonObject& object, const char* name) {
    const QJsonValue value = object.value(QLatin1String(name));
    return value.isDouble() ? value.toDouble() : std::numeric_limits<double>::quiet_NaN();
}

double numberAt(const QJsonArray& array, int index) {
    return array.at(index).toDouble();
}

}  // namespace

HonestSide HonestSide::of(const QJsonObject& result, const QJsonObject& params) {
    HonestSide out;
    const QJsonObject bounds = result[QStringLiteral("bounds")].toObject();
    out.alice = numberAt(result[QStringLiteral("machine")].toObject(), "accept_probability") >= 0.5;
    const auto flip = [&](double p) { return out.alice ? p : 1 - p; };
    // No game was decided: the interval is everything.
    const QJsonArray everything{0.0, 1.0};
    const auto intervalAt = [&](const char* name) { return result[QLatin1String(name)].isArray() ? result[QLatin1String(name)].toArray() : everything; };
    const QJsonArray exactInterval = intervalAt("interval"), wilsonInterval = intervalAt("interval_wilson");
    out.measured = flip(numberAt(result, "win_probability"));
    out.low = flip(numberAt(exactInterval, out.alice ? 0 : 1));
    out.high = flip(numberAt(exactInterval, out.alice ? 1 : 0));
    out.wilsonLow = flip(numberAt(wilsonInterval, out.alice ? 0 : 1));
    out.wilsonHigh = flip(numberAt(wilsonInterval, out.alice ? 1 : 0));
    out.exact = flip(numberAt(result, "exact"));
    out.theorem = numberAt(bounds, "theorem");
    out.sharp = numberAt(bounds, out.alice ? "completeness" : "soundness");
    const QString strategy = params[out.alice ? QStringLiteral("alice") : QStringLiteral("bob")].toString(QStringLiteral("honest"));
    QStringList reasons;
    for (const auto& reason : result[QStringLiteral("outside_promise")].toArray()) reasons << reason.toString();
    if (strategy != QLatin1String("honest")) reasons << MeasureView::tr("%1 is right here, but does not play honestly.").arg(out.alice ? MeasureView::tr("Alice") : MeasureView::tr("Bob"));
    if (params[QStringLiteral("budget")].toDouble() > 0) reasons << MeasureView::tr("A budget may end games before they are decided.");
    out.covered = reasons.isEmpty() && bounds[QStringLiteral("valid")].toBool();
    out.why = reasons.join(QLatin1Char(' '));
    return out;
}

MeasureView::MeasureView(HostContext& host, SetupModel& setup, QWidget* parent)
    : QWidget(parent), host_(host), setup_(setup),
      runs_(new RunBar(host.jobs, QString::fromStdString(kKind), tr("Measure"), [this] {
          return startRun(host_, setup_, kKind, {{QStringLiteral("games"), games_->value()}, {QStringLiteral("sensitivity"), bent_->isChecked()}}, tr("%1, %2 games").arg(setup_.title(), countText(games_->value())));
      })),
      games_(new QSpinBox), summary_(new QLabel), plot_(new plot::ScatterPlot), table_(new NumberTable),
      bent_(new QCheckBox(tr("and what bends it"))), sensitivity_(new SensitivityView) {
    build();
    connect(runs_, &RunBar::resultChosen, this, &MeasureView::show);
    connect(runs_, &RunBar::failed, this, &MeasureView::failed);
    connect(&setup_, &SetupModel::changed, this, &MeasureView::setupChanged);
    setupChanged();
}

void MeasureView::build() {
    games_->setRange(1, 10'000'000);
    games_->setValue(10'000);
    games_->setSuffix(tr(" games"));
    games_->setGroupSeparatorShown(true);
    games_->setObjectName(QStringLiteral("debateGames"));
    games_->setAccessibleName(tr("Number of games"));
    games_->setToolTip(tr("The half width of the 95 % interval is at most 0.98 / sqrt(games): about 9,600 games for ±0.01"));
    runs_->addControl(games_);
    bent_->setToolTip(tr("Also measures the honest side with a wrong K, with a machine near 1/2, and with answers that depend on each other; takes some sixteen times as long"));
    runs_->addControl(bent_);
    runs_->offerAdoption();
    summary_->setWordWrap(true);
    summary_->setTextInteractionFlags(Qt::TextSelectableByMouse);
    summary_->setObjectName(QStringLiteral("debateMeasured"));
    plot_->setYAxis(tr("P(the side that is right wins)"));
    plot_->setXAxis(QString());
    plot_->setEmptyText(tr("Press Measure: the games run in the background, and the result appears here."));
    table_->setObjectName(QStringLiteral("debateMeasureTable"));
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(8, 8, 8, 6);
    layout->addWidget(runs_);
    layout->addWidget(summary_);
    auto* split = new QSplitter(Qt::Vertical);
    split->setChildrenCollapsible(false);
    split->addWidget(plot_);
    auto* lower = new QSplitter(Qt::Horizontal);
    lower->setChildrenCollapsible(false);
    lower->addWidget(table_);
    lower->addWidget(sensitivity_);
    lower->setSizes({480, 320});
    split->addWidget(lower);
    split->setStretchFactor(0, 1);
    split->setSizes({290, 260});
    layout->addWidget(split, 1);
    summary_->hide();
}

void MeasureView::setupChanged() {
    const bool can = setup_.isStochastic() && !setup_.isEmpty();
    runs_->setStartEnabled(can, can ? tr("Play many games with the present setup (as debate.measure)") : tr("Only the stochastic protocol leaves anything to measure: the others always end the same way."));
}

void MeasureView::show(const JobView& job) {
    params_ = job.params;
    result_ = job.result;
    const HonestSide side = HonestSide::of(result_, params_);
    const QString who = side.alice ? tr("Alice") : tr("Bob");
    summary_->setText(side.covered ? tr("<b>%1</b> is right, and won %2 of the games (95 % interval %3 to %4). The theorem promises at least %5.")
                                         .arg(who, probabilityText(side.measured), probabilityText(side.low), probabilityText(side.high), probabilityText(side.sharp))
                                   : tr("<b>%1</b> is right, and won %2 of the games (95 % interval %3 to %4). <b>Outside the promise</b>, so no bound is shown: %5")
                                         .arg(who, probabilityText(side.measured), probabilityText(side.low), probabilityText(side.high), side.why.toHtmlEscaped()));
    summary_->show();
    showPlot();
    showTable();
    sensitivity_->setStudy(result_[QStringLiteral("sensitivity")].toObject());
}

void MeasureView::showPlot() {
    const HonestSide side = HonestSide::of(result_, params_);
    const auto& colours = style::okabeIto();
    std::vector<plot::ScatterPlot::Series> series;
    series.push_back({tr("measured, Clopper–Pearson"), {0}, {side.measured}, {side.measured - side.low}, {side.high - side.measured}, {}, colours[0]});
    series.push_back({tr("measured, Wilson"), {1}, {side.measured}, {side.measured - side.wilsonLow}, {side.wilsonHigh - side.measured}, {}, colours[4]});
    if (std::isfinite(side.exact)) series.push_back({tr("exact"), {2}, {side.exact}, {}, {}, {}, colours[2]});
    const std::vector<double> across{-0.5, 2.5};
    if (side.covered) {
        series.push_back({tr("sharp bound"), across, {side.sharp, side.sharp}, {}, {}, {}, colours[3], true, false});
        series.push_back({tr("theorem, d"), across, {side.theorem, side.theorem}, {}, {}, {}, colours[1], true, false});
    }
    plot_->setSeries(std::move(series));
    plot_->setXNames({tr("Clopper–Pearson"), tr("Wilson"), tr("exact")});
}

void MeasureView::showTable() {
    const HonestSide side = HonestSide::of(result_, params_);
    const QJsonObject plan = result_[QStringLiteral("plan")].toObject(), machine = result_[QStringLiteral("machine")].toObject(), meters = result_[QStringLiteral("meters_total")].toObject();
    const double games = std::max(1.0, numberAt(result_, "games")), steps = numberAt(machine, "T"), k = numberAt(machine, "k_used");
    const auto perGame = [&](const char* name) { return numberText(numberAt(meters, name) / games); };
    const auto bound = [&](double value) { return side.covered && params_[QStringLiteral("parameters")].toString(QStringLiteral("lean")) == QLatin1String("lean") ? numberText(value) : QStringLiteral("–"); };
    const auto t = static_cast<std::int64_t>(steps);
    const QString none = QStringLiteral("–");
    table_->setRows({tr("per game"), tr("measured"), tr("exact or planned"), tr("bound of the theory")},
                    {{tr("P(%1 wins)").arg(side.alice ? tr("Alice") : tr("Bob")), QStringLiteral("%1 [%2, %3]").arg(probabilityText(side.measured), probabilityText(side.low), probabilityText(side.high)),
                      probabilityText(side.exact, 6), side.covered ? tr("≥ %1 (sharp), ≥ %2 (theorem)").arg(probabilityText(side.sharp), numberText(side.theorem)) : none},
                     {tr("Alice's judgements"), perGame("alice_queries"), tr("≤ %1").arg(numberText(numberAt(plan, "alice_samples") * steps)), bound(aliceBound(k, t))},
                     {tr("Bob's judgements"), perGame("bob_queries"), tr("≤ %1").arg(numberText(numberAt(plan, "bob_samples") * steps)), bound(bobBound(k, t))},
                     {tr("Vera's judgements"), perGame("vera_queries"), tr("≤ %1").arg(numberText(numberAt(plan, "vera_samples"))), bound(veraBound(k))},
                     {tr("Vera reads"), tr("%1 bits").arg(perGame("vera_bits_read")), none, none},
                     {tr("games challenged"), numberText(numberAt(result_, "challenged") / games), none, none},
                     {tr("steps"), perGame("steps"), tr("≤ %1").arg(numberText(steps)), none},
                     {tr("P(machine says yes)"), none, probabilityText(numberAt(machine, "accept_probability"), 6), none},
                     {tr("K"), tr("≥ %1 (sampled)").arg(numberText(numberAt(result_, "k_sampled"))), tr("%1 (first order)").arg(numberText(numberAt(machine, "k_first_order"))),
                      tr("≤ %1 (certified); used: %2").arg(numberText(numberAt(machine, "k_certified")), numberText(k))}});
}

}  // namespace driftscope::debate
