#include "app/cli/terminal.h"

#include <unistd.h>

#include <cstdio>

namespace driftscope {
namespace {

using nlohmann::json;

std::string shown(const json& value) {
    if (value.is_null()) return "unset";
    if (value.is_string()) return value.get<std::string>().empty() ? "empty" : value.get<std::string>();
    if (value.is_array()) {
        std::string list;
        for (const json& element : value) list += (list.empty() ? "" : ",") + shown(element);
        return list.empty() ? "empty" : list;
    }
    return value.dump();
}

std::string describeParam(const ParamSpec& spec) {
    std::string facts = spec.fallback.is_null() ? (spec.optional ? "optional" : "required") : "default " + shown(spec.fallback);
    if (!spec.unit.empty()) facts += " " + spec.unit;
    if (spec.minimum && spec.maximum)
        facts += fmt::format("; {} to {}", *spec.minimum, *spec.maximum);
    else if (spec.minimum)
        facts += fmt::format("; at least {}", *spec.minimum);
    else if (spec.maximum)
        facts += fmt::format("; at most {}", *spec.maximum);
    if (!spec.choices.empty()) facts += fmt::format("; one of {}", fmt::join(spec.choices, ", "));
    std::string line = fmt::format("  {:<24} {}\n  {:<24} [{}]", spec.name, spec.help, "", facts);
    if (!spec.source.empty()) line += fmt::format(" (source: {})", spec.source);
    return line + "\n";
}

}  // namespace

std::string duration(double seconds) {
    const auto whole = static_cast<long>(seconds + 0.5);
    if (whole >= 3600) return fmt::format("{} h {:02} m", whole / 3600, whole / 60 % 60);
    if (whole >= 60) return fmt::format("{} m {:02} s", whole / 60, whole % 60);
    return fmt::format("{} s", whole);
}

void showEvent(const json& event) {
    const std::string type = event.value("type", "");
    const bool terminal = ::isatty(STDERR_FILENO) != 0;
    const char* clear = terminal ? "\r\033[K" : "";
    if (type == "progress" && terminal) {
        std::string line = fmt::format("{} {:.0f} of {:.0f}", event.value("stage", ""), event.value("done", 0.0), event.value("total", 0.0));
        if (event.contains("eta")) line += ", " + duration(event["eta"].get<double>()) + " left";
        fmt::print(stderr, "{}{}", clear, line);
        std::fflush(stderr);
    } else if (type == "log") {
        fmt::print(stderr, "{}{}\n", clear, event.value("text", ""));
    } else if (type == "warning") {
        fmt::print(stderr, "{}warning: {}\n", clear, event.value("text", ""));
    } else if (type == "end") {
        fmt::print(stderr, "{}", clear);
    }
}

std::string describe(const JobKind& kind) {
    std::string text = fmt::format("{}: {}\n{}\n\nUsage: driftscope-run {} --set key=value … --out DIR [--config FILE] [--device auto|cpu|cuda:N] [--json]\n\nParameters (--set name=value, repeatable):\n",
                                   kind.name, kind.title, kind.help, kind.name);
    for (const ParamSpec& spec : kind.params) text += describeParam(spec);
    return text;
}

std::string describeAll(const JobRegistry& registry) {
    std::string text = "driftscope-run: long computations of Driftscope without a window.\n\nUsage: driftscope-run KIND --set key=value … --out DIR\n"
                       "       driftscope-run KIND --help       parameters with defaults and units\n"
                       "       driftscope-run kinds [--json]    this list\n\nKinds:\n";
    for (const JobKind& kind : registry.kinds()) text += fmt::format("  {:<20} {}\n", kind.name, kind.title);
    return text + "\nOptions: --set name=value (repeatable), --config FILE.json, --out DIR, --device auto|cpu|cuda:N, --seed N where the kind has one,\n"
                  "         --overwrite, --json (machine-readable last line)\n"
                  "Exit codes: 0 ok, 2 usage, 3 bad input, 4 device, 5 cancelled, 70 internal\n";
}

json outcome(const std::string& kind, const std::string& out, const Result<json>& result) {
    if (result) return {{"status", "ok"}, {"kind", kind}, {"out", out}, {"result", *result}};
    const Error& error = result.error();
    return {{"status", error.code == ErrorCode::Cancelled ? "cancelled" : "error"},
            {"kind", kind},
            {"out", out},
            {"error", {{"code", name(error.code)}, {"message", error.message}, {"remedy", error.remedy}, {"context", error.context}}}};
}

}  // namespace driftscope
