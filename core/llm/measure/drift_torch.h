#pragma once

#include <map>

#include "core/llm/train/batch_torch.h"

namespace driftscope::llm {

/// Tokens that are averaged into one vector per sample. Padding belongs to none.
enum class TokenClass { All, Bos, Prompt, LastPrompt, FirstResponse, Response };
std::string_view name(TokenClass tokens);
std::string_view name(Point point);
Result<TokenClass> tokenClassFromName(const std::string& text);
Result<Point> pointFromName(const std::string& text);

struct DriftOptions {
    std::size_t batch = 5;
    std::vector<Point> points{Point::AttentionOut};
    TokenClass tokens = TokenClass::Response;  ///< for vectors, CKA and Procrustes
    bool countPads = false;                    ///< padding enters the norms, as in the published code
    bool similarity = true;                    ///< CKA and Procrustes, which need all pooled vectors in memory
};

/// Drift of one layer at one point over a data set.
struct LayerDrift {
    Point point = Point::AttentionOut;
    std::int64_t layer = 0;
    double sumSquares = 0;     ///< sum over batches of ||after - before||_F^2: what Vaccine's code prints, summed over layers
    double sumNorms = 0;       ///< sum over batches of ||after - before||_F: Booster's code; depends on the batch size
    double relative = 0;       ///< ||after - before||_F / ||before||_F over everything
    double relativeTokens = 0; ///< mean over tokens of ||difference|| / ||before||
    double cosine = 0;         ///< mean over tokens of 1 - cos(before, after)
    double normRatio = 0;      ///< mean over tokens of ||after|| / ||before||
    double cka = 0, procrustes = 0;  ///< between pooled vectors before and after
    double alongDirection = 0, acrossDirection = 0;  ///< mean pooled difference along a given direction and the norm of the rest; NaN without one
};

/// Pooled vectors of one batch, one row per sample: what goes into an embedding table.
struct PooledBatch {
    Point point;
    std::int64_t layer;
    const std::vector<std::size_t>& samples;
    Tensor before, after;  ///< (B, hidden) float32 on the CPU; NaN rows for samples without such tokens
};

/// Hidden states of one batch before and after, token by token, by (point, layer): (B, T, hidden).
struct StateBatch {
    const Batch& batch;
    const std::map<std::pair<Point, std::int64_t>, Tensor>&before, &after;
    Tensor finalBefore, finalAfter;  ///< after the last norm: what the logits are made of
};

/// Who looks on while drift is measured; each may be absent.
struct DriftWatch {
    std::function<Result<void>(const PooledBatch&)> pooled;
    std::function<Result<void>(const StateBatch&)> states;
};

/// Directions by (point, layer), each (hidden).
using Directions = std::map<std::pair<Point, std::int64_t>, Tensor>;

/// Runs both models over the samples, batch by batch, with bounded memory; `watch` receives every batch.
/// Errors: models of different shapes, a hidden state that is not finite (the sample named).
Result<std::vector<LayerDrift>> measureDrift(const CausalModel& before, const CausalModel& after, const TokenSet& set, const DriftOptions& options, const Directions& directions = {},
                                             const DriftWatch& watch = {});

/// Pooled vectors of a whole set at one point and layer, (samples, hidden) float32 on the CPU; NaN rows for samples without
/// such tokens. The set is one batch. Errors: a layer the model does not have.
Result<Tensor> pooledStates(const CausalModel& model, const TokenSet& set, Point point, std::int64_t layer, TokenClass tokens);

/// Mean hidden state at the last prompt token over harmful prompts minus that over harmless ones, of unit length.
Result<Directions> refusalDirections(const CausalModel& model, const TokenSet& harmful, const TokenSet& harmless, const DriftOptions& options);

/// A copy that does not change when the model is trained on: adapters are cloned, frozen weights shared.
CausalModel frozenCopy(const CausalModel& model);

}  // namespace driftscope::llm
