#include "app/cli/run_main.h"

#include <signal.h>

#include <CLI/CLI.hpp>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <thread>

#include "app/cli/terminal.h"
#include "core/base/atomic_file.h"
#include "core/job/run_job.h"

namespace driftscope {
namespace {

using nlohmann::json;

struct CommandLine {
    std::string kind;
    std::vector<std::string> settings;
    std::string config;
    std::string out;
    std::string device = "auto";
    bool overwrite = false;
    bool machineReadable = false;
    bool help = false;
};

std::atomic<bool> stopAsked{false};

void askToStop(int) {
    stopAsked = true;
}

/// Turns SIGTERM and SIGINT into a stop request. A handler, not a blocked signal: libraries start threads before main(),
/// and a thread that does not block the signal would end the program.
class SignalWatch {
  public:
    SignalWatch() {
        struct sigaction action {};
        action.sa_handler = askToStop;
        action.sa_flags = SA_RESTART;
        sigaction(SIGTERM, &action, nullptr);
        sigaction(SIGINT, &action, nullptr);
        watcher_ = std::jthread([this](std::stop_token ended) {
            while (!ended.stop_requested()) {
                if (stopAsked) source_.request_stop();
                std::this_thread::sleep_for(std::chrono::milliseconds(50));
            }
        });
    }
    std::stop_token token() const { return source_.get_token(); }

  private:
    std::stop_source source_;
    std::jthread watcher_;
};

Result<json> collectParams(const JobKind& kind, const CommandLine& line) {
    json params = json::object();
    if (!line.config.empty()) {
        DS_ASSIGN(const std::string text, readFile(line.config));
        params = json::parse(text, nullptr, false);
        if (params.is_discarded() || !params.is_object())
            return fail(ErrorCode::BadInput, fmt::format("{} is not a JSON object.", line.config), "Write the parameters as {\"name\": value, …}.");
        // A job.json of an earlier run is a valid configuration too.
        if (params.contains("kind") && params.contains("params")) params = json(params["params"]);
    }
    for (const std::string& setting : line.settings) {
        const std::size_t cut = setting.find('=');
        if (cut == std::string::npos) return fail(ErrorCode::Usage, fmt::format("'--set {}' has no '='.", setting), "Write --set name=value.");
        const std::string key = setting.substr(0, cut);
        const auto spec = std::find_if(kind.params.begin(), kind.params.end(), [&](const ParamSpec& s) { return s.name == key; });
        if (spec == kind.params.end()) {
            params[key] = setting.substr(cut + 1);  // Params::make names it and suggests the nearest
            continue;
        }
        DS_ASSIGN(params[key], Params::parse(*spec, std::string_view(setting).substr(cut + 1)));
    }
    return params;
}

Result<json> run(const JobRegistry& registry, const CommandLine& line, std::stop_token stop) {
    JobRequest request{line.kind, json::object(), line.out, line.device, line.overwrite};
    if (const JobKind* kind = registry.find(line.kind)) {
        DS_ASSIGN(request.params, collectParams(*kind, line));
        if (line.out.empty()) return fail(ErrorCode::Usage, "--out is missing.", "Name the folder for results: --out DIR.");
    }
    if (line.device != "auto" && line.device != "cpu" && line.device.rfind("cuda", 0) != 0)
        return fail(ErrorCode::Usage, fmt::format("There is no device '{}'.", line.device), "Use auto, cpu or cuda:N.");
    return runJob(registry, request, std::move(stop), showEvent);
}

int listKinds(const JobRegistry& registry, bool machineReadable) {
    if (!machineReadable) {
        fmt::print("{}", describeAll(registry));
        return 0;
    }
    json list = json::array();
    for (const JobKind& kind : registry.kinds()) list.push_back(kind.describe());
    fmt::print("{}\n", json{{"kinds", list}, {"version", DRIFTSCOPE_VERSION}}.dump());
    return 0;
}

void defineOptions(CLI::App& app, CommandLine& line) {
    app.set_help_flag();
    app.add_option("kind", line.kind);
    app.add_option("--set", line.settings)->allow_extra_args(true);
    app.add_option("--config", line.config);
    app.add_option("--out", line.out);
    app.add_option("--device", line.device);
    app.add_flag("--overwrite", line.overwrite);
    app.add_flag("--json", line.machineReadable);
    app.add_flag("--help,-h", line.help);
}

}  // namespace

int runMain(const JobRegistry& registry, int argc, char** argv) {
    CommandLine line;
    CLI::App app("driftscope-run");
    defineOptions(app, line);
    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError& error) {
        fmt::print(stderr, "driftscope-run: {}\n--help lists kinds and options.\n", error.what());
        return exitCode(ErrorCode::Usage);
    }
    if (line.kind == "kinds" || (line.kind.empty() && line.help)) return listKinds(registry, line.machineReadable);
    if (line.kind.empty()) {
        fmt::print(stderr, "{}", describeAll(registry));
        return exitCode(ErrorCode::Usage);
    }
    if (const JobKind* kind = registry.find(line.kind); kind && line.help) {
        fmt::print("{}", describe(*kind));
        return 0;
    }
    SignalWatch signals;
    const Result<json> result = run(registry, line, signals.token());
    if (!result) fmt::print(stderr, "driftscope-run {}: {}\n", line.kind, result.error().text());
    if (line.machineReadable)
        fmt::print("{}\n", outcome(line.kind, line.out, result).dump(-1, ' ', false, json::error_handler_t::replace));
    else if (result)
        fmt::print("{}\n", result->dump(2, ' ', false, json::error_handler_t::replace));
    std::fflush(nullptr);
    return result ? 0 : exitCode(result.error().code);
}

}  // namespace driftscope
