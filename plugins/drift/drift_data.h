#pragma once

#include <QString>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <tuple>
#include <vector>

#include "core/table/embedding_table.h"
#include "plugins/drift/answers.h"
#include "plugins/drift/drift_metrics.h"
#include "plugins/drift/token_table.h"

namespace driftscope::drift {

/// A prompt with the answer it is measured on.
struct Sample {
    std::string instruction, input, output;
    std::string text;      ///< prompt and answer under the template, as the model reads it
    std::string set;       ///< "harmful", "benign" or "task" when it comes from answers alone
    std::optional<bool> harmful;
    std::string key() const { return promptKey(instruction, input); }
};

/// Loss on the sample's answer, nats per token, and how far the answer's distribution moved.
struct SampleLosses {
    double before = 0, after = 0, kl = 0;
};

/// One row of embeddings.h5ad.
struct VectorRow {
    std::uint32_t sample = 0;
    std::int64_t layer = 0, step = 0;  ///< step kBefore: the state before
    std::string_view point;
};

/// What one run of llm.drift wrote. Immutable; vectors stay on disk until asked for.
class DriftData {
  public:
    /// Errors: not such a run, or a file of it is damaged (named).
    static Result<std::shared_ptr<const DriftData>> load(const QString& folder);

    QString folder() const { return folder_; }
    const LayerDriftTable& table() const { return table_; }
    const AnswerBook& answers() const { return answers_; }
    const std::vector<Sample>& samples() const { return samples_; }
    /// Null when the run kept no tokens.
    const TokenTable* tokens() const { return tokens_ ? &*tokens_ : nullptr; }
    std::string tokenClass() const { return tokenClass_; }

    /// ||after - before|| / ||before|| of the sample's vector; NaN where there is none.
    double drift(std::uint32_t sample, const std::string& point, std::int64_t layer, std::int64_t step) const;
    SampleLosses losses(std::uint32_t sample, std::int64_t step) const;

    std::size_t rows() const { return samplesOfRows_.size(); }
    VectorRow row(std::uint32_t row) const;
    /// Rows of one capture point and layer at one step, in order of samples.
    std::vector<std::uint32_t> rowsOf(const std::string& point, std::int64_t layer, std::int64_t step) const;
    std::size_t dimensions() const { return dimensions_; }
    /// Reads the vectors of some rows, in their order. Errors: the file is gone or damaged, cancelled.
    Result<Matrix> vectors(std::span<const std::uint32_t> rows, const std::function<bool()>& cancelled = {}) const;

  private:
    Result<void> readSamples();
    Result<void> readLosses();
    Result<void> readRows();

    using Group = std::tuple<std::int32_t, std::int64_t, std::int64_t>;  ///< capture point, layer, step
    QString folder_;
    LayerDriftTable table_;
    AnswerBook answers_;
    std::vector<Sample> samples_;
    std::optional<TokenTable> tokens_;
    std::map<std::pair<std::uint32_t, std::int64_t>, SampleLosses> losses_;
    std::vector<std::int64_t> samplesOfRows_, layers_, steps_;
    Categorical points_;
    std::vector<double> relative_;
    std::map<Group, std::map<std::uint32_t, std::uint32_t>> groups_;  ///< sample -> row
    std::size_t dimensions_ = 0;
    std::string tokenClass_;
};

}  // namespace driftscope::drift
