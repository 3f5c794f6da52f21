#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "core/base/error.h"
#include "core/embed/monitor.h"
#include "core/embed/neighbors.h"

namespace driftscope::embed {

/// How far an embedding can be trusted (Venna and Kaski 2001): 1 when every neighbour in the picture is one in the data,
/// less the farther away the intruders really are. Measured on `sample` evenly spaced rows (0: all), exactly for each of
/// them. Euclidean in the picture, `metric` in the data. Errors: rows differ, not finite, k not below half of the rows.
Result<double> trustworthiness(const Matrix& data, const Matrix& picture, std::size_t k, Metric metric, std::size_t sample, Workers& workers,
                               const Monitor& monitor = {});

/// Share of the data's k nearest neighbours that are also among the picture's, on the same kind of sample.
Result<double> pictureRecall(const Matrix& data, const Matrix& picture, std::size_t k, Metric metric, std::size_t sample, Workers& workers,
                             const Monitor& monitor = {});

/// Mean silhouette of the classes under the Euclidean metric, over a sample of rows; classes of -1 are left out.
/// Errors: fewer than two classes.
Result<double> silhouette(const Matrix& features, std::span<const std::int32_t> classes, std::size_t sample, Workers& workers);

}  // namespace driftscope::embed
