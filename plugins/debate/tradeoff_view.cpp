#include "plugins/debate/tradeoff_view.h"

#include <QLabel>
#include <QPushButton>
#include <QSplitter>
#include <QVBoxLayout>

#include "core/debate/arena.h"
#include "plugins/api/panel_plugin.h"
#include "plugins/debate/number_table.h"
#include "plugins/debate/run_bar.h"
#include "plugins/debate/runs.h"
#include "plugins/debate/setup_model.h"
#include "plugins/debate/words.h"
#include "widgets/form/param_form.h"
#include "widgets/plot/scatter_plot.h"
#include "widgets/session/job_runner.h"
#include "widgets/style/palette.h"

namespace driftscope::debate {
namespace {

const std::string kKind = "debate.optimize";

}  // namespace

TradeoffView::TradeoffView(HostContext& host, SetupModel& setup, QWidget* parent)
    : QWidget(parent), host_(host), setup_(setup), runs_(new RunBar(host.jobs, QString::fromStdString(kKind), tr("Search"), [this]() -> Result<QString> {
          if (!form_->isValid()) return fail(ErrorCode::BadInput, form_->problem().toStdString());
          const QJsonObject values = form_->values();
          return host_.jobs.start(QString::fromStdString(kKind), values, tr("Parameters for K = %1").arg(numberText(values[QStringLiteral("k")].toDouble())));
      })),
      form_(new form::ParamForm(specsOf(kKind))), summary_(new QLabel), use_(new QPushButton(tr("Use the cheapest"))), plot_(new plot::ScatterPlot), table_(new NumberTable) {
    build();
    connect(runs_, &RunBar::resultChosen, this, &TradeoffView::show);
    connect(runs_, &RunBar::failed, this, &TradeoffView::failed);
    connect(use_, &QPushButton::clicked, this, [this] { use(-1); });
    connect(table_, &QTableWidget::cellDoubleClicked, this, &TradeoffView::use);
}

void TradeoffView::build() {
    runs_->setStartEnabled(true, tr("Tries accuracies that satisfy every inequality of the theorem (as debate.optimize)"));
    summary_->setWordWrap(true);
    summary_->setTextInteractionFlags(Qt::TextSelectableByMouse);
    use_->setToolTip(tr("Puts these parameters into the setup"));
    use_->setEnabled(false);
    plot_->setXAxis(tr("all judgements of a whole game"));
    plot_->setYAxis(tr("Vera's judgements"));
    plot_->setLogX(true);
    plot_->setLogY(true);
    plot_->setEmptyText(tr("Press Search: how few judgements keep the promise, and what the provers pay for Vera's ease."));
    table_->setToolTip(tr("Double-click a row to use its parameters"));
    auto* side = new QWidget;
    auto* column = new QVBoxLayout(side);
    column->setContentsMargins(0, 0, 0, 0);
    column->addWidget(form_);
    column->addWidget(summary_);
    column->addWidget(use_);
    column->addStretch(1);
    auto* upper = new QSplitter(Qt::Horizontal);
    upper->setChildrenCollapsible(false);
    upper->addWidget(plot_);
    upper->addWidget(side);
    upper->setStretchFactor(0, 1);
    upper->setSizes({520, 260});
    auto* split = new QSplitter(Qt::Vertical);
    split->setChildrenCollapsible(false);
    split->addWidget(upper);
    split->addWidget(table_);
    split->setSizes({330, 220});
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(8, 8, 8, 6);
    layout->addWidget(runs_);
    layout->addWidget(split, 1);
}

void TradeoffView::setArena(const std::shared_ptr<const Arena>& arena) {
    if (!arena) return;
    form_->setValues({{QStringLiteral("k"), arena->setup.k}, {QStringLiteral("steps"), static_cast<qint64>(arena->setup.machine->steps())},
                      {QStringLiteral("w"), setup_.real(QStringLiteral("w"))}, {QStringLiteral("d"), setup_.real(QStringLiteral("d"))}});
}

void TradeoffView::show(const JobView& job) {
    const auto file = readRunJson(job.folder, QStringLiteral("result.json"));
    if (!file) {
        Q_EMIT failed(QString::fromStdString(file.error().text()));
        return;
    }
    rows_ = (*file)[QStringLiteral("table")].toArray();
    best_ = (*file)[QStringLiteral("best")].toObject();
    const auto& colours = style::okabeIto();
    plot::ScatterPlot::Series all{tr("c/b from 0.01 to 0.45"), {}, {}, {}, {}, {}, colours[0]}, best{tr("cheapest"), {}, {}, {}, {}, {}, colours[1]};
    std::vector<QStringList> rows;
    const auto vera = [](const QJsonObject& row) { return row[QStringLiteral("plan")].toObject()[QStringLiteral("vera_samples")].toDouble(); };
    for (const auto& value : rows_) {
        const QJsonObject row = value.toObject();
        const QJsonObject plan = row[QStringLiteral("plan")].toObject();
        all.x.push_back(row[QStringLiteral("total")].toDouble());
        all.y.push_back(vera(row));
        all.pointNames << tr("c/b = %1").arg(numberText(row[QStringLiteral("ratio")].toDouble()));
        QStringList texts;
        for (const char* name : {"ratio", "c", "s", "b", "q", "v"}) texts << numberText(row[QLatin1String(name)].toDouble());
        for (const char* name : {"alice_samples", "bob_samples", "vera_samples"}) texts << numberText(plan[QLatin1String(name)].toDouble());
        rows.push_back(texts << numberText(row[QStringLiteral("total")].toDouble()) << (row[QStringLiteral("valid")].toBool() ? tr("all hold") : tr("violated")));
    }
    best.x.push_back(best_[QStringLiteral("total")].toDouble());
    best.y.push_back(vera(best_));
    plot_->setSeries({all, best});
    table_->setRows({tr("c/b"), tr("c"), tr("s"), tr("b"), tr("q"), tr("v"), tr("Alice/step"), tr("Bob/step"), tr("Vera"), tr("all of a game"), tr("inequalities")}, rows);
    summary_->setText(tr("Cheapest for %1: Vera %2, in all %3 judgements; c = %4, s = %5, b = %6.")
                          .arg(job.params[QStringLiteral("objective")].toString(QStringLiteral("vera")) == QLatin1String("total") ? tr("everybody") : tr("Vera"), numberText(vera(best_)), numberText(best.x.front()),
                               numberText(best_[QStringLiteral("c")].toDouble()), numberText(best_[QStringLiteral("s")].toDouble()), numberText(best_[QStringLiteral("b")].toDouble())));
    use_->setEnabled(true);
}

void TradeoffView::use(int row) {
    const QJsonObject chosen = row < 0 ? best_ : rows_.at(row).toObject();
    if (chosen.isEmpty()) return;
    QJsonObject values{{QStringLiteral("parameters"), QStringLiteral("custom")}};
    for (const char* name : {"c", "s", "b", "q", "v"}) values[QLatin1String(name)] = chosen[QLatin1String(name)];
    for (const char* name : {"alice.samples", "bob.samples", "vera.samples", "bob.threshold", "vera.threshold"}) values[QLatin1String(name)] = QJsonValue();
    setup_.set(values);
}

}  // namespace driftscope::debate
