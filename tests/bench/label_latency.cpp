// label_latency [FOLDER]: time from apply() to the durable label, one label per batch, with SQLite's two ways to flush,
// and the time that opening (with its check) takes. FOLDER should lie on the disk that projects lie on.
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <filesystem>

#include "core/label/sqlite_label_store.h"
#include "core/label/store_format.h"

namespace {

using namespace driftscope;

double secondsSince(std::chrono::steady_clock::time_point begin) {
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
}

Result<void> measure(const std::filesystem::path& file, const char* mode, int existing) {
    std::filesystem::remove(file);
    DS_ASSIGN(auto database, label::openForWriting(file));
    DS_TRY(database->execute(fmt::format("PRAGMA synchronous={}", mode).c_str()));
    DS_ASSIGN(auto lock, ProcessLock::take(file.string() + ".lock", file.string()));
    label::SqliteLabelStore store(std::move(lock), std::move(database));
    const LabelSchema schema = referenceSchemas()[0];
    DS_TRY(store.putSchema(schema, {}));
    std::vector<LabelChange> before;
    for (int i = 0; i < existing; ++i) before.push_back({{"plate.zarr", "A/1/0#" + std::to_string(i), i}, "mitosis"});
    DS_TRY(store.apply(schema.name, before, "ada", "manual"));
    std::vector<double> milliseconds;
    for (int i = 0; i < 1000; ++i) {
        const auto begin = std::chrono::steady_clock::now();
        DS_TRY(
            store.apply(schema.name, {{{"plate.zarr", "B/2/1#" + std::to_string(i), i}, "mitosis"}}, "ada", "manual"));
        milliseconds.push_back(secondsSince(begin) * 1e3);
    }
    std::sort(milliseconds.begin(), milliseconds.end());
    fmt::print("synchronous={:<6} {:>7} labels before: median {:.3f} ms, p99 {:.3f} ms, max {:.3f} ms\n", mode,
               existing, milliseconds[500], milliseconds[990], milliseconds[999]);
    return {};
}

}  // namespace

int main(int argc, char** argv) {
    const std::filesystem::path folder = argc > 1 ? argv[1] : ".";
    const std::filesystem::path file = folder / "label_latency.sqlite";
    for (const char* mode : {"NORMAL", "FULL"})
        for (const int existing : {0, 100000})
            if (auto done = measure(file, mode, existing); !done) {
                fmt::print(stderr, "{}\n", done.error().text());
                return 3;
            }
    const auto begin = std::chrono::steady_clock::now();
    const auto opened = LabelStore::open(file);
    fmt::print("opening a file of 101,000 labels, with its check: {:.1f} ms{}\n", secondsSince(begin) * 1e3,
               opened ? "" : " (failed)");
    std::filesystem::remove(file);
    std::filesystem::remove(file.string() + ".lock");
    return opened ? 0 : 3;
}
