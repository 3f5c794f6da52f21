#pragma once

#include <QString>
#include <cstdint>

#include "core/debate/play.h"

namespace driftscope::debate {

/// A strategy, protocol or party as people call it, and what it does.
struct Wording {
    QString title;
    QString help;
};
Wording aliceWording(const QString& strategy);
Wording bobWording(const QString& strategy);
Wording protocolWording(const QString& protocol);
QString partyTitle(Party party);

/// "1,085,096"
QString countText(std::int64_t count);
/// "0.8123"; "–" for what nobody knows.
QString probabilityText(double value, int digits = 4);
/// Four significant digits, never in powers of ten below a million: "2.688", "40,960".
QString numberText(double value);
/// How the game ended, or empty while it goes on: "Bob wins: Vera's estimate 0.712 is 0.288 from the claim, more than 0.1."
QString verdictText(const Play& play, const Arena& arena, const PlayOptions& options);

}  // namespace driftscope::debate
