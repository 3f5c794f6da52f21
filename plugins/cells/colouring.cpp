#include "plugins/cells/colouring.h"

#include <QCoreApplication>
#include <algorithm>
#include <cmath>
#include <limits>

#include "plugins/cells/label_model.h"
#include "widgets/style/palette.h"

namespace driftscope::cells {
namespace {

constexpr float kMissing = std::numeric_limits<float>::quiet_NaN();
constexpr std::size_t kTrackColors = 64;  // more cannot be told apart; tracks repeat them
const QColor kUndecided(150, 150, 150);

QString tr(const char* text) {
    return QCoreApplication::translate("driftscope::cells::Colouring", text);
}

QColor classColor(const LabelSchema& schema, std::size_t index) {
    return QColor(QString::fromStdString(schema.classes[index].color));
}

Colouring byState(const CellsData& data, const LabelModel& labels, const Predictions* predictions) {
    Colouring out;
    out.codes.assign(data.rows(), -1);
    const LabelSchema* schema = labels.schema();
    if (!schema) return out;
    out.title = QString::fromStdString(schema->title);
    const auto classes = static_cast<int>(schema->classes.size());
    for (std::size_t i = 0; i < schema->classes.size(); ++i) {
        out.names.push_back(QString::fromStdString(schema->classes[i].name));
        out.colors.push_back(classColor(*schema, i));
    }
    if (predictions)
        for (int i = 0; i < classes; ++i) {
            out.names.push_back(tr("%1 (predicted)").arg(out.names[static_cast<std::size_t>(i)]));
            out.colors.push_back(predictedColor(out.colors[static_cast<std::size_t>(i)]));
        }
    for (std::uint32_t row = 0; row < data.rows(); ++row) {
        if (labels.label(row) >= 0)
            out.codes[row] = labels.label(row);
        else if (predictions && predictions->best[row] >= 0)
            out.codes[row] = classes + predictions->best[row];
    }
    return out;
}

Colouring byTrack(const CellsData& data) {
    Colouring out;
    out.title = tr("Track");
    out.codes.resize(data.rows());
    for (std::uint32_t row = 0; row < data.rows(); ++row) out.codes[row] = static_cast<int>(data.trackOf(row));
    const std::vector<QColor> palette = style::categorical(std::min(data.tracks().size(), kTrackColors));
    for (std::size_t i = 0; i < data.tracks().size(); ++i) {
        out.names.push_back(QString::fromStdString(data.tracks()[i].entity));
        out.colors.push_back(palette[i % kTrackColors]);
    }
    return out;
}

Colouring byNumber(const QString& title, const CellsData& data, auto&& value) {
    Colouring out;
    out.title = title;
    out.categorical = false;
    out.values.resize(data.rows());
    for (std::uint32_t row = 0; row < data.rows(); ++row) out.values[row] = value(row);
    return out;
}

Colouring byColumn(const QString& name, const CellsData& data) {
    const Column* column = data.table().column(name.toStdString());
    if (const auto* texts = column ? std::get_if<Categorical>(column) : nullptr) {
        Colouring out;
        out.title = name;
        out.codes.assign(texts->codes.begin(), texts->codes.end());
        out.colors = style::categorical(texts->categories.size());
        for (const std::string& category : texts->categories) out.names.push_back(QString::fromStdString(category));
        return out;
    }
    return byNumber(name, data, [&](std::uint32_t row) { return column ? static_cast<float>(columnNumber(*column, row)) : kMissing; });
}

}  // namespace

QColor predictedColor(const QColor& color) {
    const auto mix = [](int a, int b) { return (a + b) / 2; };
    return QColor(mix(color.red(), kUndecided.red()), mix(color.green(), kUndecided.green()), mix(color.blue(), kUndecided.blue()));
}

std::vector<ColourMode> colourModes(const CellsData& data) {
    std::vector<ColourMode> modes{{QStringLiteral("state"), tr("State")},
                                  {QStringLiteral("track"), tr("Track")},
                                  {QStringLiteral("frame"), tr("Frame")},
                                  {QStringLiteral("confidence"), tr("Confidence of the prediction")}};
    static const std::vector<std::string> kShownOtherwise{"t", "track_id", "id", "parent_id", "parent_track_id"};
    for (const std::string& name : data.table().columnNames()) {
        if (std::ranges::find(kShownOtherwise, name) != kShownOtherwise.end()) continue;
        modes.push_back({QStringLiteral("column:") + QString::fromStdString(name), QString::fromStdString(name)});
    }
    return modes;
}

Colouring colouring(const QString& key, const CellsData& data, const LabelModel& labels, const Predictions* predictions) {
    if (key == QLatin1String("track")) return byTrack(data);
    if (key == QLatin1String("frame")) return byNumber(tr("Frame"), data, [&](std::uint32_t row) { return static_cast<float>(data.detection(row).t); });
    if (key == QLatin1String("confidence"))
        return byNumber(tr("Confidence"), data, [&](std::uint32_t row) {
            return predictions && predictions->best[row] >= 0 ? predictions->probabilities(row, static_cast<std::size_t>(predictions->best[row])) : kMissing;
        });
    if (key.startsWith(QLatin1String("column:"))) return byColumn(key.mid(7), data);
    return byState(data, labels, predictions);
}

QColor stateColor(std::uint32_t row, const LabelModel& labels, const Predictions* predictions) {
    const LabelSchema* schema = labels.schema();
    if (!schema) return kUndecided;
    if (labels.label(row) >= 0) return classColor(*schema, static_cast<std::size_t>(labels.label(row)));
    if (predictions && predictions->best[row] >= 0) return predictedColor(classColor(*schema, static_cast<std::size_t>(predictions->best[row])));
    return kUndecided;
}

}  // namespace driftscope::cells
