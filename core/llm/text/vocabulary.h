#pragma once

#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "core/base/error.h"
#include "core/llm/text/encoding.h"

namespace driftscope::llm {

/// Tokens and their ids. Ids may have gaps (padding of the embedding), but not absurd ones.
class Vocabulary {
  public:
    /// Lets maps of strings be asked with views.
    struct Hash {
        using is_transparent = void;
        std::size_t operator()(std::string_view text) const { return std::hash<std::string_view>()(text); }
    };

    /// From an object {token: id}. Errors name the token: an id that is no small whole number, two tokens with one id.
    static Result<Vocabulary> fromJson(const nlohmann::json& object, const std::string& place);

    /// Adds a token. Errors: the id is taken by another token or is out of range, the token has another id.
    Result<void> add(std::string token, std::int64_t id, const std::string& place);

    std::optional<TokenId> find(std::string_view token) const;
    /// The token with this id; empty for gaps and ids beyond the end.
    std::string_view token(TokenId id) const;
    bool contains(TokenId id) const { return !token(id).empty(); }
    std::size_t count() const { return ids_.size(); }
    /// One more than the largest id.
    TokenId extent() const { return static_cast<TokenId>(tokens_.size()); }

  private:
    std::unordered_map<std::string, TokenId, Hash, std::equal_to<>> ids_;
    std::vector<std::string> tokens_;
};

}  // namespace driftscope::llm
