#pragma once

#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "core/base/error.h"

namespace driftscope::cells {

/// A configuration of VisCy (LightningCLI's fit or predict YAML) in our parameters.
struct ViscyImport {
    struct Leftover {
        std::string field;  ///< "trainer.strategy"
        std::string value;  ///< as JSON, shortened
        std::string why;
    };
    std::string kind;                                         ///< "cells.train" or "cells.embed"
    nlohmann::json params = nlohmann::json::object();         ///< of that kind
    std::vector<std::string> notes;                           ///< what was translated freely, or must be done first
    std::vector<Leftover> leftovers;                          ///< fields without an equivalent
};

/// A YAML file as JSON, with the files of its top-level `base` list below it: mappings merge, lists replace.
/// Errors: unreadable YAML (with line), a file that is its own base.
Result<nlohmann::json> readLightningConfig(const std::filesystem::path& yaml);

/// Translates a configuration. `kind` is "auto", "cells.train" or "cells.embed"; auto takes embedding when the file has an
/// EmbeddingWriter. Errors: not a configuration of contrastive learning, a field of the wrong type (named).
Result<ViscyImport> importViscyConfig(const nlohmann::json& config, const std::string& kind, const std::string& origin);

}  // namespace driftscope::cells
