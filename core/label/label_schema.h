#pragma once

#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/error.h"

namespace driftscope {

/// One class of a label schema.
struct LabelClass {
    std::string name;                  ///< "mitosis", written to files
    std::string color;                 ///< "#E69F00"
    std::string key;                   ///< keyboard key, "1" … "9" or a letter
    std::vector<std::string> aliases;  ///< other spellings accepted on import ("2", "M")
};

/// A question asked of each observation ("cell_division_state") and its possible answers. Belongs to the project.
struct LabelSchema {
    std::string name;   ///< column name in files
    std::string title;  ///< "Cell division"
    std::vector<LabelClass> classes;
    /// How the reference's annotator expands marks to tracks: "frame" (only marked frames), or "onset" (from the first
    /// mark to the end of the track). See napari-iohub's cell state annotator.
    std::string expansion = "frame";
    /// Spellings that mean "no label" on import, besides the empty text ("unknown", "-1").
    std::vector<std::string> unknown = {};

    /// The class with this name or alias (case-insensitive), or nothing.
    std::optional<std::size_t> find(std::string_view text) const;
    /// Whether the text is empty or one of `unknown` (case-insensitive).
    bool meansUnlabelled(std::string_view text) const;
    /// Errors: no name, no classes, duplicate names, keys or aliases, bad colour or expansion (each named).
    Result<void> check() const;
    nlohmann::json toJson() const;
    /// Errors: missing fields, and those of check().
    static Result<LabelSchema> fromJson(const nlohmann::json& json);
};

/// The four schemas of the reference (division, infection, organelle, death) with their known aliases.
std::vector<LabelSchema> referenceSchemas();

}  // namespace driftscope
