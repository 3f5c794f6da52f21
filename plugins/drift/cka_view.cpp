#include "plugins/drift/cka_view.h"

#include <QCheckBox>
#include <QSplitter>

#include "core/embed/similarity.h"
#include "plugins/drift/inspect_model.h"
#include "widgets/plot/matrix_plot.h"

namespace driftscope::drift {
namespace {

using embed::GramMatrix;
constexpr std::size_t kMostSamples = 1000;  // n² numbers per layer are kept

/// Rows of samples that have a vector both before and at the step.
struct Pairs {
    std::vector<std::uint32_t> before, after;
};

Pairs pairsOf(const DriftData& data, const std::string& point, std::int64_t layer, std::int64_t step) {
    Pairs pairs;
    const std::vector<std::uint32_t> first = data.rowsOf(point, layer, kBefore), second = data.rowsOf(point, layer, step);
    for (std::size_t i = 0, j = 0; i < first.size() && j < second.size() && pairs.before.size() < kMostSamples;) {
        const std::uint32_t a = data.row(first[i]).sample, b = data.row(second[j]).sample;
        if (a == b) pairs.before.push_back(first[i]), pairs.after.push_back(second[j]);
        i += a <= b;
        j += b <= a;
    }
    return pairs;
}

}  // namespace

Result<CkaMatrix> ckaMatrix(const DriftData& data, const std::string& point, std::int64_t step, const std::function<bool()>& cancelled) {
    CkaMatrix out;
    out.layers = data.table().layers(point);
    std::vector<GramMatrix> before, after;
    for (const std::int64_t layer : out.layers) {
        const Pairs pairs = pairsOf(data, point, layer, step);
        if (pairs.before.empty()) return fail(ErrorCode::NotFound, fmt::format("No sample was measured at step {}.", step), "Choose another step.");
        DS_ASSIGN(const Matrix x, data.vectors(pairs.before, cancelled));
        DS_ASSIGN(const Matrix y, data.vectors(pairs.after, cancelled));
        before.push_back(GramMatrix::of(x));
        after.push_back(GramMatrix::of(y));
        out.samples = pairs.before.size();
    }
    out.debiased = out.samples < data.dimensions();
    for (const GramMatrix& x : before)
        for (const GramMatrix& y : after) {
            if (cancelled && cancelled()) return fail(ErrorCode::Cancelled, "Comparing layers was stopped.");
            out.values.push_back(linearCka(x, y, out.debiased));
        }
    return out;
}

CkaView::CkaView(InspectModel& model, QWidget* parent)
    : ViewFrame(tr("CKA, layers before × after"), QStringLiteral("png svg pdf csv"), parent), model_(model), fullRange_(new QCheckBox(tr("0 to 1"))), maps_{new plot::MatrixPlot, new plot::MatrixPlot}, worker_(this) {
    fullRange_->setToolTip(tr("Colours from 0 to 1 instead of the least to the greatest value"));
    fullRange_->setChecked(true);
    addControl(fullRange_);
    auto* split = new QSplitter(Qt::Horizontal);
    split->setChildrenCollapsible(false);
    for (plot::MatrixPlot* map : maps_) {
        map->setXAxis(tr("layer after"));
        map->setYAxis(tr("layer before"));
        map->setValueLabel(tr("linear CKA"));
        split->addWidget(map);
        connect(map, &plot::MatrixPlot::cellClicked, this, [this](int, int column) {
            const std::vector<std::int64_t> layers = model_.run() ? model_.run()->table().layers(model_.selection().point()) : std::vector<std::int64_t>{};
            if (column < static_cast<int>(layers.size())) model_.selection().setLayer(layers[static_cast<std::size_t>(column)]);
        });
    }
    maps_[0]->setObjectName(QStringLiteral("driftCka"));
    maps_[1]->setObjectName(QStringLiteral("driftCkaOther"));
    hideTitle();
    setContent(split);
    const auto later = [this] {
        stale_ = true;
        if (isVisible()) refresh();
    };
    connect(fullRange_, &QCheckBox::toggled, this, later);
    connect(&model_, &InspectModel::changed, this, later);
    connect(&model_.selection(), &DriftSelection::stepChanged, this, later);
    connect(&model_.selection(), &DriftSelection::layerChanged, this, later);
}

void CkaView::showEvent(QShowEvent* event) {
    ViewFrame::showEvent(event);
    if (stale_) refresh();
}

void CkaView::refresh() {
    stale_ = false;
    const InspectedRun* run = model_.run();
    if (!run) return showBlank(tr("Choose a run to compare its layers before and after training."));
    if (!run->data()) return showBlank(tr("CKA needs the samples' vectors of every layer, which llm.drift collects."), tr("Measure drift…"));
    if (isBlank()) showBlank(tr("Comparing layers…"));
    std::vector<std::shared_ptr<const DriftData>> sides;
    for (const InspectedRun* one : {run, model_.other()})
        if (one && one->data()) sides.push_back(one->sharedData());
    worker_.run(
        [sides, point = model_.selection().point(), step = model_.selection().step()](const std::stop_token& stop) -> Result<std::vector<CkaMatrix>> {
            std::vector<CkaMatrix> out;
            for (const auto& side : sides) {
                DS_ASSIGN(CkaMatrix matrix, ckaMatrix(*side, point, step, [&] { return stop.stop_requested(); }));
                out.push_back(std::move(matrix));
            }
            return out;
        },
        [this](Result<std::vector<CkaMatrix>> matrices) { matrices ? show(*matrices) : showBlank(QString::fromStdString(matrices.error().text())); });
}

void CkaView::show(const std::vector<CkaMatrix>& matrices) {
    const InspectedRun* runs[2] = {model_.run(), model_.other()};
    for (std::size_t side = 0; side < 2; ++side) {
        maps_[side]->setVisible(side < matrices.size());
        if (side >= matrices.size() || !runs[side]) continue;
        const CkaMatrix& one = matrices[side];
        QStringList names;
        for (const std::int64_t layer : one.layers) names << QString::number(layer);
        const int count = static_cast<int>(one.layers.size());
        maps_[side]->setTitle(runs[side]->title());
        maps_[side]->setXAxis(tr("layer after, step %1").arg(model_.selection().step()));
        maps_[side]->setValueLabel(one.debiased ? tr("linear CKA, debiased") : tr("linear CKA"));
        maps_[side]->setToolTip(tr("%1 samples").arg(one.samples));
        maps_[side]->setMatrix({count, count, one.values, names, names});
        const auto at = std::find(one.layers.begin(), one.layers.end(), model_.selection().layer()) - one.layers.begin();
        maps_[side]->setMarkedCell(static_cast<int>(at), static_cast<int>(at));
        fullRange_->isChecked() ? maps_[side]->setValueRange(0, 1) : maps_[side]->setValueRange(0, 0);
    }
    showContent();
}

Result<void> CkaView::exportTo(const QString& path) {
    if (isBlank()) return fail(ErrorCode::NotFound, "There is no CKA matrix to export.", "Measure drift first.");
    DS_TRY(maps_[0]->exportTo(path));
    if (maps_[1]->isHidden()) return {};
    const qsizetype dot = path.lastIndexOf(QLatin1Char('.'));
    return maps_[1]->exportTo(path.left(dot) + QStringLiteral("-compared") + path.mid(dot));
}

}  // namespace driftscope::drift
