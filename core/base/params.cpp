#include "core/base/params.h"

#include <algorithm>
#include <cassert>
#include <charconv>
#include <cmath>
#include <numeric>
#include <stdexcept>

namespace driftscope {
namespace {

using nlohmann::json;

constexpr const char* kTypeNames[] = {"bool", "int", "real", "text", "choice", "path", "paths", "texts", "ints", "reals"};

bool isList(ParamType type) {
    return type >= ParamType::PathList;
}

ParamType elementType(ParamType type) {
    switch (type) {
        case ParamType::PathList: return ParamType::Path;
        case ParamType::TextList: return ParamType::Text;
        case ParamType::IntList: return ParamType::Int;
        case ParamType::RealList: return ParamType::Real;
        default: return type;
    }
}

std::string_view typeName(ParamType type) {
    return kTypeNames[static_cast<int>(type)];
}

tl::unexpected<Error> wrong(const ParamSpec& spec, const std::string& shown, const std::string& why) {
    return fail(ErrorCode::Usage, fmt::format("Parameter '{}' cannot be '{}': {}.", spec.name, shown, why), spec.help);
}

Result<void> checkRange(const ParamSpec& spec, double value, const std::string& shown) {
    const std::string unit = spec.unit.empty() ? "" : " " + spec.unit;
    if (!std::isfinite(value)) return wrong(spec, shown, "it must be a finite number");
    if (spec.minimum && value < *spec.minimum) return wrong(spec, shown, fmt::format("the minimum is {}{}", *spec.minimum, unit));
    if (spec.maximum && value > *spec.maximum) return wrong(spec, shown, fmt::format("the maximum is {}{}", *spec.maximum, unit));
    return {};
}

Result<void> checkOne(const ParamSpec& spec, ParamType type, const json& value) {
    const std::string shown = value.is_string() ? value.get<std::string>() : value.dump();
    switch (type) {
        case ParamType::Bool:
            if (!value.is_boolean()) return wrong(spec, shown, "it must be true or false");
            return {};
        case ParamType::Int:
            if (!value.is_number_integer()) return wrong(spec, shown, "it must be a whole number");
            return checkRange(spec, value.get<double>(), shown);
        case ParamType::Real:
            if (!value.is_number()) return wrong(spec, shown, "it must be a number");
            return checkRange(spec, value.get<double>(), shown);
        case ParamType::Choice:
            if (!value.is_string() || std::find(spec.choices.begin(), spec.choices.end(), shown) == spec.choices.end())
                return wrong(spec, shown, fmt::format("it must be one of {}", fmt::join(spec.choices, ", ")));
            return {};
        default:
            if (!value.is_string()) return wrong(spec, shown, "it must be text");
            return {};
    }
}

Result<void> check(const ParamSpec& spec, const json& value) {
    if (!isList(spec.type)) return checkOne(spec, spec.type, value);
    if (!value.is_array()) return wrong(spec, value.dump(), "it must be a list");
    for (const json& element : value) DS_TRY(checkOne(spec, elementType(spec.type), element));
    return {};
}

Result<json> parseOne(const ParamSpec& spec, ParamType type, std::string_view text) {
    const std::string shown(text);
    const char* end = text.data() + text.size();
    if (type == ParamType::Bool) {
        if (text == "true" || text == "1" || text == "yes" || text == "on") return json(true);
        if (text == "false" || text == "0" || text == "no" || text == "off") return json(false);
        return wrong(spec, shown, "it must be true or false");
    }
    if (type == ParamType::Int) {
        std::int64_t value = 0;
        const auto [stop, code] = std::from_chars(text.data(), end, value);
        if (code != std::errc() || stop != end) return wrong(spec, shown, "it must be a whole number");
        return json(value);
    }
    if (type == ParamType::Real) {
        double value = 0;
        const auto [stop, code] = std::from_chars(text.data(), end, value);
        if (code != std::errc() || stop != end) return wrong(spec, shown, "it must be a number");
        return json(value);
    }
    return json(shown);
}

std::vector<std::string_view> split(std::string_view text, char separator) {
    std::vector<std::string_view> parts;
    while (!text.empty()) {
        const std::size_t cut = text.find(separator);
        parts.push_back(text.substr(0, cut));
        if (cut == std::string_view::npos) break;
        text.remove_prefix(cut + 1);
    }
    return parts;
}

std::size_t editDistance(std::string_view a, std::string_view b) {
    std::vector<std::size_t> row(b.size() + 1);
    std::iota(row.begin(), row.end(), std::size_t{0});
    for (std::size_t i = 1; i <= a.size(); ++i) {
        std::size_t diagonal = row[0]++;
        for (std::size_t j = 1; j <= b.size(); ++j) {
            const std::size_t substituted = diagonal + (a[i - 1] != b[j - 1]);
            diagonal = row[j];
            row[j] = std::min({row[j] + 1, row[j - 1] + 1, substituted});
        }
    }
    return row.back();
}

Result<void> rejectUnknown(const std::vector<ParamSpec>& specs, const json& given) {
    std::vector<std::string> known;
    for (const ParamSpec& spec : specs) known.push_back(spec.name);
    for (const auto& item : given.items()) {
        if (std::find(known.begin(), known.end(), item.key()) != known.end()) continue;
        const std::string near = nearestName(item.key(), known);
        return fail(ErrorCode::Usage, fmt::format("There is no parameter '{}'.", item.key()),
                    near.empty() ? "--help lists the parameters." : fmt::format("Did you mean '{}'?", near));
    }
    return {};
}

}  // namespace

json ParamSpec::toJson() const {
    json out{{"name", name}, {"type", typeName(type)}, {"default", fallback}, {"help", help}};
    if (!unit.empty()) out["unit"] = unit;
    if (minimum) out["minimum"] = *minimum;
    if (maximum) out["maximum"] = *maximum;
    if (!choices.empty()) out["choices"] = choices;
    if (!source.empty()) out["source"] = source;
    if (optional) out["optional"] = true;
    if (advanced) out["advanced"] = true;
    return out;
}

ParamSpec ParamSpec::fromJson(const json& in) {
    ParamSpec spec;
    spec.name = in.at("name").get<std::string>();
    const std::string type = in.at("type").get<std::string>();
    for (int i = 0; i < static_cast<int>(std::size(kTypeNames)); ++i)
        if (type == kTypeNames[i]) spec.type = static_cast<ParamType>(i);
    spec.fallback = in.value("default", json());
    spec.help = in.value("help", "");
    spec.unit = in.value("unit", "");
    if (in.contains("minimum")) spec.minimum = in["minimum"].get<double>();
    if (in.contains("maximum")) spec.maximum = in["maximum"].get<double>();
    spec.choices = in.value("choices", std::vector<std::string>{});
    spec.source = in.value("source", "");
    spec.optional = in.value("optional", false);
    spec.advanced = in.value("advanced", false);
    return spec;
}

Result<Params> Params::make(const std::vector<ParamSpec>& specs, const json& given) {
    if (!given.is_object()) return fail(ErrorCode::Usage, "The parameters must be a JSON object.");
    DS_TRY(rejectUnknown(specs, given));
    Params params;
    for (const ParamSpec& spec : specs) {
        json value = given.contains(spec.name) ? given[spec.name] : json();
        if (value.is_null()) value = spec.fallback;
        if (value.is_null()) {
            if (!spec.optional)
                return fail(ErrorCode::Usage, fmt::format("Parameter '{}' is required.", spec.name),
                            fmt::format("Add --set {}=… ({})", spec.name, spec.help));
        } else {
            DS_TRY(check(spec, value));
        }
        params.values_[spec.name] = std::move(value);
    }
    return params;
}

Result<json> Params::parse(const ParamSpec& spec, std::string_view text) {
    if (text.empty() && spec.optional) return json();
    if (!isList(spec.type)) return parseOne(spec, spec.type, text);
    json list = json::array();
    for (std::string_view part : split(text, ',')) {
        DS_ASSIGN(json element, parseOne(spec, elementType(spec.type), part));
        list.push_back(std::move(element));
    }
    return list;
}

const json& Params::at(std::string_view name) const {
    const auto found = values_.find(std::string(name));
    // Asking for an undeclared parameter is a programmer's error, caught at the top of driftscope-run.
    if (found == values_.end()) throw std::logic_error(fmt::format("parameter '{}' is not declared", name));
    return *found;
}

bool Params::flag(std::string_view name) const { return at(name).get<bool>(); }
std::int64_t Params::integer(std::string_view name) const { return at(name).get<std::int64_t>(); }
double Params::real(std::string_view name) const { return at(name).get<double>(); }
bool Params::isSet(std::string_view name) const { return !at(name).is_null(); }

std::string Params::text(std::string_view name) const {
    return isSet(name) ? at(name).get<std::string>() : std::string();
}

std::vector<std::string> Params::texts(std::string_view name) const {
    return isSet(name) ? at(name).get<std::vector<std::string>>() : std::vector<std::string>{};
}

std::vector<std::int64_t> Params::integers(std::string_view name) const {
    return isSet(name) ? at(name).get<std::vector<std::int64_t>>() : std::vector<std::int64_t>{};
}

std::vector<double> Params::reals(std::string_view name) const {
    return isSet(name) ? at(name).get<std::vector<double>>() : std::vector<double>{};
}

std::string nearestName(std::string_view wanted, const std::vector<std::string>& known) {
    std::string best;
    std::size_t bestDistance = std::max<std::size_t>(2, wanted.size() / 3) + 1;
    for (const std::string& candidate : known) {
        const std::size_t distance = editDistance(wanted, candidate);
        if (distance < bestDistance) {
            bestDistance = distance;
            best = candidate;
        }
    }
    return best;
}

}  // namespace driftscope
