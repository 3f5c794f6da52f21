#include "tests/core/embed/toy_data.h"

#include <zlib.h>

#include <cmath>
#include <fstream>
#include <sstream>
#include <stdexcept>

#include "core/base/fingerprint.h"

namespace driftscope::embed {
namespace {

/// Plain or gzip-compressed text.
std::string unpacked(const std::string& path) {
    gzFile file = gzopen(path.c_str(), "rb");
    if (!file) throw std::runtime_error("cannot open " + path);
    std::string text;
    char buffer[1 << 16];
    for (int got = gzread(file, buffer, sizeof buffer); got > 0; got = gzread(file, buffer, sizeof buffer))
        text.append(buffer, static_cast<std::size_t>(got));
    gzclose(file);
    return text;
}

double gaussian(std::uint64_t seed, std::uint64_t stream, std::uint64_t index) {
    const double u = 1 - randomUnit(seed, stream, 2 * index), v = randomUnit(seed, stream, 2 * index + 1);
    return std::sqrt(-2 * std::log(u)) * std::cos(2 * 3.14159265358979323846 * v);
}

}  // namespace

ToyData toyData(const std::string& name) {
    const bool iris = name == "iris";
    std::istringstream text(unpacked(std::string(DRIFTSCOPE_TEST_DATA) + "/numerics/toy/" + name + (iris ? ".csv" : ".csv.gz")));
    std::string line;
    if (iris) std::getline(text, line);  // a count and the class names
    ToyData out;
    while (std::getline(text, line)) {
        std::vector<float> fields;
        std::istringstream cells(line);
        for (std::string cell; std::getline(cells, cell, ',');) fields.push_back(std::stof(cell));
        out.classes.push_back(static_cast<std::int32_t>(fields.back()));
        fields.pop_back();
        out.features.columns = fields.size();
        out.features.values.insert(out.features.values.end(), fields.begin(), fields.end());
        ++out.features.rows;
    }
    return out;
}

nlohmann::json reference(const std::string& file) {
    std::ifstream in(std::string(DRIFTSCOPE_TEST_DATA) + "/" + file);
    return nlohmann::json::parse(in);
}

Matrix branchingWalks(std::size_t rows, std::size_t features, std::size_t branches, std::size_t latent, std::uint64_t seed) {
    std::vector<double> lift(latent * features);
    for (std::size_t i = 0; i < lift.size(); ++i) lift[i] = gaussian(seed, 1, i) / std::sqrt(static_cast<double>(latent));
    Matrix out(rows, features);
    std::vector<double> at(latent);
    for (std::size_t row = 0; row < rows; ++row) {
        const std::size_t branch = row * branches / rows;
        const bool first = row == 0 || (row - 1) * branches / rows != branch;
        for (std::size_t l = 0; l < latent; ++l)
            at[l] = first ? 4 * gaussian(seed, 2, branch * latent + l) : at[l] + 0.15 * gaussian(seed, 3, row * latent + l);
        for (std::size_t c = 0; c < features; ++c) {
            double value = 0.05 * gaussian(seed, 4, row * features + c);
            for (std::size_t l = 0; l < latent; ++l) value += at[l] * lift[l * features + c];
            out(row, c) = static_cast<float>(value);
        }
    }
    return out;
}

}  // namespace driftscope::embed
