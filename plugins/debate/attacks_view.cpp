#include "plugins/debate/attacks_view.h"

#include <QJsonArray>
#include <QLabel>
#include <QSpinBox>
#include <QSplitter>
#include <QVBoxLayout>

#include "plugins/api/panel_plugin.h"
#include "plugins/debate/number_table.h"
#include "plugins/debate/run_bar.h"
#include "plugins/debate/runs.h"
#include "plugins/debate/setup_model.h"
#include "plugins/debate/words.h"
#include "widgets/plot/scatter_plot.h"
#include "widgets/session/job_runner.h"
#include "widgets/style/palette.h"

namespace driftscope::debate {
namespace {

const std::string kKind = "debate.compare";

/// "Alice: Constant bias"
QString pairTitle(const QJsonObject& row) {
    const QString alice = row[QStringLiteral("alice")].toString(), bob = row[QStringLiteral("bob")].toString(), honest = QStringLiteral("honest");
    if (alice == honest && bob == honest) return AttacksView::tr("Both honest");
    return alice != honest ? AttacksView::tr("Alice: %1").arg(aliceWording(alice).title) : AttacksView::tr("Bob: %1").arg(bobWording(bob).title);
}

}  // namespace

AttacksView::AttacksView(HostContext& host, SetupModel& setup, QWidget* parent)
    : QWidget(parent), host_(host), setup_(setup), runs_(new RunBar(host.jobs, QString::fromStdString(kKind), tr("Compare attacks"), [this] {
          return startRun(host_, setup_, kKind, {{QStringLiteral("games"), games_->value()}}, tr("%1, every attack").arg(setup_.title()));
      })),
      games_(new QSpinBox), plot_(new plot::ScatterPlot), table_(new NumberTable) {
    build();
    connect(runs_, &RunBar::resultChosen, this, &AttacksView::show);
    connect(runs_, &RunBar::failed, this, &AttacksView::failed);
    connect(&setup_, &SetupModel::changed, this, &AttacksView::setupChanged);
    connect(table_, &QTableWidget::cellDoubleClicked, this, [this](int row) {
        const QJsonObject pair = result_[QStringLiteral("rows")].toArray().at(row).toObject();
        Q_EMIT pairChosen(pair[QStringLiteral("alice")].toString(), pair[QStringLiteral("bob")].toString());
    });
    setupChanged();
}

void AttacksView::build() {
    games_->setRange(1, 1'000'000);
    games_->setValue(2000);
    games_->setSuffix(tr(" games each"));
    games_->setGroupSeparatorShown(true);
    games_->setAccessibleName(tr("Games for each pair"));
    runs_->addControl(games_);
    runs_->offerAdoption();
    plot_->setYAxis(tr("P(Alice wins)"));
    plot_->setXAxis(QString());
    plot_->setEmptyText(tr("Press Compare attacks: every way to cheat against an honest opponent, with intervals."));
    table_->setToolTip(tr("Double-click a row to play it"));
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(8, 8, 8, 6);
    layout->addWidget(runs_);
    auto* split = new QSplitter(Qt::Vertical);
    split->setChildrenCollapsible(false);
    split->addWidget(plot_);
    split->addWidget(table_);
    split->setSizes({320, 240});
    layout->addWidget(split, 1);
}

void AttacksView::setupChanged() {
    const bool can = setup_.isStochastic() && !setup_.isEmpty();
    runs_->setStartEnabled(can, can ? tr("Play every attack against an honest opponent (as debate.compare)") : tr("The attacks are those of the stochastic protocol."));
}

void AttacksView::show(const JobView& job) {
    result_ = job.result;
    showAttacks();
    showTable();
}

void AttacksView::showAttacks() {
    const auto& colours = style::okabeIto();
    plot::ScatterPlot::Series measured{tr("measured"), {}, {}, {}, {}, {}, colours[0]}, exact{tr("exact"), {}, {}, {}, {}, {}, colours[2]};
    QStringList names;
    const QJsonArray rows = result_[QStringLiteral("rows")].toArray();
    for (int i = 0; i < rows.size(); ++i) {
        const QJsonObject row = rows.at(i).toObject();
        const double p = row[QStringLiteral("win_probability")].toDouble();
        const QJsonArray interval = row[QStringLiteral("interval")].toArray();
        names << pairTitle(row);
        measured.x.push_back(i);
        measured.y.push_back(p);
        measured.errorLow.push_back(p - interval.at(0).toDouble());
        measured.errorHigh.push_back(interval.at(1).toDouble() - p);
        if (!row[QStringLiteral("exact")].isDouble()) continue;
        exact.x.push_back(i + 0.22);
        exact.y.push_back(row[QStringLiteral("exact")].toDouble());
    }
    std::vector<plot::ScatterPlot::Series> series{measured, exact};
    const QJsonObject bounds = result_[QStringLiteral("bounds")].toObject();
    // The theorem bounds only games of its honest side: Alice's attackers when the machine says yes, Bob's when it says no.
    if (result_[QStringLiteral("outside_promise")].toArray().isEmpty() && bounds[QStringLiteral("valid")].toBool()) {
        const bool yes = result_[QStringLiteral("accept_probability")].toDouble() >= 0.5;
        const double bound = yes ? bounds[QStringLiteral("completeness")].toDouble() : 1 - bounds[QStringLiteral("soundness")].toDouble();
        const auto first = static_cast<double>(aliceStrategies().size()) - 0.5, last = static_cast<double>(rows.size()) - 0.5;
        series.push_back({yes ? tr("honest Alice wins at least") : tr("against honest Bob, at most"), yes ? std::vector<double>{first, last} : std::vector<double>{-0.5, first}, {bound, bound}, {}, {}, {}, colours[1], true, false});
    }
    plot_->setSeries(std::move(series));
    plot_->setXNames(names);
}

void AttacksView::showTable() {
    std::vector<QStringList> rows;
    for (const auto& value : result_[QStringLiteral("rows")].toArray()) {
        const QJsonObject row = value.toObject();
        const QJsonObject meters = row[QStringLiteral("meters_total")].toObject();
        const double games = std::max(1.0, row[QStringLiteral("games")].toDouble());
        const QJsonArray interval = row[QStringLiteral("interval")].toArray();
        rows.push_back({pairTitle(row), QStringLiteral("%1 [%2, %3]").arg(probabilityText(row[QStringLiteral("win_probability")].toDouble(), 3), probabilityText(interval.at(0).toDouble(), 3), probabilityText(interval.at(1).toDouble(), 3)),
                        row[QStringLiteral("exact")].isDouble() ? probabilityText(row[QStringLiteral("exact")].toDouble()) : QStringLiteral("–"),
                        probabilityText(row[QStringLiteral("challenged")].toDouble() / games, 3), numberText(meters[QStringLiteral("vera_queries")].toDouble() / games)});
    }
    table_->setRows({tr("players"), tr("P(Alice wins)"), tr("exact"), tr("challenged"), tr("Vera per game")}, rows);
}

}  // namespace driftscope::debate
