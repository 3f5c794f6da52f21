#pragma once

#include <cstdint>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/error.h"

namespace driftscope {

enum class ParamType { Bool, Int, Real, Text, Choice, Path, PathList, TextList, IntList, RealList };

/// One parameter of a job kind, declared once. The form, the command line, validation and the record in job.json
/// all come from it.
struct ParamSpec {
    std::string name;                  ///< as in `--set name=value`; dots group, as in lora.r
    ParamType type = ParamType::Text;
    nlohmann::json fallback;           ///< the default; null means the parameter is required
    std::string help;                  ///< one sentence for tooltip and --help
    std::string unit = {};             ///< "px", "frames", "s"; empty when a pure number
    std::optional<double> minimum = {};
    std::optional<double> maximum = {};
    std::vector<std::string> choices = {};  ///< for Choice
    std::string source = {};           ///< paper or reference implementation that sets the default
    bool optional = false;             ///< a required-looking parameter (null default) that may stay unset
    bool advanced = false;             ///< folded away in the form

    nlohmann::json toJson() const;
    static ParamSpec fromJson(const nlohmann::json& json);
};

/// The values of one job: every declared parameter, checked against its spec.
class Params {
  public:
    /// Validates `given` (a JSON object) against `specs` and fills defaults.
    /// Errors: unknown name (with the nearest known one), wrong type, out of range, missing required; all name the parameter.
    static Result<Params> make(const std::vector<ParamSpec>& specs, const nlohmann::json& given);

    /// Parses `text` as a value of the spec's type ("3", "1e-4", "true", "a,b"); the meaning of `--set name=text`.
    static Result<nlohmann::json> parse(const ParamSpec& spec, std::string_view text);

    bool flag(std::string_view name) const;
    std::int64_t integer(std::string_view name) const;
    double real(std::string_view name) const;
    std::string text(std::string_view name) const;  ///< also Choice and Path; empty when unset
    std::vector<std::string> texts(std::string_view name) const;
    std::vector<std::int64_t> integers(std::string_view name) const;
    std::vector<double> reals(std::string_view name) const;
    bool isSet(std::string_view name) const;  ///< false when null

    const nlohmann::json& values() const { return values_; }

  private:
    const nlohmann::json& at(std::string_view name) const;
    nlohmann::json values_ = nlohmann::json::object();
};

/// The known name closest to `wanted` by edit distance, or empty when none is near.
std::string nearestName(std::string_view wanted, const std::vector<std::string>& known);

}  // namespace driftscope
