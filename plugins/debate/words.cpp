#include "plugins/debate/words.h"

#include <QCoreApplication>
#include <QLocale>
#include <cmath>
#include <map>

namespace driftscope::debate {
namespace {

QString tr(const char* text) {
    return QCoreApplication::translate("debate", text);
}

Wording lookUp(const std::map<QString, std::pair<const char*, const char*>>& words, const QString& key) {
    const auto found = words.find(key);
    return found == words.end() ? Wording{key, {}} : Wording{tr(found->second.first), tr(found->second.second)};
}

QString stochasticVerdict(const Play& play, const Arena& arena) {
    const QString winner = play.aliceWins() ? tr("Alice wins") : tr("Bob wins");
    const Round& last = play.rounds().back();
    if (!last.challenged) return tr("%1: nobody challenged, and the last answer is %2.").arg(winner, last.answer ? tr("yes") : tr("no"));
    const double gap = std::abs(last.veraEstimate - last.claim);
    const bool rule = gap < arena.setup.plan.veraThreshold;
    QString text = tr("%1: Bob challenged step %2; Vera's estimate %3 is %4 from the claim %5, %6 her threshold %7.")
                       .arg(winner)
                       .arg(last.step + 1)
                       .arg(probabilityText(last.veraEstimate), probabilityText(gap), probabilityText(last.claim), rule ? tr("within") : tr("not within"), probabilityText(arena.setup.plan.veraThreshold));
    if (rule != last.veraAccepts) text += tr(" (The person as Vera ruled against her estimate.)");
    return text;
}

}  // namespace

Wording aliceWording(const QString& strategy) {
    return lookUp({{"honest", {"Honest", "States the mean of her own judgements, as the protocol asks."}},
                   {"bias", {"Constant bias", "Adds the size of the lie to every claim."}},
                   {"pivotal", {"Lie where it matters most", "Honest but for the step whose answer moves the outcome most."}},
                   {"last", {"Lie at the last step", "Honest until the last step, which she claims to be certain."}},
                   {"drift", {"Drift under the radar", "Adds 0.9 of Bob's threshold to every claim: too little to be challenged at once."}},
                   {"adaptive", {"Adaptive", "Adds the lie in whichever direction helps at the present state."}},
                   {"random", {"Random", "Any number at all."}},
                   {"overclaim", {"Over-claim, then honest", "Claims certainty at the first step."}},
                   {"best", {"Exact best response", "The claims that win most often against an honest Bob, by dynamic programming."}}},
                  strategy);
}

Wording bobWording(const QString& strategy) {
    return lookUp({{"honest", {"Honest", "Challenges claims at least his threshold away from his own estimate."}},
                   {"first", {"Challenges at once", "Challenges the first claim whatever it is."}},
                   {"largest", {"Challenges early", "Challenges at nine tenths of the honest threshold."}},
                   {"losing", {"Challenges when losing", "Challenges while the machine is likelier to accept than not."}},
                   {"never", {"Never challenges", "Lets everything pass. Silence loses against a liar; that is not a fault of the protocol."}},
                   {"random", {"Random", "Challenges each step with probability 1/T."}},
                   {"best", {"Exact best response", "Challenges when Vera is likelier to reject than Alice is to lose by playing on, by dynamic programming."}}},
                  strategy);
}

Wording protocolWording(const QString& protocol) {
    return lookUp({{"stochastic", {"Stochastic", "Theorem 6.2: claims are probabilities; a challenge is settled by Vera's samples. Needs K."}},
                   {"bisection", {"Bisection", "Theorem 5.1: the dispute is halved until one step is left, which Vera checks with one question."}},
                   {"cross_examined", {"Cross-examined", "Theorem 5.3: Alice commits to a trace; Vera questions two copies of her about one step."}},
                   {"witness", {"Bisection with a witness", "Alice first publishes a witness: one of the computation's candidates."}}},
                  protocol);
}

QString partyTitle(Party party) {
    return party == Party::Alice ? tr("Alice") : party == Party::Bob ? tr("Bob") : tr("Vera");
}

QString countText(std::int64_t count) {
    return QLocale(QLocale::English).toString(static_cast<qlonglong>(count));
}

QString probabilityText(double value, int digits) {
    return std::isfinite(value) ? QString::number(value, 'f', digits) : QStringLiteral("–");
}

QString numberText(double value) {
    if (!std::isfinite(value)) return QStringLiteral("–");
    if (std::abs(value) >= 1e9) return QString::number(value, 'e', 2);
    if (std::abs(value) >= 1000) return countText(std::llround(value));
    return QString::number(value, 'g', 4);
}

QString verdictText(const Play& play, const Arena& arena, const PlayOptions& options) {
    if (!play.over()) return {};
    if (play.outOfBudget()) return tr("No winner: the budget of %1 answers was spent.").arg(countText(arena.setup.sampling.budget));
    if (options.protocol == "stochastic") return stochasticVerdict(play, arena);
    const QString winner = play.aliceWins() ? tr("Alice wins") : tr("Bob wins");
    const nlohmann::json result = play.toJson();
    if (options.protocol == "cross_examined") {
        const auto step = result["named_step"].get<std::int64_t>() + 1;
        if (result["copies_differ"].get<bool>()) return tr("%1: the two copies of Alice contradict each other at step %2.").arg(winner).arg(step);
        return tr("%1: step %2 %3 from the one before, checked with %4 question(s).")
            .arg(winner).arg(step).arg(play.aliceWins() ? tr("follows") : tr("does not follow")).arg(play.meters().vera);
    }
    const auto step = result["disputed_step"].get<std::int64_t>() + 1;
    return tr("%1: after %2 halvings the dispute is about step %3 alone, which is %4; Vera asked %5 question(s).")
        .arg(winner).arg(result["rounds"].size()).arg(step).arg(play.aliceWins() ? tr("right") : tr("wrong")).arg(play.meters().vera);
}

}  // namespace driftscope::debate
