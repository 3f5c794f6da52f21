#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "core/table/embedding_table.h"

namespace driftscope::drift {

/// The tokens of one sample at one step, with what happened to each.
struct TokenRow {
    std::string piece;            ///< what it adds to the text, or the name of a special token
    std::int64_t id = 0;
    std::int64_t begin = 0, end = 0;  ///< bytes of the sample's text; equal when it stands for none
    bool response = false;        ///< to be said, not read
    double kl = 0, lossBefore = 0, lossAfter = 0;  ///< nats; NaN for the first token
};

/// tokens.h5ad of llm.drift: drift of every token of some samples, by layer.
class TokenTable {
  public:
    /// Errors: not such a table (what is missing is named).
    static Result<TokenTable> read(const std::filesystem::path& file);

    /// The tokens of a sample at a step, in order; empty when they were not kept.
    std::vector<TokenRow> tokens(std::int64_t sample, std::int64_t step) const;
    /// Relative drift, layers x tokens, of one capture point; layers in ascending order.
    Matrix drift(std::int64_t sample, std::int64_t step, const std::string& point) const;
    std::vector<std::int64_t> layers(const std::string& point) const;
    std::vector<std::int64_t> samples() const;

  private:
    struct Range {
        std::size_t begin = 0, end = 0;
    };
    std::optional<Range> find(std::int64_t sample, std::int64_t step) const;

    EmbeddingTable table_;
    std::vector<std::pair<std::string, std::int64_t>> columns_;  ///< capture point and layer of every feature
    std::map<std::pair<std::int64_t, std::int64_t>, Range> ranges_;
};

}  // namespace driftscope::drift
