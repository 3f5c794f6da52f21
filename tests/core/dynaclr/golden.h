#pragma once

#include <cmath>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <string>

#include "core/tensor/torch.h"

namespace driftscope::test {

inline nlohmann::json readGolden(const std::string& name) {
    std::ifstream file(std::filesystem::path(DRIFTSCOPE_TEST_DATA) / "golden" / name);
    return nlohmann::json::parse(file);
}

inline bool endsWith(const std::string& text, const std::string& end) {
    return text.size() >= end.size() && text.compare(text.size() - end.size(), end.size(), end) == 0;
}

/// The weights of the golden files follow a formula of the tensor's name and index, so that no weights need storing.
inline torch::Tensor goldenWeight(const std::string& name, const std::vector<std::int64_t>& shape, double phase) {
    if (endsWith(name, "num_batches_tracked")) return torch::full(shape, 7, torch::kInt64);
    int bytes = 0;
    for (const char c : name) bytes += static_cast<unsigned char>(c);
    const double h = (bytes % 1000) / 100.0 + phase;
    torch::Tensor tensor = torch::empty(shape, torch::kFloat32);
    const std::int64_t count = tensor.numel();
    double fanIn = 1;
    for (std::size_t i = 1; i < shape.size(); ++i) fanIn *= static_cast<double>(shape[i]);
    auto* values = tensor.data_ptr<float>();
    for (std::int64_t i = 0; i < count; ++i) {
        const double s = std::sin(0.37 * static_cast<double>(i) + h);
        double value = 0.1 * s;
        if (endsWith(name, "running_var")) value = 1 + 0.5 * std::abs(s);
        else if (endsWith(name, "running_mean")) value = 0.1 * s;
        else if (endsWith(name, "gamma")) value = 0.3 + 0.1 * s;
        else if (shape.size() >= 2) value = s / std::sqrt(fanIn);
        else if (endsWith(name, "weight")) value = 1 + 0.1 * s;
        values[i] = static_cast<float>(value);
    }
    return tensor;
}

inline torch::Tensor goldenInput(const std::vector<std::int64_t>& shape) {
    torch::Tensor x = torch::empty(shape, torch::kFloat32);
    auto* values = x.data_ptr<float>();
    for (std::int64_t i = 0; i < x.numel(); ++i)
        values[i] = static_cast<float>(std::sin(0.011 * static_cast<double>(i)) + 0.5 * std::cos(0.0007 * std::sqrt(2.0) * static_cast<double>(i)));
    return x;
}

inline torch::Tensor toTensor(const nlohmann::json& rows) {
    const auto values = rows.get<std::vector<std::vector<float>>>();
    torch::Tensor tensor = torch::empty({static_cast<std::int64_t>(values.size()), static_cast<std::int64_t>(values[0].size())});
    for (std::size_t r = 0; r < values.size(); ++r)
        for (std::size_t c = 0; c < values[r].size(); ++c) tensor[static_cast<std::int64_t>(r)][static_cast<std::int64_t>(c)] = values[r][c];
    return tensor;
}

}  // namespace driftscope::test
