#pragma once

#include <algorithm>
#include <cmath>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "core/io/csv.h"
#include "core/table/embedding_table.h"

namespace driftscope::bench {

/// A labelled data set on which annotators are simulated.
struct CurveData {
    std::string title;
    Matrix features;
    std::vector<std::uint32_t> rows;
    std::vector<int> labels;
    std::vector<std::uint32_t> groups;
    std::size_t classes = 0;
};

/// The states of btrack's test lineage (interphase, prometaphase, metaphase, anaphase) from how its cells move: the data have
/// no image. Per detection: the steps and speeds of the frames t - 6 … t + 6, the distance to the nearest other cell in
/// the frames t - 6 … t + 6 (sisters part), and the logarithms of the frames since the track began and until it ends.
inline CurveData btrackStates(const std::string& folder, bool grouped) {
    const io::CsvTable csv = io::readCsv(folder + "/test_data.csv").value();
    const auto truth = nlohmann::json::parse(std::ifstream(folder + "/test_ground_truth.json"));
    struct Spot {
        double t, x, y;
        int state, track = -1;
        std::size_t place = 0;
    };
    std::vector<Spot> spots;
    for (const auto& row : csv.rows) spots.push_back({std::stod(row[0]), std::stod(row[1]), std::stod(row[2]), std::stoi(row[5])});
    std::map<double, std::vector<std::size_t>> frame;
    for (std::size_t i = 0; i < spots.size(); ++i) frame[spots[i].t].push_back(i);
    std::vector<std::vector<std::size_t>> tracks;
    for (const auto& [name, rows] : truth.items()) {
        tracks.emplace_back();
        for (std::size_t row : rows.get<std::vector<std::size_t>>()) {
            spots[row].track = static_cast<int>(tracks.size()) - 1;
            spots[row].place = tracks.back().size();
            tracks.back().push_back(row);
        }
    }
    const auto nearest = [&](std::size_t i) {
        double best = 100;  // px; nobody in sight
        for (std::size_t j : frame[spots[i].t])
            if (j != i) best = std::min(best, std::hypot(spots[i].x - spots[j].x, spots[i].y - spots[j].y));
        return best;
    };
    constexpr int kReach = 6;
    constexpr std::size_t kColumns = 2 * (2 * kReach + 1) + 2 * kReach * 2 + 2;
    CurveData out{"btrack_test: four states from motion", Matrix(spots.size(), kColumns), {}, {}, {}, 4};
    for (std::size_t i = 0; i < spots.size(); ++i) {
        const auto& track = tracks[static_cast<std::size_t>(spots[i].track)];
        const auto at = [&](int k) -> const Spot& {
            const auto place = std::clamp(static_cast<int>(spots[i].place) + k, 0, static_cast<int>(track.size()) - 1);
            return spots[track[static_cast<std::size_t>(place)]];
        };
        std::vector<double> row;
        for (int k = -kReach; k <= kReach; ++k) {
            const Spot& spot = at(k);
            row.push_back(std::log(nearest(track[spot.place])));
            row.push_back(std::hypot(spot.x - spots[i].x, spot.y - spots[i].y));
        }
        for (int k = -kReach; k < kReach; ++k) {
            const double speed = std::hypot(at(k + 1).x - at(k).x, at(k + 1).y - at(k).y);
            row.push_back(speed);
            row.push_back(std::log1p(speed));
        }
        row.push_back(std::log1p(static_cast<double>(spots[i].place)));
        row.push_back(std::log1p(static_cast<double>(track.size() - 1 - spots[i].place)));
        std::copy(row.begin(), row.end(), out.features.row(i).begin());
        out.rows.push_back(static_cast<std::uint32_t>(i));
        out.labels.push_back(spots[i].state);
        // Seven tracks are too few to hold out; stretches of 20 frames keep neighbours in time together.
        out.groups.push_back(grouped ? static_cast<std::uint32_t>(spots[i].track * 100) + static_cast<std::uint32_t>(spots[i].place / 20) : static_cast<std::uint32_t>(i));
    }
    return out;
}

}  // namespace driftscope::bench
