#pragma once

#include <filesystem>
#include <memory>

#include "core/embed/calibration.h"
#include "core/embed/probe.h"
#include "core/table/row_judge.h"

namespace driftscope::embed {

/// A probe as label.probe saves it (probe.json), with what is needed to use it on another table.
struct SavedProbe {
    Probe probe;
    std::vector<std::string> classes;
    std::string features = "X";             ///< X, or an obsm matrix
    std::string task;                       ///< label column it was trained on
    std::vector<Calibration> calibrations;  ///< per class, from held-out predictions; may be empty
    nlohmann::json job;                     ///< provenance

    nlohmann::json toJson() const;
};
/// Errors: missing file, not JSON, fields that do not fit each other.
Result<SavedProbe> readProbe(const std::filesystem::path& path);

/// The matrix that a table calls `name`: X or one of obsm. Errors: absent or empty.
Result<const Matrix*> chooseFeatures(const EmbeddingTable& table, const std::string& name);

/// Judges whether a row is of class `yes`, by the probe's calibrated probability (the raw one when it was never calibrated).
/// `yes` may be empty for a probe with two classes whose second is meant. Errors: an unknown class, features of another
/// width than the probe was trained on.
Result<std::unique_ptr<RowJudge>> probeJudge(SavedProbe probe, std::shared_ptr<const EmbeddingTable> table, const std::string& yes);

}  // namespace driftscope::embed
