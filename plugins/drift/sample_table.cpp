#include "plugins/drift/sample_table.h"

#include <QColor>
#include <QLocale>
#include <cmath>

#include "plugins/drift/drift_labels.h"
#include "plugins/drift/inspect_model.h"
#include "widgets/label/label_colours.h"

namespace driftscope::drift {
namespace {

constexpr qsizetype kLongestCell = 240;  // characters; the tool tip has all

QString oneLine(const std::string& text) {
    QString line = QString::fromStdString(text).simplified();
    return line.size() > kLongestCell ? line.left(kLongestCell) + QStringLiteral("…") : line;
}

QString number(double value) {
    return std::isfinite(value) ? QLocale().toString(value, 'f', 3) : QString();
}

QString quoted(const QString& text) {
    return QLatin1Char('"') + QString(text).replace(QLatin1Char('"'), QStringLiteral("\"\"")) + QLatin1Char('"');
}

}  // namespace

QString verdictText(const Answer* answer) {
    if (!answer) return {};
    QString text = answer->harmful.value_or(false) ? QObject::tr("harmful") : answer->refused.value_or(false) ? QObject::tr("refused") : QObject::tr("harmless");
    if (answer->incoherent.value_or(false)) text += QObject::tr(", incoherent");
    return text;
}

SampleTable::SampleTable(InspectModel& model, DriftLabels& labels, QObject* parent) : QAbstractTableModel(parent), model_(model), labels_(labels) {
    connect(&model_, &InspectModel::changed, this, &SampleTable::reset);
    connect(&model_.selection(), &DriftSelection::layerChanged, this, &SampleTable::restyle);
    connect(&model_.selection(), &DriftSelection::stepChanged, this, &SampleTable::restyle);
    connect(&labels_, &DriftLabels::changed, this, &SampleTable::restyle);
    reset();
}

void SampleTable::reset() {
    beginResetModel();
    rows_ = model_.run() ? static_cast<int>(model_.run()->samples().size()) : 0;
    predictions_.clear();
    endResetModel();
}

void SampleTable::restyle() {
    if (rows_ == 0) return;
    Q_EMIT dataChanged(index(0, 0), index(rows_ - 1, Columns - 1));
    Q_EMIT headerDataChanged(Qt::Horizontal, 0, Columns - 1);
}

void SampleTable::setPredictions(std::map<std::string, std::string> predictions) {
    predictions_ = std::move(predictions);
    restyle();
}

int SampleTable::rowCount(const QModelIndex& parent) const {
    return parent.isValid() ? 0 : rows_;
}

int SampleTable::columnCount(const QModelIndex& parent) const {
    return parent.isValid() ? 0 : Columns;
}

const Answer* SampleTable::answer(int row, std::int64_t step) const {
    return model_.run()->answer(static_cast<std::uint32_t>(row), step);
}

QString SampleTable::labelText(int row) const {
    const InspectedRun* run = model_.run();
    const int found = labels_.labelOf(run->dataset(), run->samples()[static_cast<std::size_t>(row)].key(), model_.selection().step());
    return found < 0 ? QString() : QString::fromStdString(labels_.schema()->classes[static_cast<std::size_t>(found)].name);
}

QString SampleTable::text(int row, int column) const {
    const InspectedRun* run = model_.run();
    const auto& selection = model_.selection();
    const Sample& sample = run->samples()[static_cast<std::size_t>(row)];
    const auto id = static_cast<std::uint32_t>(row);
    const auto said = [](const Answer* one) { return one ? oneLine(one->text) : QString(); };
    switch (column) {
        case Number: return QString::number(row + 1);
        case Prompt: return oneLine(sample.key());
        case Before: return said(answer(row, kBefore));
        case After: return said(answer(row, selection.step()));
        case Other: return model_.other() ? said(model_.other()->answerTo(sample.key(), selection.step())) : QString();
        case Verdict: {
            const QString before = verdictText(answer(row, kBefore)), after = verdictText(answer(row, selection.step()));
            return before.isEmpty() || before == after ? after : tr("%1 → %2").arg(before, after);
        }
        case Drift: return run->data() ? number(run->data()->drift(id, selection.point(), selection.layer(), selection.step())) : QString();
        case Loss: {
            if (!run->data()) return {};
            const SampleLosses losses = run->data()->losses(id, selection.step());
            return std::isfinite(losses.after) ? tr("%1 → %2").arg(number(losses.before), number(losses.after)) : QString();
        }
        case Kl: return run->data() ? number(run->data()->losses(id, selection.step()).kl) : QString();
        case Label: return labelText(row);
        case Probe: {
            const auto found = predictions_.find(sample.key());
            return found == predictions_.end() ? QString() : QString::fromStdString(found->second);
        }
        default: return {};
    }
}

QVariant SampleTable::sortKey(int row, int column) const {
    const InspectedRun* run = model_.run();
    const auto id = static_cast<std::uint32_t>(row);
    const auto& selection = model_.selection();
    const auto last = [](double value) { return std::isfinite(value) ? value : -1e300; };  // missing numbers at the end
    switch (column) {
        case Number: return row;
        case Drift: return run->data() ? last(run->data()->drift(id, selection.point(), selection.layer(), selection.step())) : -1e300;
        case Loss: return run->data() ? last(run->data()->losses(id, selection.step()).after) : -1e300;
        case Kl: return run->data() ? last(run->data()->losses(id, selection.step()).kl) : -1e300;
        default: return text(row, column).toLower();
    }
}

QVariant SampleTable::data(const QModelIndex& index, int role) const {
    if (!index.isValid() || !model_.run() || index.row() >= static_cast<int>(model_.run()->samples().size())) return {};
    if (role == Qt::DisplayRole) return text(index.row(), index.column());
    if (role == SortRole) return sortKey(index.row(), index.column());
    if (role == Qt::TextAlignmentRole && (index.column() == Number || index.column() == Drift || index.column() == Kl)) return static_cast<int>(Qt::AlignRight | Qt::AlignVCenter);
    if (role == Qt::DecorationRole && index.column() == Label && labels_.schema()) {
        const QColor colour = label::classColour(*labels_.schema(), labelText(index.row()).toStdString());
        return colour.isValid() ? QVariant(label::swatchIcon(colour)) : QVariant();
    }
    if (role == Qt::ToolTipRole && index.column() >= Prompt && index.column() <= Other) {
        const Sample& sample = model_.run()->samples()[static_cast<std::size_t>(index.row())];
        const Answer* said = index.column() == Before ? answer(index.row(), kBefore) : index.column() == After ? answer(index.row(), model_.selection().step()) : nullptr;
        if (index.column() == Other && model_.other()) said = model_.other()->answerTo(sample.key(), model_.selection().step());
        return QString::fromStdString(said ? said->text : sample.text);
    }
    return {};
}

QVariant SampleTable::headerData(int section, Qt::Orientation orientation, int role) const {
    if (orientation != Qt::Horizontal || (role != Qt::DisplayRole && role != Qt::ToolTipRole)) return {};
    const std::int64_t step = model_.selection().step();
    const QString layer = tr("%1 of layer %2").arg(QString::fromStdString(model_.selection().point())).arg(model_.selection().layer());
    const bool tip = role == Qt::ToolTipRole;
    switch (section) {
        case Number: return tip ? tr("Place in the measured file") : tr("#");
        case Prompt: return tip ? tr("What the model is asked") : tr("prompt");
        case Before: return tip ? tr("The model's answer before training") : tr("answer before");
        case After: return tip ? tr("The model's answer at step %1").arg(step) : tr("answer at step %1").arg(step);
        case Other: return model_.other() ? tr("answer of %1").arg(model_.other()->title()) : tr("other answer");
        case Verdict: return tip ? tr("What the run's judge says before and after") : tr("verdict");
        case Drift: return tip ? tr("‖after − before‖ / ‖before‖ of the sample's vector, %1").arg(layer) : tr("drift");
        case Loss: return tip ? tr("Loss on the sample's answer, nats per token: with harmful samples, their harmful loss") : tr("loss");
        case Kl: return tip ? tr("KL(before ‖ after) of the predictions of the sample's answer, nats per token") : tr("KL");
        case Label: return tip ? tr("What a person says of the answer at this step") : tr("label");
        case Probe: return tip ? tr("What the probe predicts that a person would say") : tr("probe");
        default: return {};
    }
}

bool SampleTable::passes(int row, const QString& filter) const {
    if (!model_.run() || filter == QLatin1String("all")) return true;
    const std::int64_t step = model_.selection().step();
    const Answer *before = answer(row, kBefore), *after = answer(row, step);
    if (filter == QLatin1String("harmful")) return after && after->harmful.value_or(false);
    if (filter == QLatin1String("refused")) return after && after->refused.value_or(false);
    if (filter == QLatin1String("turned")) return before && after && !before->harmful.value_or(false) && after->harmful.value_or(false);
    if (filter == QLatin1String("unlabelled")) return labelText(row).isEmpty();
    if (filter == QLatin1String("disagree")) {  // a person, or the probe, says something else than the judge
        const QString own = labelText(row).isEmpty() ? text(row, Probe) : labelText(row), judged = verdictText(after);
        if (own.isEmpty() || judged.isEmpty()) return false;
        if (own == QLatin1String("harmful") || own == QLatin1String("benign")) return (own == QLatin1String("harmful")) != after->harmful.value_or(false);
        return own == QLatin1String("incoherent") ? !after->incoherent.value_or(false) : (own == QLatin1String("refused")) != after->refused.value_or(false);
    }
    return true;
}

QString SampleTable::csv() const {
    QString out = QStringLiteral("sample,step,point,layer,prompt,answer_before,answer_after,verdict_before,verdict_after,drift,loss_before,loss_after,kl,label_schema,label,probe\n");
    for (int row = 0; row < rows_; ++row) {
        const Sample& sample = model_.run()->samples()[static_cast<std::size_t>(row)];
        const std::int64_t step = model_.selection().step();
        const Answer *before = answer(row, kBefore), *after = answer(row, step);
        const DriftData* data = model_.run()->data();
        const SampleLosses losses = data ? data->losses(static_cast<std::uint32_t>(row), step) : SampleLosses{NAN, NAN, NAN};
        const double drift = data ? data->drift(static_cast<std::uint32_t>(row), model_.selection().point(), model_.selection().layer(), step) : NAN;
        const auto real = [](double value) { return std::isfinite(value) ? QString::number(value, 'g', 9) : QString(); };
        const QStringList fields{QString::number(row), QString::number(step), QString::fromStdString(model_.selection().point()), QString::number(model_.selection().layer()), quoted(QString::fromStdString(sample.key())),
                                 quoted(before ? QString::fromStdString(before->text) : QString()), quoted(after ? QString::fromStdString(after->text) : QString()), quoted(verdictText(before)), quoted(verdictText(after)),
                                 real(drift), real(losses.before), real(losses.after), real(losses.kl), labels_.schema() ? QString::fromStdString(labels_.schema()->name) : QString(), quoted(labelText(row)), quoted(text(row, Probe))};
        out += fields.join(QLatin1Char(',')) + QLatin1Char('\n');
    }
    return out;
}

void SampleFilter::setFilterName(const QString& name) {
    name_ = name;
    invalidateFilter();
}

void SampleFilter::setSearch(const QString& text) {
    search_ = text.simplified();
    invalidateFilter();
}

bool SampleFilter::filterAcceptsRow(int row, const QModelIndex&) const {
    const auto* table = static_cast<const SampleTable*>(sourceModel());
    if (!table->passes(row, name_)) return false;
    if (search_.isEmpty()) return true;
    for (const int column : {SampleTable::Prompt, SampleTable::Before, SampleTable::After, SampleTable::Other})
        if (table->index(row, column).data().toString().contains(search_, Qt::CaseInsensitive)) return true;
    return false;
}

}  // namespace driftscope::drift
