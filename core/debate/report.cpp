// What is said about a debate in result.json, transcript.json and transcript.md.
#include "core/debate/report.h"

#include <algorithm>
#include <cmath>

#include "core/debate/transcript.h"

namespace driftscope::debate {
namespace {

using nlohmann::json;

std::string number(const json& value) {
    return value.is_number() ? fmt::format("{:.4g}", value.get<double>()) : std::string();
}

std::string count(std::int64_t value) {
    std::string digits = fmt::to_string(value);
    for (auto i = static_cast<std::ptrdiff_t>(digits.size()) - 3; i > 0; i -= 3) digits.insert(static_cast<std::size_t>(i), ",");
    return digits;
}

/// Text in a cell of a Markdown table.
std::string inCell(std::string text) {
    for (std::size_t at = text.find('|'); at != std::string::npos; at = text.find('|', at + 2)) text.insert(at, "\\");
    std::ranges::replace(text, '\n', ' ');
    return text;
}

std::string csvCell(const json& value) {
    if (value.is_null()) return {};
    if (value.is_boolean()) return value.get<bool>() ? "yes" : "no";
    if (!value.is_string()) return value.dump();
    const auto text = value.get<std::string>();
    if (text.find_first_of(",\"\n\r") == std::string::npos) return text;
    std::string quoted = "\"";
    for (char c : text) quoted += c == '"' ? std::string("\"\"") : std::string(1, c);
    return quoted + "\"";
}

const json& roundsOf(const json& document) {
    static const json kNone = json::array();
    for (const char* name : {"turns", "rounds"})
        if (document.contains(name) && document[name].is_array()) return document[name];
    return kNone;
}

/// The columns that occur, in the order a reader wants them.
std::vector<std::string> columnsOf(const json& rounds) {
    std::vector<std::string> out;
    for (const char* name : {"step", "question", "prefix", "from", "middle", "to", "stated", "truth", "claim", "bob_estimate", "challenged", "bob_disputes", "vera_estimate", "vera_accepts", "answer"})
        if (std::ranges::any_of(rounds, [&](const json& one) { return one.contains(name); })) out.emplace_back(name);
    return out;
}

std::string shownCell(const std::string& column, const json& value) {
    if (value.is_number_float()) return fmt::format("{:.4f}", value.get<double>());
    if (column == "step" && value.is_number_integer()) return fmt::to_string(value.get<std::int64_t>() + 1);
    return inCell(value.is_boolean() ? (value.get<bool>() ? "yes" : "no") : value.is_null() ? "" : value.is_string() ? value.get<std::string>() : value.dump());
}

std::string roundsTable(const json& document) {
    const json& rounds = roundsOf(document);
    std::vector<std::string> columns = columnsOf(rounds);
    std::erase(columns, "prefix");
    if (columns.empty()) return "Nothing was played.\n";
    std::string out = "|", line = "|";
    for (const std::string& name : columns) {
        out += " " + name + " |";
        line += "---|";
    }
    out += "\n" + line + "\n";
    for (const json& round : rounds) {
        out += "|";
        for (const std::string& name : columns) out += " " + shownCell(name, round.value(name, json())) + " |";
        out += "\n";
    }
    return out;
}

std::string metersTable(const json& meters) {
    std::string out = "| party | oracle queries | steps | bits read |\n|---|---|---|---|\n";
    for (const auto& [name, key] : {std::pair{"Alice", "alice"}, {"Bob", "bob"}, {"Vera", "vera"}})
        out += fmt::format("| {} | {} | {} | {} |\n", name, count(meters.value(fmt::format("{}_queries", key), std::int64_t{0})), count(meters.value(fmt::format("{}_steps", key), std::int64_t{0})),
                           count(meters.value(fmt::format("{}_bits_read", key), std::int64_t{0})));
    return out;
}

std::string boundsText(const json& document) {
    if (!document.contains("bounds")) return {};
    std::string text = "\n## What the theorem promises\n\n";
    const json& bounds = document["bounds"];
    for (const json& reason : document["outside_promise"]) text += fmt::format("- Outside the promise: {}\n", reason.get<std::string>());
    if (document["outside_promise"].empty()) text += fmt::format("- Inside the promise: the honest side wins with probability at least {}.\n", number(bounds["theorem"]));
    if (!bounds.contains("formulas")) return text;
    text += fmt::format("- P(honest Alice wins) >= {} = {}\n- P(honest Bob wins) >= {} = {}\n", bounds["formulas"]["completeness"].get<std::string>(), number(bounds["completeness"]),
                        bounds["formulas"]["soundness"].get<std::string>(), number(bounds["soundness"]));
    for (const json& one : bounds["inequalities"])
        text += fmt::format("- {} : {} against {}, {}\n", one["text"].get<std::string>(), number(one["left"]), number(one["right"]), one["holds"].get<bool>() ? "holds" : "does not hold");
    return text;
}

std::string oracleText(const json& oracle) {
    std::string text = fmt::format("- Oracle: {}; an answer is {}\n", oracle.value("kind", ""), oracle.value("an_answer_is", "drawn with the probability given"));
    const json& repeat = oracle["repeatability"];
    if (!repeat["value"].is_number()) return text + fmt::format("- Repeatability: unknown ({})\n", repeat["what"].get<std::string>());
    return text + fmt::format("- Repeatability: two answers agree with probability {} (95 % interval {} to {}; {} pairs: {})\n", number(repeat["value"]), number(repeat["interval"][0]), number(repeat["interval"][1]),
                              repeat["pairs"].get<std::int64_t>(), repeat["what"].get<std::string>());
}

}  // namespace

json intervalJson(const Interval& interval) {
    return {interval.low, interval.high};
}

json describeMachine(const Arena& arena) {
    const Machine& machine = *arena.setup.machine;
    const bool exact = arena.graph.has_value();
    json out{{"T", machine.steps()},
             {"S", machine.space()},
             {"l", machine.queryLength()},
             {"accept_probability", arena.acceptance.value},
             {"accept_method", exact ? "exact" : fmt::format("Monte Carlo, {} runs", arena.acceptance.runs)},
             {"accept_interval", intervalJson(arena.acceptance.interval)},
             {"k_used", arena.setup.k},
             {"k_source", arena.kSource},
             {"k_used_for", "thresholds and sample counts; the theorem needs a bound for every change of the oracle, which the certified one is"}};
    if (!exact) return out;
    out.update({{"k_first_order", arena.constants.firstOrder},
                {"k_certified", arena.constants.certified},
                {"k_first_order_without_gates", arena.constants.firstOrderNoGates},
                {"k_certified_without_gates", arena.constants.certifiedNoGates},
                {"k_sampled", arena.kSampled},
                {"k_meaning", {{"k_first_order", "sum over steps of E|dV|: exact for small changes of this oracle; below it K is refuted"},
                               {"k_certified", "sum over steps of max|dV|: holds for every change of the oracle"},
                               {"k_sampled", "largest effect among random changes: a lower bound"}}},
                {"states", arena.graph->states()}});
    return out;
}

json planJson(const Plan& plan) {
    return {{"alice_samples", plan.alice}, {"bob_samples", plan.bob}, {"vera_samples", plan.vera}, {"bob_threshold", plan.bobThreshold},
            {"vera_threshold", plan.veraThreshold}, {"break_even_steps", breakEven(plan)}};
}

json boundsJson(const Arena& arena) {
    if (!arena.setup.parameters) return {{"valid", false}};
    const Parameters& p = *arena.setup.parameters;
    const Guarantees promised = guarantees(p);
    json inequalities = json::array();
    for (const Inequality& one : check(p)) inequalities.push_back({{"text", one.text}, {"left", one.left}, {"right", one.right}, {"holds", one.holds}});
    return {{"valid", promised.valid}, {"theorem", p.d}, {"completeness", promised.completeness}, {"soundness", promised.soundness},
            {"formulas", {{"completeness", "(1-v)(w - k c - (1 - (1-q)^T'))"}, {"soundness", "(1-v)(1-q)^T'(w - k b)"}}},
            {"values", {{"w", p.w}, {"d", p.d}, {"k", p.k}, {"T'", p.steps}, {"c", p.c}, {"s", p.s}, {"b", p.b}, {"q", p.q}, {"v", p.v}}},
            {"inequalities", inequalities}};
}

std::string transcriptCsv(const json& document) {
    const json& rounds = roundsOf(document);
    const json spent = document.value("spent", json::array());
    const std::vector<std::string> columns = columnsOf(rounds);
    static const std::vector<std::string> kMeters{"alice_queries", "bob_queries", "vera_queries", "alice_steps", "bob_steps", "vera_steps", "alice_bits_read", "bob_bits_read", "vera_bits_read"};
    std::string out = fmt::format("{}", fmt::join(columns, ","));
    const bool metered = !columns.empty() && spent.size() >= rounds.size();
    if (metered) out += fmt::format(",{}", fmt::join(kMeters, ","));
    out += '\n';
    for (std::size_t i = 0; i < rounds.size(); ++i) {
        for (std::size_t c = 0; c < columns.size(); ++c) out += (c ? "," : "") + csvCell(rounds[i].value(columns[c], json()));
        if (metered)
            for (const std::string& name : kMeters) out += "," + csvCell(spent[i].value(name, json()));
        out += '\n';
    }
    return out;
}

std::string transcriptMarkdown(const json& document) {
    const json computation = document.value("computation", json::object());
    const json facts = document.value("machine", json::object());
    std::string text = fmt::format("# Debate: {}\n\n", computation.value("title", computation.value("type", std::string("computation"))));
    if (computation.contains("about")) text += computation["about"].get<std::string>() + "\n\n";
    text += fmt::format("- Protocol: {}\n", document.value("protocol", "stochastic"));
    if (!facts.empty())
        text += fmt::format("- T = {} steps, S = {} numbers, longest question l = {} characters\n- P(machine accepts) = {} ({})\n- K = {} ({})\n", facts["T"].get<std::int64_t>(), facts["S"].get<std::int64_t>(),
                            facts["l"].get<std::int64_t>(), number(facts["accept_probability"]), facts["accept_method"].get<std::string>(), number(facts["k_used"]), facts["k_source"].get<std::string>());
    if (document.contains("witness")) text += fmt::format("- Witness: {}\n", document["witness"].dump());
    if (document.contains("oracle")) text += oracleText(document["oracle"]);
    text += "\n## Rounds\n\n" + roundsTable(document);
    const std::string winner = document.value("winner", "");
    text += fmt::format("\n**{}**\n", winner == "alice" ? "Alice wins." : winner == "bob" ? "Bob wins." : "No winner.");
    if (document.contains("unfinished") && document["unfinished"].contains("reason")) text += "\n" + document["unfinished"]["reason"].get<std::string>() + "\n";
    return text + "\n## Meters\n\n" + metersTable(document.value("meters", json::object())) + boundsText(document);
}

}  // namespace driftscope::debate
