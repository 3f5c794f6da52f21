// Times reading of one position. Usage: io_bench PLATE POSITION TRACKS SIDE; run by io_bench.py beside zarr-python.
#include <time.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <nlohmann/json.hpp>

#include "core/base/thread_team.h"
#include "core/io/time_lapse.h"

namespace {

using namespace driftscope;
using namespace driftscope::io;
using Clock = std::chrono::steady_clock;

double since(Clock::time_point start) {
    return std::chrono::duration<double, std::milli>(Clock::now() - start).count();
}

double percentile(std::vector<double> values, double fraction) {
    std::sort(values.begin(), values.end());
    return values[std::min(values.size() - 1, static_cast<std::size_t>(fraction * static_cast<double>(values.size())))];
}

double cpuMilliseconds() {
    timespec time{};
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
    return static_cast<double>(time.tv_sec) * 1e3 + static_cast<double>(time.tv_nsec) / 1e6;
}

nlohmann::json summary(const std::vector<double>& times, double cpu, double sum) {
    return {{"median_ms", percentile(times, 0.5)}, {"p95_ms", percentile(times, 0.95)}, {"cpu_ms", cpu / static_cast<double>(times.size())}, {"reads", times.size()}, {"checksum", sum}};
}

/// Every plane once, in order.
Result<nlohmann::json> planes(const TimeLapse& movie, ThreadTeam& team) {
    std::vector<double> times;
    double sum = 0;
    const double cpu = cpuMilliseconds();
    for (std::int64_t t = 0; t < movie.info().shape[0]; ++t)
        for (std::int64_t c = 0; c < movie.info().shape[1]; ++c)
            for (std::int64_t z = 0; z < movie.info().shape[2]; ++z) {
                const auto start = Clock::now();
                DS_ASSIGN(const FloatImage plane, movie.planeBy(team, t, c, z));
                times.push_back(since(start));
                sum += static_cast<double>(plane.at(plane.height / 2, plane.width / 2));
            }
    return summary(times, cpuMilliseconds() - cpu, sum);
}

Region placeOf(const TimeLapseInfo& info, int track, int side) {
    return {static_cast<int>(track * 7919LL % (info.height() - side)), static_cast<int>(track * 104729LL % (info.width() - side)), side, side};
}

/// Crops of `side` around the same places in every frame and channel, one at a time.
Result<nlohmann::json> crops(const TimeLapse& movie, int tracks, int side) {
    const TimeLapseInfo& info = movie.info();
    std::vector<double> times;
    double sum = 0;
    const double cpu = cpuMilliseconds();
    for (int track = 0; track < tracks; ++track)
        for (std::int64_t t = 0; t < info.shape[0]; ++t)
            for (std::int64_t c = 0; c < info.shape[1]; ++c) {
                const auto start = Clock::now();
                DS_ASSIGN(const auto stack, movie.stack(t, c, 0, info.shape[2], placeOf(info, track, side)));
                times.push_back(since(start));
                sum += static_cast<double>(stack[0].at(side / 2, side / 2));
            }
    return summary(times, cpuMilliseconds() - cpu, sum);
}

/// The same crops asked for together, a frame's worth at a time: what film strips, galleries and training read.
Result<nlohmann::json> cropsOfTracks(const TimeLapse& movie, int tracks, int side, ThreadTeam& team) {
    const TimeLapseInfo& info = movie.info();
    std::vector<double> times;
    double sum = 0;
    const double cpu = cpuMilliseconds();
    for (std::int64_t t = 0; t < info.shape[0]; ++t) {
        std::vector<CropRequest> requests;
        for (std::int64_t c = 0; c < info.shape[1]; ++c)
            for (int track = 0; track < tracks; ++track) requests.push_back({t, c, 0, info.shape[2], placeOf(info, track, side)});
        const auto start = Clock::now();
        DS_ASSIGN(const auto stacks, movie.crops(requests, &team));
        times.insert(times.end(), requests.size(), since(start) / static_cast<double>(requests.size()));
        for (const auto& stack : stacks) sum += static_cast<double>(stack[0].at(side / 2, side / 2));
    }
    return summary(times, cpuMilliseconds() - cpu, sum);
}

Result<nlohmann::json> run(int argc, char** argv) {
    if (argc != 5) return fail(ErrorCode::Usage, "Usage: io_bench PLATE POSITION TRACKS SIDE");
    DS_ASSIGN(const auto movie, openTimeLapse(argv[1], argv[2]));
    ThreadTeam team;
    const int tracks = std::stoi(argv[3]), side = std::stoi(argv[4]);
    DS_ASSIGN(const auto whole, planes(*movie, team));
    DS_ASSIGN(const auto parts, crops(*movie, tracks, side));
    DS_ASSIGN(const auto together, cropsOfTracks(*movie, tracks, side, team));
    return nlohmann::json{{"planes", whole}, {"crops", parts}, {"tracks", together}};
}

}  // namespace

int main(int argc, char** argv) {
    const auto result = run(argc, argv);
    std::printf("%s\n", result ? result->dump().c_str() : result.error().text().c_str());
    return result ? 0 : 1;
}
