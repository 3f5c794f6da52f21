#include "plugins/drift/token_view.h"

#include <QToolButton>

#include "plugins/drift/inspect_model.h"
#include "plugins/drift/token_heat.h"

namespace driftscope::drift {

TokenView::TokenView(InspectModel& model, QWidget* parent) : ViewFrame(tr("Tokens"), QStringLiteral("png svg csv"), parent), model_(model), heat_(new TokenHeat) {
    heat_->setObjectName(QStringLiteral("driftTokens"));
    for (const auto& [text, tip, by] : {std::tuple{"◂", tr("The sample before"), -1}, {"▸", tr("The next sample"), 1}}) {
        auto* button = new QToolButton;
        button->setText(QString::fromUtf8(text));
        button->setToolTip(tip);
        button->setAccessibleName(tip);
        button->setAutoRaise(true);
        connect(button, &QToolButton::clicked, this, [this, by = by] { go(by); });
        addControl(button);
    }
    hideTitle();
    setContent(heat_);
    connect(heat_, &TokenHeat::layerClicked, this, [this](qint64 layer) { model_.selection().setLayer(layer); });
    connect(&model_, &InspectModel::changed, this, &TokenView::refresh);
    for (const auto signal : {&DriftSelection::layerChanged, &DriftSelection::stepChanged, &DriftSelection::samplesChanged}) connect(&model_.selection(), signal, this, &TokenView::refresh);
    refresh();
}

void TokenView::go(int by) {
    if (!model_.run() || model_.run()->samples().empty()) return;
    const auto count = static_cast<int>(model_.run()->samples().size());
    const int at = model_.selection().sample() ? static_cast<int>(*model_.selection().sample()) + by : 0;
    model_.selection().setSample(static_cast<std::uint32_t>((at + count) % count));
}

bool TokenView::addStrip(std::vector<TokenStrip>& strips, const InspectedRun& run, std::uint32_t sample) const {
    const TokenTable* tokens = run.data() ? run.data()->tokens() : nullptr;
    if (!tokens) return false;
    const std::string& point = model_.selection().point();
    TokenStrip strip{run.title(), tokens->tokens(sample, model_.selection().step()), tokens->layers(point), tokens->drift(sample, model_.selection().step(), point)};
    if (strip.tokens.empty()) return false;
    strips.push_back(std::move(strip));
    return true;
}

void TokenView::refresh() {
    const InspectedRun* run = model_.run();
    if (!run) return showBlank(tr("Choose a run to look into its samples."));
    if (!run->data()) return showBlank(tr("llm.drift keeps the drift of single tokens."), tr("Measure drift…"));
    const auto sample = model_.selection().sample();
    if (!sample || *sample >= run->samples().size()) return showBlank(tr("Choose a sample: in the table, in the map, or with ▸."));
    std::vector<TokenStrip> strips;
    if (!addStrip(strips, *run, *sample)) {
        const auto kept = run->data()->tokens() ? run->data()->tokens()->samples().size() : 0;
        return showBlank(tr("The tokens of this sample were not kept: llm.drift keeps those of the first %1 (token_samples).").arg(kept), tr("Measure drift…"));
    }
    if (const InspectedRun* other = model_.other())
        if (const auto same = other->sampleOf(run->samples()[*sample].key())) addStrip(strips, *other, *same);
    heat_->setStrips(std::move(strips));
    heat_->setLayer(model_.selection().layer());
    showContent();
}

Result<void> TokenView::exportTo(const QString& path) {
    if (isBlank()) return fail(ErrorCode::NotFound, "There are no tokens to export.", "Choose a sample whose tokens were kept.");
    return exportWidget(*heat_, path, [this] { return heat_->csv(); });
}

}  // namespace driftscope::drift
