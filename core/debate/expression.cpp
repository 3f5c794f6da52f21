#include "core/debate/expression.h"

#include <algorithm>
#include <cctype>
#include <charconv>
#include <map>
#include <nlohmann/json.hpp>

#include "core/debate/computation.h"

namespace driftscope::debate {
namespace {

constexpr int kDeepest = 200;  ///< nesting beyond this is a mistake, and would use up the stack
constexpr std::size_t kGateFlag = std::size_t{1} << 40;  ///< marks gates while the number of names is still unknown

struct Token {
    enum Kind { End, Name, Quoted, Number, Symbol } kind = End;
    std::string text;
    double number = 0;
    std::size_t at = 0;
};

tl::unexpected<Error> wrong(std::size_t at, const std::string& why, const std::string& remedy = "Correct the expression.") {
    return fail(ErrorCode::BadInput, fmt::format("Expression, column {}: {}.", at + 1, why), remedy);
}

bool startsName(char c) {
    return std::isalpha(static_cast<unsigned char>(c)) || c == '_' || c == '{' || (static_cast<unsigned char>(c) & 0x80);
}

bool continuesName(char c) {
    return startsName(c) || std::isdigit(static_cast<unsigned char>(c)) || c == '}';
}

Result<Token> token(std::string_view text, std::size_t& at) {
    static constexpr std::string_view kSymbols = "()+-*,:&|!~<>=";
    const std::size_t start = at;
    const char c = text[at];
    if (startsName(c)) {
        while (at < text.size() && continuesName(text[at])) ++at;
        return Token{Token::Name, std::string(text.substr(start, at - start)), 0, start};
    }
    if (c == '"') {
        const std::size_t end = text.find('"', at + 1);
        if (end == std::string_view::npos) return wrong(start, "the quoted question has no end", "Close it with \".");
        at = end + 1;
        return Token{Token::Quoted, std::string(text.substr(start + 1, end - start - 1)), 0, start};
    }
    if (std::isdigit(static_cast<unsigned char>(c)) || c == '.') {
        double value = 0;
        const auto [end, code] = std::from_chars(text.data() + at, text.data() + text.size(), value);
        if (code != std::errc()) return wrong(start, "this is not a number");
        at = static_cast<std::size_t>(end - text.data());
        return Token{Token::Number, std::string(text.substr(start, at - start)), value, start};
    }
    if (kSymbols.find(c) == std::string_view::npos) return wrong(start, fmt::format("'{}' has no meaning here", c));
    const std::string_view two = text.substr(at, 2);
    at += two == ">=" || two == "<=" || two == "&&" || two == "||" || two == "==" ? 2 : 1;
    return Token{Token::Symbol, std::string(text.substr(start, at - start)), 0, start};
}

Result<std::vector<Token>> tokens(std::string_view text) {
    std::vector<Token> out;
    for (std::size_t at = 0; at < text.size();) {
        if (std::isspace(static_cast<unsigned char>(text[at]))) {
            ++at;
            continue;
        }
        DS_ASSIGN(Token next, token(text, at));
        out.push_back(std::move(next));
    }
    out.push_back({Token::End, "", 0, text.size()});
    return out;
}

std::string lower(std::string text) {
    std::ranges::transform(text, text.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    return text;
}

/// A sum of weighted questions and a constant; a single question of weight 1 is also a truth value.
struct Value {
    std::map<std::size_t, double> terms;
    double constant = 0;
    std::size_t at = 0;

    static Value node(std::size_t index, std::size_t at) { return {{{index, 1.0}}, 0, at}; }
    bool isTruth() const { return terms.size() == 1 && terms.begin()->second == 1 && constant == 0; }
    bool isNumber() const { return terms.empty(); }
    void add(const Value& other, double sign) {
        for (const auto& [node, weight] : other.terms) terms[node] += sign * weight;
        constant += sign * other.constant;
    }
};

class Parser {
  public:
    explicit Parser(std::vector<Token> list) : tokens_(std::move(list)) {}

    Result<Circuit> parse() {
        DS_ASSIGN(const Value value, disjunction());
        if (peek().kind != Token::End) return wrong(peek().at, fmt::format("'{}' is not expected here", peek().text), "Join questions with and, or, or a function.");
        DS_ASSIGN(const std::size_t output, truth(value));
        out_.output = resolve(output);
        for (Gate& gate : out_.gates)
            for (std::size_t& input : gate.inputs) input = resolve(input);
        return std::move(out_);
    }

  private:
    const Token& peek() const { return tokens_[next_]; }
    bool isWord(const char* word) const { return peek().kind == Token::Name && lower(peek().text) == word; }
    bool isSymbol(const char* symbol) const { return peek().kind == Token::Symbol && peek().text == symbol; }
    bool accept(const char* symbol) {
        if (!isSymbol(symbol)) return false;
        ++next_;
        return true;
    }
    std::string shown() const { return peek().kind == Token::End ? "the end" : fmt::format("'{}'", peek().text); }
    std::size_t resolve(std::size_t node) const { return node >= kGateFlag ? node - kGateFlag + out_.names.size() : node; }

    std::size_t add(Op op, std::vector<std::size_t> inputs, std::vector<double> weights = {}, double threshold = 0) {
        out_.gates.push_back({fmt::format("{}_{}", opName(op), out_.gates.size() + 1), op, std::move(inputs), std::move(weights), threshold});
        return kGateFlag + out_.gates.size() - 1;
    }

    Result<std::size_t> truth(const Value& value) const {
        if (value.isTruth()) return value.terms.begin()->first;
        return wrong(value.at, value.isNumber() ? "a number is not yes or no" : "a sum is not yes or no", "Compare it with something, as in a + b >= 1.");
    }

    Result<std::vector<std::size_t>> truths(const std::vector<Value>& values) const {
        std::vector<std::size_t> nodes;
        for (const Value& value : values) {
            DS_ASSIGN(const std::size_t node, truth(value));
            nodes.push_back(node);
        }
        return nodes;
    }

    /// Operands of a chain of `or` or `and`, gathered into one gate.
    Result<Value> chain(Op op, Result<Value> (Parser::*part)(), const char* word, const char* symbol, const char* doubled) {
        DS_ASSIGN(Value first, (this->*part)());
        const auto follows = [&] { return isWord(word) || isSymbol(symbol) || isSymbol(doubled); };
        if (!follows()) return first;
        const std::size_t at = first.at;
        std::vector<Value> values{std::move(first)};
        while (follows()) {
            ++next_;
            DS_ASSIGN(Value other, (this->*part)());
            values.push_back(std::move(other));
        }
        DS_ASSIGN(std::vector<std::size_t> inputs, truths(values));
        return Value::node(add(op, std::move(inputs)), at);
    }

    Result<Value> disjunction() {
        if (++depth_ > kDeepest) return wrong(peek().at, "too deeply nested", "Write it in smaller parts.");
        auto value = chain(Op::Or, &Parser::conjunction, "or", "|", "||");
        --depth_;
        return value;
    }

    Result<Value> conjunction() { return chain(Op::And, &Parser::negation, "and", "&", "&&"); }

    Result<Value> negation() {
        bool negated = false;
        const std::size_t at = peek().at;
        while (isWord("not") || isSymbol("!") || isSymbol("~")) {
            ++next_;
            negated = !negated;
        }
        DS_ASSIGN(Value value, comparison());
        if (!negated) return value;
        DS_ASSIGN(const std::size_t node, truth(value));
        return Value::node(add(Op::Not, {node}), at);
    }

    Result<Value> comparison() {
        DS_ASSIGN(Value left, sum());
        for (const char* symbol : {">=", "<=", "==", ">", "<", "="}) {
            if (!accept(symbol)) continue;
            DS_ASSIGN(const Value right, sum());
            return compare(std::move(left), right, symbol);
        }
        return left;
    }

    Result<Value> compare(Value left, const Value& right, const std::string& symbol) {
        left.add(right, -1);
        std::erase_if(left.terms, [](const auto& term) { return term.second == 0; });
        if (left.isNumber()) return wrong(left.at, "this comparison does not depend on any question");
        const std::size_t at = left.at;
        if (symbol == ">=") return Value::node(reaches(left, 1), at);
        if (symbol == "<=") return Value::node(reaches(left, -1), at);
        if (symbol == ">") return Value::node(add(Op::Not, {reaches(left, -1)}), at);
        if (symbol == "<") return Value::node(add(Op::Not, {reaches(left, 1)}), at);
        return Value::node(add(Op::And, {reaches(left, 1), reaches(left, -1)}), at);
    }

    /// The gate for: sign times the value is at least 0.
    std::size_t reaches(const Value& value, double sign) {
        std::vector<std::size_t> inputs;
        std::vector<double> weights;
        for (const auto& [node, weight] : value.terms) {
            inputs.push_back(node);
            weights.push_back(sign * weight);
        }
        return add(Op::WeightedSum, std::move(inputs), std::move(weights), -sign * value.constant);
    }

    Result<Value> sum() {
        double sign = accept("-") ? -1 : 1;
        Value total{{}, 0, peek().at};
        bool plain = sign > 0;
        while (true) {
            DS_ASSIGN(Value term, product());
            if (plain && !isSymbol("+") && !isSymbol("-")) return term;
            plain = false;
            total.add(term, sign);
            if (accept("+"))
                sign = 1;
            else if (accept("-"))
                sign = -1;
            else
                return total;
        }
    }

    Result<Value> product() {
        DS_ASSIGN(Value value, operand());
        while (accept("*")) {
            DS_ASSIGN(Value other, operand());
            if (!value.isNumber() && !other.isNumber()) return wrong(other.at, "questions may only be multiplied by numbers", "Use 'and' for both.");
            const double factor = value.isNumber() ? value.constant : other.constant;
            if (value.isNumber()) std::swap(value, other);
            for (auto& [node, weight] : value.terms) weight *= factor;
            value.constant *= factor;
        }
        return value;
    }

    Result<Value> operand() {
        const Token first = peek();
        if (accept("(")) {
            DS_ASSIGN(Value inner, disjunction());
            if (!accept(")")) return wrong(peek().at, fmt::format("a closing bracket is missing before {}; the bracket opens in column {}", shown(), first.at + 1), "Add ')'.");
            return inner;
        }
        if (first.kind == Token::Number) {
            ++next_;
            return Value{{}, first.number, first.at};
        }
        if (first.kind == Token::Symbol || first.kind == Token::End || isWord("and") || isWord("or") || isWord("not") || isWord("vs"))
            return wrong(first.at, fmt::format("a question is missing before {}", shown()), "Write a name or a quoted text, and its probability after a colon.");
        ++next_;
        if (first.kind == Token::Name && isSymbol("(")) return call(lower(first.text), first.at);
        return question(first);
    }

    Result<Value> question(const Token& token) {
        std::string text = token.text;
        if (const std::size_t place = text.find("{i}"); place != std::string::npos && !index_.empty()) text.replace(place, 3, index_);
        if (text.empty()) return wrong(token.at, "a question is missing", "Write its text between the quotes.");
        const auto [found, added] = known_.try_emplace(text, out_.names.size());
        if (added) {
            if (static_cast<std::int64_t>(out_.names.size()) >= kMaximumSteps) return wrong(token.at, "too many questions", fmt::format("At most {} can be played.", kMaximumSteps));
            out_.names.push_back(text);
            out_.probabilities.emplace_back();
            out_.columns.push_back(token.at + 1);
        }
        if (accept(":")) DS_TRY(state(found->second, text, added));
        return Value::node(found->second, token.at);
    }

    Result<void> state(std::size_t index, const std::string& text, bool first) {
        const Token number = peek();
        if (number.kind != Token::Number || !(number.number >= 0 && number.number <= 1))
            return wrong(number.at, fmt::format("the probability of '{}' is not a number from 0 to 1", text), "Write 0.9, for example.");
        if (!first) return wrong(number.at, out_.probabilities[index] ? fmt::format("'{}' has a probability already", text) : fmt::format("'{}' was named before without it", text), "State it once, where the question is first named.");
        ++next_;
        out_.probabilities[index] = number.number;
        return {};
    }

    Result<void> arguments(std::vector<Value>& out) {
        do {
            if (isWord("repeat") && tokens_[next_ + 1].text == "(") {
                DS_TRY(repeat(out));
                continue;
            }
            DS_ASSIGN(Value value, disjunction());
            out.push_back(std::move(value));
        } while (accept(","));
        return {};
    }

    Result<void> repeat(std::vector<Value>& out) {
        if (++depth_ > kDeepest) return wrong(peek().at, "too deeply nested", "Write it in smaller parts.");
        next_ += 2;
        const Token count = peek();
        const bool whole = count.kind == Token::Number && count.number >= 1 && count.number <= static_cast<double>(kMaximumSteps) && count.number == static_cast<double>(static_cast<std::int64_t>(count.number));
        if (whole) ++next_;
        if (!whole || !accept(",")) return wrong(count.at, "repeat needs a whole number and a comma first", fmt::format("From 1 to {}.", kMaximumSteps));
        const std::size_t body = next_;
        const std::string outer = index_;
        for (std::int64_t i = 1; i <= static_cast<std::int64_t>(count.number); ++i) {
            next_ = body;
            index_ = fmt::to_string(i);
            DS_TRY(arguments(out));
        }
        index_ = outer;
        if (!accept(")")) return wrong(peek().at, "a closing bracket is missing", "End repeat with ')'.");
        --depth_;
        return {};
    }

    Result<Value> call(const std::string& function, std::size_t at) {
        static const std::map<std::string, Op> kFunctions{{"majority", Op::Majority}, {"maj", Op::Majority}, {"parity", Op::Parity}, {"xor", Op::Parity}, {"at_least", Op::Threshold}, {"threshold", Op::Threshold},
                                                          {"all", Op::And}, {"any", Op::Or}, {"compare", Op::Compare}, {"weighted", Op::WeightedSum}, {"sum", Op::WeightedSum}};
        const auto known = kFunctions.find(function);
        if (known == kFunctions.end()) return wrong(at, fmt::format("there is no function '{}'", function), "Use all, any, majority, parity, at_least, weighted, sum or compare.");
        ++next_;  // the bracket
        std::vector<Value> values;
        DS_TRY(arguments(values));
        const std::size_t left = values.size();
        if (known->second == Op::Compare) {
            if (!isWord("vs")) return wrong(peek().at, "compare needs 'vs' between its sides", "Write compare(a: 0.5 vs b: 0.5).");
            ++next_;
            DS_TRY(arguments(values));
            if (values.size() != 2 * left) return wrong(at, fmt::format("compare has {} on the left and {} on the right", left, values.size() - left), "Both sides need the same number.");
        }
        if (!accept(")")) return wrong(peek().at, fmt::format("a comma or a closing bracket is missing after the arguments of {}", function), "Separate arguments with ',' and end with ')'.");
        return apply(known->second, function, values, at);
    }

    Result<Value> apply(Op op, const std::string& function, std::vector<Value>& values, std::size_t at) {
        Value threshold{{}, 0, at};
        if (op == Op::Threshold || function == "weighted") {
            if (values.size() < 2 || !values.front().isNumber()) return wrong(values.front().at, fmt::format("{} needs a number and a comma first", function), fmt::format("Write {}(2, a: 0.5, b: 0.5, c: 0.5).", function));
            threshold.constant = values.front().constant;
            values.erase(values.begin());
        }
        if (op == Op::WeightedSum) {
            Value total{{}, 0, at};
            for (const Value& value : values) total.add(value, 1);
            return function == "sum" ? Result<Value>(total) : compare(std::move(total), threshold, ">=");
        }
        DS_ASSIGN(std::vector<std::size_t> inputs, truths(values));
        return Value::node(add(op, std::move(inputs), {}, threshold.constant), at);
    }

    std::vector<Token> tokens_;
    std::size_t next_ = 0;
    int depth_ = 0;
    std::string index_;  ///< what {i} stands for, inside repeat
    std::map<std::string, std::size_t> known_;
    Circuit out_;
};

}  // namespace

Result<Circuit> parseExpression(std::string_view text) {
    DS_ASSIGN(std::vector<Token> list, tokens(text));
    return Parser(std::move(list)).parse();
}

Result<nlohmann::json> readExpression(std::string_view text) {
    DS_ASSIGN(Circuit circuit, parseExpression(text));
    std::vector<Question> questions;
    for (std::size_t i = 0; i < circuit.names.size(); ++i) {
        if (!circuit.probabilities[i]) return wrong(circuit.columns[i] - 1, fmt::format("'{}' has no probability", circuit.names[i]), fmt::format("Write {}: 0.9.", circuit.names[i]));
        questions.push_back({fmt::format("q{}", i + 1), circuit.names[i], *circuit.probabilities[i]});
    }
    return DagMachine(std::move(questions), std::move(circuit.gates), circuit.output, true, {}).toJson();
}

}  // namespace driftscope::debate
