#include "plugins/drift/inside_view.h"

#include <QDir>
#include <QGridLayout>
#include <QJsonArray>
#include <QLabel>
#include <algorithm>
#include <cmath>

#include "plugins/drift/curve_cache.h"
#include "plugins/drift/methods.h"
#include "plugins/drift/run_catalog.h"
#include "widgets/plot/line_plot.h"
#include "widgets/plot/matrix_plot.h"
#include "widgets/style/palette.h"

namespace driftscope::drift {
namespace {

constexpr int kMostColumns = 60;  // of the shares' matrix: more steps are averaged

void put(plot::LinePlot& plot, const QString& name, const llm::Course& course, const QColor& colour, double sign = 1) {
    std::vector<double> x, y;
    for (const auto& [step, value] : course) x.push_back(step), y.push_back(sign * value);
    plot.setCurveColor(name, colour);
    plot.setCurve(name, x, y);
}

/// Steps in which Lisa worked on alignment data, as stretches.
std::vector<plot::LinePlot::Span> phases(const llm::Course& state) {
    std::vector<plot::LinePlot::Span> spans;
    const QColor align = methodColour(QStringLiteral("lisa")), user = style::okabeIto()[1];
    for (const auto& [step, on] : state) {
        const QString name = on > 0.5 ? InsideView::tr("alignment data") : InsideView::tr("user data");
        if (!spans.empty() && spans.back().name == name)
            spans.back().to = step + 1;
        else
            spans.push_back({step, step + 1, on > 0.5 ? align : user, name});
    }
    return spans;
}

}  // namespace

InsideView::InsideView(RunCatalog& catalog, CurveCache& cache, QWidget* parent)
    : QWidget(parent), catalog_(catalog), cache_(cache), empty_(new QLabel), grid_(new QGridLayout(this)), shares_(new plot::MatrixPlot) {
    empty_->setAlignment(Qt::AlignCenter);
    empty_->setWordWrap(true);
    empty_->setText(tr("Choose a run of Booster, Vaccine, Lisa or another method at the left: what it records about itself is shown here.\nPlain fine-tuning records nothing."));
    shares_->setParent(this);
    shares_->setTitle(tr("Vaccine: share of the perturbation"));
    shares_->setXAxis(tr("step"));
    shares_->setYAxis(tr("layer"));
    shares_->setNumbersVisible(false);
    shares_->setValueLabel(tr("share"));
    grid_->setContentsMargins(4, 4, 4, 4);
    connect(&cache_, &CurveCache::changed, this, [this](const QStringList& folders) {
        if (isVisible() && (folders.contains(shown_) || folders.contains(alignment()))) refresh();
    });
}

void InsideView::showRun(const QString& folder) {
    shown_ = folder;
    refresh();
}

QString InsideView::alignment() const {
    const DriftRun* run = catalog_.find(shown_);
    const QJsonArray adapters = run ? run->params[QStringLiteral("adapters")].toArray() : QJsonArray();
    return adapters.isEmpty() ? QString() : QDir::cleanPath(adapters.last().toString() + QStringLiteral("/.."));
}

plot::LinePlot* InsideView::plot(int cell, const QString& title, const QString& y) {
    auto [found, fresh] = lines_.try_emplace(cell);
    if (fresh) found->second = new plot::LinePlot(this);
    found->second->clear();
    found->second->setSpans({});
    found->second->setTitle(title);
    found->second->setXAxis(tr("step"));
    found->second->setYAxis(y);
    found->second->show();
    return found->second;
}

int InsideView::showBooster(const QString& folder, int cell) {
    const llm::Course& before = cache_.course(folder, "booster/harmful loss");
    if (before.empty()) return cell;
    plot::LinePlot* losses = plot(cell++, tr("Booster: harmful loss before and after the simulated step"), tr("loss"));
    put(*losses, tr("h(w)"), before, style::okabeIto()[1]);
    put(*losses, tr("h(w − α∇h/‖∇h‖)"), cache_.course(folder, "booster/harmful loss after step"), style::okabeIto()[4]);
    plot::LinePlot* slope = plot(cell++, tr("Booster: slope, and what a first-order step would give"), tr("per unit length"));
    put(*slope, tr("slope (h′ − h)/α"), cache_.course(folder, "booster/slope"), methodColour(QStringLiteral("booster")));
    put(*slope, tr("−‖∇h‖"), cache_.course(folder, "booster/harmful gradient norm"), style::okabeIto()[2], -1);
    return cell;
}

int InsideView::showVaccine(const QString& folder, int cell) {
    const llm::Course& norm = cache_.course(folder, "vaccine/perturbation norm");
    if (norm.empty()) return cell;
    plot::LinePlot* losses = plot(cell++, tr("Vaccine: loss without and with the perturbation"), tr("loss"));
    put(*losses, tr("unperturbed"), cache_.course(folder, "vaccine/loss unperturbed"), style::okabeIto()[2]);
    put(*losses, tr("perturbed"), cache_.course(folder, "loss"), methodColour(QStringLiteral("vaccine")));
    std::vector<const llm::Course*> layers;
    for (int layer = 0;; ++layer) {
        const llm::Course& share = cache_.course(folder, "vaccine/share of layer " + std::to_string(layer));
        if (share.empty()) break;
        layers.push_back(&share);
    }
    if (layers.empty()) return cell;
    const auto steps = static_cast<int>(layers.front()->size()), bin = (steps + kMostColumns - 1) / kMostColumns, columns = (steps + bin - 1) / bin;
    plot::MatrixPlot::Matrix matrix{static_cast<int>(layers.size()), columns, std::vector<double>(layers.size() * static_cast<std::size_t>(columns)), {}, {}};
    for (std::size_t row = 0; row < layers.size(); ++row) {
        int index = 0;
        for (const auto& [step, value] : *layers[row]) {
            const int column = std::min(index / bin, columns - 1), width = std::min(bin, steps - column * bin);
            matrix.values[row * static_cast<std::size_t>(columns) + static_cast<std::size_t>(column)] += value / width;
            if (row == 0 && index % bin == 0) matrix.columnNames << QString::number(step);
            ++index;
        }
    }
    shares_->setMatrix(std::move(matrix));
    shares_->show();
    grid_->addWidget(shares_, cell / 2, cell % 2);
    return cell + 1;
}

int InsideView::showLisa(const QString& folder, int cell) {
    const llm::Course& state = cache_.course(folder, "lisa/alignment state");
    if (state.empty()) return cell;
    const auto spans = phases(state);
    plot::LinePlot* distance = plot(cell++, tr("Lisa: distance from its anchor (green: alignment data, orange: user data)"), tr("‖w − anchor‖"));
    distance->setSpans(spans);
    put(*distance, tr("distance"), cache_.course(folder, "lisa/anchor distance"), style::okabeIto()[0]);
    plot::LinePlot* loss = plot(cell++, tr("Lisa: loss on the data of each phase"), tr("loss"));
    loss->setSpans(spans);
    put(*loss, tr("loss"), cache_.course(folder, "loss"), style::okabeIto()[0]);
    return cell;
}

int InsideView::showOthers(const QString& folder, int cell) {
    for (const auto& [name, course] : cache_.courses(folder)) {
        const std::string prefix = name.substr(0, name.find('/'));
        if (prefix == name || prefix == "loss" || prefix == "booster" || prefix == "vaccine" || prefix == "lisa") continue;
        put(*plot(cell++, QString::fromStdString(name), QString::fromStdString(name.substr(prefix.size() + 1))), QString::fromStdString(name), course, methodColour(QString::fromStdString(prefix)));
    }
    return cell;
}

void InsideView::refresh() {
    shares_->hide();
    for (const auto& [cell, line] : lines_) line->hide();
    int cell = 0;
    for (const QString& folder : {alignment(), shown_}) {
        const DriftRun* run = folder.isEmpty() ? nullptr : catalog_.find(folder);
        if (!run || run->isStudy()) continue;
        cell = showBooster(folder, cell);
        cell = showVaccine(folder, cell);
        cell = showLisa(folder, cell);
        cell = showOthers(folder, cell);
    }
    for (const auto& [place, line] : lines_) grid_->addWidget(line, place / 2, place % 2);
    empty_->setVisible(cell == 0);
    grid_->addWidget(empty_, 0, 0, 2, 2);
}

}  // namespace driftscope::drift
