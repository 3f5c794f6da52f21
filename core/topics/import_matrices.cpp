#include <algorithm>
#include <cmath>

#include "core/topics/import_run.h"

namespace driftscope::topics {
namespace {

void softmaxRows(Matrix& matrix) {
    for (std::size_t r = 0; r < matrix.rows; ++r) {
        const auto row = matrix.row(r);
        const float peak = *std::max_element(row.begin(), row.end());
        double sum = 0;
        for (float& value : row) sum += value = std::exp(value - peak);
        for (float& value : row) value = static_cast<float>(value / sum);
    }
}

double sumOf(std::span<const float> row) {
    double sum = 0;
    for (const float value : row) sum += value;
    return sum;
}

}  // namespace

Result<void> toDistributions(Matrix& matrix, ValueKind kind, const std::string& what, std::vector<std::string>& notes) {
    const bool negative = std::any_of(matrix.values.begin(), matrix.values.end(), [](float value) { return value < 0; });
    if (kind == ValueKind::Logits || (kind == ValueKind::Auto && negative)) {
        if (kind == ValueKind::Auto) notes.push_back(fmt::format("{} has negative values and was taken as logits (softmax of each row).", what));
        softmaxRows(matrix);
        return {};
    }
    if (negative) return fail(ErrorCode::BadInput, fmt::format("{} has negative values.", what), "Logits need values=logits (or auto).");
    std::size_t empty = 0, scaled = 0;
    for (std::size_t r = 0; r < matrix.rows; ++r) {
        const double sum = sumOf(matrix.row(r));
        empty += sum <= 0;
        scaled += sum > 0 && std::abs(sum - 1) > 1e-3;
        for (float& value : matrix.row(r)) value = static_cast<float>(sum > 0 ? value / sum : 1.0 / static_cast<double>(matrix.columns));
    }
    if (kind == ValueKind::Probabilities && scaled) return fail(ErrorCode::BadInput, fmt::format("{} rows of {} do not sum to 1.", scaled, what), "Use values=counts or values=logits if that is what they are.");
    if (scaled && kind == ValueKind::Auto) notes.push_back(fmt::format("{} rows of {} did not sum to 1 and were divided by their sums.", scaled, what));
    if (empty) notes.push_back(fmt::format("{} rows of {} have no weight at all and became uniform.", empty, what));
    return {};
}

Matrix wordsFromDocuments(const Matrix& theta, const Corpus& corpus) {
    Matrix beta(theta.columns, corpus.vocabulary.size());
    for (std::size_t d = 0; d < corpus.documents(); ++d)
        for (const std::uint32_t word : corpus.document(d))
            for (std::size_t k = 0; k < theta.columns; ++k) beta(k, word) += theta(d, k);
    return beta;
}

}  // namespace driftscope::topics
