#include "plugins/drift/drift_selection.h"

#include <utility>

#include "widgets/session/selection_hub.h"

namespace driftscope::drift {

DriftSelection::DriftSelection(SelectionHub& hub, QObject* parent) : QObject(parent), hub_(hub) {
    connect(&hub_, &SelectionHub::changed, this, [this](const SelectionDelta& delta) {
        if (delta.layer != SelectionLayer::Select) return;
        if (delta.kind == ElementKind::Prompt) Q_EMIT samplesChanged();
        if (delta.kind != ElementKind::Layer) return;
        const IdSet layers = hub_.get(SelectionLayer::Select, ElementKind::Layer);
        if (layers.empty() || std::exchange(layer_, static_cast<std::int64_t>(layers.ids().front())) == layer_) return;
        Q_EMIT layerChanged();
    });
}

IdSet DriftSelection::samples() const {
    return hub_.get(SelectionLayer::Select, ElementKind::Prompt);
}

std::optional<std::uint32_t> DriftSelection::sample() const {
    const IdSet chosen = samples();
    return chosen.empty() ? std::nullopt : std::optional(chosen.ids().front());
}

void DriftSelection::setRun(const QString& folder) {
    if (std::exchange(run_, folder) != folder) Q_EMIT runsChanged();
}

void DriftSelection::setOther(const QString& folder) {
    if (std::exchange(other_, folder) != folder) Q_EMIT runsChanged();
}

void DriftSelection::setPoint(const std::string& point) {
    if (std::exchange(point_, point) != point) Q_EMIT layerChanged();
}

void DriftSelection::setLayer(std::int64_t layer) {
    if (layer < 0 || std::exchange(layer_, layer) == layer) return;
    hub_.set(SelectionLayer::Select, ElementKind::Layer, IdSet({static_cast<std::uint32_t>(layer)}), this);
    Q_EMIT layerChanged();
}

void DriftSelection::setStep(std::int64_t step) {
    if (std::exchange(step_, step) != step) Q_EMIT stepChanged();
}

void DriftSelection::setSamples(const IdSet& samples) {
    hub_.set(SelectionLayer::Select, ElementKind::Prompt, samples, this);
}

}  // namespace driftscope::drift
