#include "plugins/debate/scale_view.h"

#include <QJsonArray>
#include <QLabel>
#include <QScrollArea>
#include <QSplitter>
#include <QVBoxLayout>
#include <algorithm>
#include <cmath>

#include "core/io/csv.h"
#include "plugins/api/panel_plugin.h"
#include "plugins/debate/number_table.h"
#include "plugins/debate/run_bar.h"
#include "plugins/debate/setup_model.h"
#include "plugins/debate/words.h"
#include "widgets/form/param_form.h"
#include "widgets/plot/scatter_plot.h"
#include "widgets/session/job_runner.h"
#include "widgets/style/palette.h"

namespace driftscope::debate {
namespace {

const std::string kKind = "debate.scale";

}  // namespace

ScaleView::ScaleView(HostContext& host, QWidget* parent)
    : QWidget(parent), host_(host), runs_(new RunBar(host.jobs, QString::fromStdString(kKind), tr("Measure scaling"), [this]() -> Result<QString> {
          if (!form_->isValid()) return fail(ErrorCode::BadInput, form_->problem().toStdString());
          return host_.jobs.start(QString::fromStdString(kKind), form_->values(), tr("Scaling"));
      })),
      form_(new form::ParamForm(specsOf(kKind))), summary_(new QLabel), plot_(new plot::ScatterPlot), table_(new NumberTable) {
    build();
    connect(runs_, &RunBar::resultChosen, this, &ScaleView::show);
    connect(runs_, &RunBar::failed, this, &ScaleView::failed);
}

void ScaleView::build() {
    runs_->setStartEnabled(true, tr("Plays debates of growing length (as debate.scale)"));
    summary_->setWordWrap(true);
    summary_->setTextInteractionFlags(Qt::TextSelectableByMouse);
    summary_->setObjectName(QStringLiteral("debateScaling"));
    form_->setObjectName(QStringLiteral("debateScaleForm"));
    plot_->setXAxis(tr("T, steps"));
    plot_->setYAxis(tr("judgements"));
    plot_->setLogX(true);
    plot_->setLogY(true);
    plot_->setEmptyText(tr("Press Measure scaling. Lengths up to 10,000 take a second, a million some ten seconds."));
    table_->setObjectName(QStringLiteral("debateScaleTable"));
    auto* side = new QWidget;
    auto* column = new QVBoxLayout(side);
    column->setContentsMargins(0, 0, 0, 0);
    column->addWidget(form_);
    column->addWidget(summary_);
    column->addStretch(1);
    auto* scroll = new QScrollArea;
    scroll->setWidget(side);
    scroll->setWidgetResizable(true);
    scroll->setFrameShape(QFrame::NoFrame);
    scroll->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    auto* upper = new QSplitter(Qt::Horizontal);
    upper->setChildrenCollapsible(false);
    upper->addWidget(plot_);
    upper->addWidget(scroll);
    upper->setStretchFactor(0, 1);
    upper->setSizes({520, 270});
    auto* split = new QSplitter(Qt::Vertical);
    split->setChildrenCollapsible(false);
    split->addWidget(upper);
    split->addWidget(table_);
    split->setSizes({360, 180});
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(8, 8, 8, 6);
    layout->addWidget(runs_);
    layout->addWidget(split, 1);
}

Result<std::vector<ScaleView::Point>> ScaleView::read(const QString& folder) const {
    const std::string file = (folder + QStringLiteral("/scale.csv")).toStdString();
    DS_ASSIGN(const io::CsvTable table, io::readCsv(file));
    std::vector<std::size_t> at;
    for (const char* name : {"k", "steps", "alice_queries", "bob_queries", "vera_queries", "alice_bound", "bob_bound", "vera_bound"}) {
        const auto column = table.find(name);
        if (!column) return fail(ErrorCode::BadInput, fmt::format("{} has no column {}.", file, name), "Run the job again.");
        at.push_back(*column);
    }
    std::vector<Point> out;
    for (const auto& row : table.rows) {
        const auto number = [&](std::size_t i) { return QString::fromStdString(row[at[i]]).toDouble(); };
        out.push_back({number(0), number(1), number(2), number(3), number(4), number(5), number(6), number(7)});
    }
    return out;
}

void ScaleView::show(const JobView& job) {
    auto points = read(job.folder);
    if (!points) {
        Q_EMIT failed(QString::fromStdString(points.error().text()));
        return;
    }
    points_ = std::move(*points);
    lean_ = job.params[QStringLiteral("parameters")].toString(QStringLiteral("lean")) == QLatin1String("lean");
    showSummary(job);
    showPlot();
    showTable();
}

void ScaleView::showSummary(const JobView& job) {
    breakEven_.clear();
    QStringList lines;
    for (const auto& value : job.result[QStringLiteral("summary")].toArray()) {
        const QJsonObject one = value.toObject();
        const auto slope = [&](const char* name) { return QString::number(std::round(one[QLatin1String(name)].toDouble() * 1000) / 1000 + 0.0, 'f', 3); };  // + 0.0: no "-0.000"
        const double k = one[QStringLiteral("k")].toDouble(), even = one[QStringLiteral("break_even_steps")].toDouble();
        breakEven_[k] = even;
        lines << tr("<b>K = %1</b>: slopes Alice %2, Bob %3, Vera %4; Alice after T ln 200T %5. Judging directly is cheaper until T > %6.")
                     .arg(numberText(k), slope("slope_alice"), slope("slope_bob"), slope("slope_vera"), slope("slope_alice_over_t_log_t"), numberText(even));
    }
    summary_->setText(lines.join(QStringLiteral("<br><br>")));
}

void ScaleView::showPlot() {
    std::vector<plot::ScatterPlot::Series> series;
    // A colour per party, paler for every further K.
    const auto& colours = style::okabeIto();
    const auto shade = [&](std::size_t party, std::size_t k) {
        return style::mix(colours[party], palette().color(QPalette::Base), 0.65 * static_cast<double>(k) / static_cast<double>(std::max<std::size_t>(1, breakEven_.size())));
    };
    std::size_t index = 0;
    double longest = 1, shortest = 1e18;
    for (const auto& [k, even] : breakEven_) {
        plot::ScatterPlot::Series alice{tr("Alice K=%1").arg(numberText(k))}, bob{tr("Bob K=%1").arg(numberText(k))}, vera{tr("Vera K=%1").arg(numberText(k))};
        for (const Point& point : points_) {
            if (point.k != k) continue;
            for (const auto& [one, y] : {std::pair{&alice, point.alice}, {&bob, point.bob}, {&vera, point.vera}}) {
                one->x.push_back(point.steps);
                one->y.push_back(y);
            }
            longest = std::max(longest, point.steps);
            shortest = std::min(shortest, point.steps);
        }
        std::size_t party = 0;
        for (auto* one : {&alice, &bob, &vera}) {
            one->joined = true;
            one->color = shade(party++, index);
            series.push_back(std::move(*one));
        }
        ++index;
        longest = std::max(longest, 3 * even);
    }
    series.push_back({tr("direct judging, T"), {shortest, longest}, {shortest, longest}, {}, {}, {}, colours[7], true, false});
    plot::ScatterPlot::Series meet{tr("break-even"), {}, {}, {}, {}, {}, colours[3]};
    for (const auto& [k, even] : breakEven_) {
        meet.x.push_back(even);
        meet.y.push_back(even);
        meet.pointNames << tr("K = %1: beyond T = %2 a challenge is cheaper than judging directly").arg(numberText(k), numberText(even));
    }
    series.push_back(std::move(meet));
    plot_->setSeries(std::move(series));
}

void ScaleView::showTable() {
    std::vector<QStringList> rows;
    for (const Point& point : points_) {
        // The closed bounds are those of the Lean development's parameters; tuned ones are below them without a formula.
        const auto against = [&](double measured, double bound) { return lean_ ? tr("%1 of %2").arg(numberText(measured), numberText(bound)) : numberText(measured); };
        rows.push_back({numberText(point.k), numberText(point.steps), against(point.alice, point.aliceBound), against(point.bob, point.bobBound), against(point.vera, point.veraBound), numberText(point.steps)});
    }
    const QString suffix = lean_ ? tr(" (of at most)") : QString();
    table_->setRows({tr("K"), tr("T"), tr("Alice") + suffix, tr("Bob") + suffix, tr("Vera") + suffix, tr("direct")}, rows);
}

}  // namespace driftscope::debate
