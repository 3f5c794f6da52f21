#pragma once

#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "core/debate/play.h"

namespace driftscope::debate {

/// Everything about one game that others need to read it and to play it again: protocol, computation, parameters, sample
/// counts, people's moves, rounds, meters and winner. debate.play writes the same fields. `params` are the parameters given.
nlohmann::json transcriptDocument(const Arena& arena, const PlayOptions& options, const Play& play, const nlohmann::json& computation, const nlohmann::json& params);

/// Its rounds as a table (RFC 4180), and as a report to read.
std::string transcriptCsv(const nlohmann::json& document);
std::string transcriptMarkdown(const nlohmann::json& document);

/// A transcript played again.
struct Replay {
    nlohmann::json computation;
    nlohmann::json params;      ///< as given, without those that are not debate.play's
    PlayOptions options;
    std::vector<Move> moves;
    std::shared_ptr<const Arena> arena;
    std::unique_ptr<Play> play;
    /// Where the replay differs from what the file says: empty when it is the same game, to the last digit.
    std::vector<std::string> differences;
};

/// Errors: not a transcript, a computation or parameters that cannot be read (each named).
Result<Replay> replayTranscript(const nlohmann::json& document);

/// With the witness protocol Alice publishes one of "candidates", and that is debated; other protocols debate the computation
/// itself. Errors: no candidates, no witness chosen, no such candidate.
Result<nlohmann::json> debatedComputation(const nlohmann::json& computation, const nlohmann::json& params);

}  // namespace driftscope::debate
