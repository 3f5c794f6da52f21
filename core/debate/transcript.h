#pragma once

#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "core/debate/play.h"

namespace driftscope::debate {

/// The parameters of one game: those of debate.play, without replay.
std::vector<ParamSpec> playParams();
PlayOptions playOptions(const Params& params);

/// Everything about one game that others need to read it and to play it again: protocol, computation, parameters, sample
/// counts, bounds with their formulas, people's moves, rounds, what everybody had spent after each, and the winner.
/// `computation` is the one asked for (with its candidates), `params` are the parameters given, `witness` is
/// Published::report.
nlohmann::json transcriptDocument(const Arena& arena, const PlayOptions& options, const Play& play, const nlohmann::json& computation, const nlohmann::json& params, const nlohmann::json& witness = {});

/// Its rounds as a table (RFC 4180), and as a report to read.
std::string transcriptCsv(const nlohmann::json& document);
std::string transcriptMarkdown(const nlohmann::json& document);

/// A game played to its end, with everything that it was played with.
struct PlayedGame {
    std::shared_ptr<const Arena> arena;
    PlayOptions options;
    std::unique_ptr<Play> play;
    nlohmann::json document;  ///< what transcript.json holds
};
/// Plays `computation` with the parameters of debate.play, giving recorded moves where a person in one of `seats` is asked.
/// Errors: those of the computation, oracle, parameters and witness; cancelled.
Result<PlayedGame> playGame(const nlohmann::json& computation, const Params& params, const Seats& seats = {}, const std::vector<Move>& moves = {}, std::stop_token stop = {});

/// A transcript played again.
struct Replay {
    nlohmann::json computation;
    nlohmann::json params;                 ///< as given, without those that are not debate.play's
    PlayOptions options;
    std::vector<Move> moves;
    std::shared_ptr<const Arena> arena;
    std::unique_ptr<Play> play;
    nlohmann::json document;               ///< what its transcript.json would hold
    std::vector<std::string> differences;  ///< see transcriptDifferences()
};
/// Errors: not a transcript, a computation or parameters that cannot be read (each named); cancelled.
Result<Replay> replayTranscript(const nlohmann::json& document, std::stop_token stop = {});

/// Where a replay differs from what a file says about rounds, winner and meters: sentences, the first few; empty when it is
/// the same game.
std::vector<std::string> transcriptDifferences(const nlohmann::json& stored, const nlohmann::json& replayed);

/// The first place, as a JSON pointer ("/turns/3/claim"), at which two documents differ in anything but their parameters,
/// with both values.
struct Mismatch {
    std::string place, stored, replayed;
    std::string text() const;
};
std::optional<Mismatch> firstMismatch(const nlohmann::json& stored, const nlohmann::json& replayed);

}  // namespace driftscope::debate
