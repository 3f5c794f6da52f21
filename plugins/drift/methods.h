#pragma once

#include <QColor>
#include <QString>
#include <vector>

namespace driftscope::drift {

/// A way to defend a model, as people choose it.
struct MethodWord {
    QString id;     ///< as a study names its arm: "booster", "sft:single"
    QString title;
    bool aligns = true;  ///< defends while aligning; else while fine-tuning
    QString about;  ///< what it does, with its paper and its defaults
};

/// Every method a study can compare, in the order of choosing.
const std::vector<MethodWord>& methodWords();
/// The title of an arm; of an unknown one its id.
QString methodTitle(const QString& arm);
/// The colour of a method, the same in every plot and report.
QColor methodColour(const QString& arm);

/// "12,400"
QString countText(qint64 count);
/// "3.1 GB"
QString bytesText(double bytes);

}  // namespace driftscope::drift
