// Feeds changed files to our readers until the time is over; a crash or a sanitizer's report is the failure. The same seed gives the
// same files. Before each run the input lies in the work folder, so that what a crash met can be looked at.
// Usage: fuzz_readers TARGET [--seconds S] [--seed N] [--runs N]
#include <unistd.h>

#include <chrono>
#include <filesystem>
#include <fmt/format.h>
#include <fstream>
#include <functional>
#include <iterator>
#include <map>

#include "core/cells/exchange/track_formats.h"
#include "core/io/npy.h"
#include "core/io/npz.h"
#include "core/io/safetensors.h"
#include "core/io/zarr_array.h"
#include "core/io/zarr_text.h"
#include "tests/fuzz/mutate.h"

namespace {

using namespace driftscope;
namespace fs = std::filesystem;
const fs::path kData = fs::path(DRIFTSCOPE_TEST_DATA) / "cells";

std::string slurp(const fs::path& path) {
    std::ifstream in(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
}

/// A file that is changed, in a folder of others that are not, and what reads it. Either of several files may be changed.
struct Target {
    fs::path folder;                                  ///< copied to the work folder; may be empty
    std::vector<std::string> names;                   ///< files that are changed, relative to it
    std::map<std::string, std::vector<std::string>> seeds;  ///< their contents
    std::function<void(const fs::path& work)> read;
};

void readArray(const fs::path& work) {
    const auto array = io::ZarrArray::open(work);
    if (!array) return;
    std::size_t count = 1;
    for (const std::int64_t extent : array->metadata().shape) count = extent > 0 && count < (1u << 20) ? count * static_cast<std::size_t>(std::min<std::int64_t>(extent, 1 << 20)) : 1u << 30;
    if (count >= (1u << 20) || array->metadata().chunkBytes > (64u << 20)) return;  // honest but large: time, not safety
    (void)array->doubles();
    (void)array->integers();
}

Target arrays(const fs::path& folder, std::vector<std::string> names, std::function<void(const fs::path&)> read) {
    Target target{folder, std::move(names), {}, std::move(read)};
    for (const std::string& name : target.names) target.seeds[name] = {slurp(folder / name)};
    return target;
}

Target file(const std::string& name, std::vector<std::string> seeds, std::function<void(const fs::path&)> read) {
    return {{}, {name}, {{name, std::move(seeds)}}, [name, read](const fs::path& work) { read(work / name); }};
}

std::string npyBytes() {
    const std::string header = "{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }          \n";
    std::string bytes("\x93NUMPY\x01\x00", 8);
    bytes += static_cast<char>(header.size());
    bytes += '\0';
    return bytes + header + std::string(24, '\1');
}

std::string npzBytes() {
    const fs::path path = fs::temp_directory_path() / fmt::format("driftscope-fuzz-{}.npz", ::getpid());
    (void)io::writeNpz(path, {{"a", npyBytes()}, {"b", npyBytes()}});
    const std::string bytes = slurp(path);
    fs::remove(path);
    return bytes;
}

std::string safetensorsBytes() {
    const std::string header = R"({"a":{"dtype":"F32","shape":[2,3],"data_offsets":[0,24]},"b":{"dtype":"I64","shape":[],"data_offsets":[24,32]},"__metadata__":{"k":"v"}})";
    const std::uint64_t length = header.size();
    return std::string(reinterpret_cast<const char*>(&length), 8) + header + std::string(32, '\1');
}

std::map<std::string, std::function<Target()>> targets() {
    const fs::path v2 = kData / "zarr_v2_fixtures", v3 = kData / "zarr_v3_fixtures", tracks = kData / "tracks";
    return {{"zarr2", [=] { return arrays(v2 / "1d.contiguous.delta.shuffle.i2", {".zarray", "0"}, readArray); }},
            {"zarr3", [=] { return arrays(v3 / "3d.chunked.mixed.i2.F", {"zarr.json", "c/0/0/0"}, readArray); }},
            {"zarr-shard", [=] { return arrays(v3 / "3d.chunked.mixed.compressed.sharded.i2", {"zarr.json", "c/0/0/0"}, readArray); }},
            {"zarr-text", [=] { return arrays(v3 / "1d.string.unicode", {"zarr.json", "c/0"}, [](const fs::path& work) { (void)io::readZarrTexts(work); }); }},
            {"csv", [=] { return file("t.csv", {"track_id,t,y,x,id,parent_track_id,parent_id\n1,0,1.5,2,1,-1,-1\n2,1,\"1\",3,2,1,1\n", slurp(tracks / "cellprofiler_spots.csv").substr(0, 600), "ID t x y z parent dummy\n1 0 5 6 0 1 False\n"},
                                      [](const fs::path& path) { (void)cells::readTrackCsv(path); }); }},
            {"trackmate", [=] { return file("t.xml", {R"(<TrackMate version="7"><Model spatialunits="pixel" timeunits="sec"><AllSpots><SpotsInFrame frame="0"><Spot ID="1" FRAME="0" POSITION_X="1" POSITION_Y="2" RADIUS="3" QUALITY="1" ROI_N_POINTS="3">0 0 1 0 1 1</Spot></SpotsInFrame><SpotsInFrame frame="1"><Spot ID="2" FRAME="1" POSITION_X="1" POSITION_Y="2" VISIBILITY="1"/></SpotsInFrame></AllSpots><AllTracks><Track TRACK_ID="0"><Edge SPOT_SOURCE_ID="1" SPOT_TARGET_ID="2"/></Track></AllTracks></Model><Settings><ImageData width="9" height="9" pixelwidth="0.5" pixelheight="0.5" timeinterval="2"/></Settings></TrackMate>)"},
                                            [](const fs::path& path) { (void)cells::readTrackMate(path); }); }},
            {"ctc", [=] { return file("man_track.txt", {slurp(tracks / "ecoli_man_track.txt")}, [](const fs::path& path) { (void)cells::readCtcTracks(path); }); }},
            {"safetensors", [] { return file("t.safetensors", {safetensorsBytes()}, [](const fs::path& path) { (void)io::SafetensorsFile::open(path); }); }},
            {"npz", [] { return file("t.npz", {npzBytes()}, [](const fs::path& path) { (void)io::readNpz(path); }); }},
            {"npy", [] { return file("t.npy", {npyBytes()}, [](const fs::path& path) { (void)io::readNpy(path); }); }}};
}

}  // namespace

int main(int argc, char** argv) {
    const std::vector<std::string> arguments(argv + 1, argv + argc);
    const auto value = [&](const char* name, double fallback) {
        for (std::size_t i = 0; i + 1 < arguments.size(); ++i)
            if (arguments[i] == name) return std::stod(arguments[i + 1]);
        return fallback;
    };
    const auto all = targets();
    if (arguments.empty() || !all.contains(arguments[0])) {
        fmt::print(stderr, "Usage: fuzz_readers TARGET [--seconds S] [--seed N] [--runs N]\n");
        return 2;
    }
    const Target target = all.at(arguments[0])();
    const fs::path work = fs::temp_directory_path() / fmt::format("driftscope-fuzz-{}-{}", arguments[0], ::getpid());
    fs::remove_all(work);
    if (target.folder.empty())
        fs::create_directories(work);
    else
        fs::copy(target.folder, work, fs::copy_options::recursive);
    std::mt19937_64 random(static_cast<std::uint64_t>(value("--seed", 1)));
    const double seconds = value("--seconds", 2), most = value("--runs", 1e18);
    const auto start = std::chrono::steady_clock::now();
    std::uint64_t runs = 0;
    for (; static_cast<double>(runs) < most && std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count() < seconds; ++runs) {
        const std::string& name = target.names[random() % target.names.size()];
        std::ofstream(work / name, std::ios::binary | std::ios::trunc) << fuzz::mutate(target.seeds.at(name), random);
        target.read(work);
        if (target.names.size() > 1) std::ofstream(work / name, std::ios::binary | std::ios::trunc) << target.seeds.at(name).front();
    }
    fs::remove_all(work);
    fmt::print("{}: {} runs in {:.1f} s\n", arguments[0], runs, std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count());
    return runs > 0 ? 0 : 1;
}
