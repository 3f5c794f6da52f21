#include "core/debate/oracle.h"

#include <algorithm>
#include <cctype>
#include <charconv>
#include <map>
#include <optional>
#include <vector>

#include "core/debate/dag_machine.h"
#include "core/io/csv.h"

namespace driftscope::debate {
namespace {

using nlohmann::json;
constexpr std::size_t kNamed = 5;  ///< missing questions that an error lists

class ConstantOracle final : public Oracle {
  public:
    explicit ConstantOracle(double probability) : probability_(probability) {}
    Result<double> bind(const Asked&) override { return probability_; }
    json describe() const override { return {{"kind", "constant"}, {"probability", probability_}}; }

  private:
    double probability_;
};

/// Questions of a computation that a file must know.
class FileOracle : public Oracle {
  public:
    explicit FileOracle(std::filesystem::path file) : file_(std::move(file)) {}

    Result<void> complete() const override {
        if (missing_.empty()) return {};
        const std::vector<std::string> shown(missing_.begin(), missing_.begin() + static_cast<std::ptrdiff_t>(std::min(kNamed, missing_.size())));
        return fail(ErrorCode::BadInput, fmt::format("{} has no row for {} of {} questions: '{}'{}.", file_.string(), missing_.size(), looked_, fmt::join(shown, "', '"), missing_.size() > kNamed ? " …" : ""),
                    "Add one row per question, named by id or text; debate.compile writes them all to questions.csv.");
    }

  protected:
    /// The entry for a question, by id or by text; notes it as missing when there is none.
    template <class T>
    const T* look(const std::map<std::string, T>& entries, const Asked& question) {
        if (question.number == 0) {  // a computation is read anew
            missing_.clear();
            looked_ = 0;
        }
        ++looked_;
        for (const std::string& name : {question.id, question.text})
            if (const auto found = entries.find(name); found != entries.end()) return &found->second;
        missing_.push_back(question.text);
        return nullptr;
    }
    std::filesystem::path file_;

  private:
    std::vector<std::string> missing_;
    std::size_t looked_ = 0;
};

class TableOracle final : public FileOracle {
  public:
    TableOracle(std::filesystem::path file, std::map<std::string, double> probabilities) : FileOracle(std::move(file)), probabilities_(std::move(probabilities)) {}
    Result<double> bind(const Asked& question) override {
        const double* found = look(probabilities_, question);
        return found ? *found : 0.5;
    }
    json describe() const override { return {{"kind", "table"}, {"file", file_.string()}, {"rows", probabilities_.size()}}; }

  private:
    std::map<std::string, double> probabilities_;
};

using Answers = std::vector<bool>;

class PersonOracle final : public FileOracle {
  public:
    PersonOracle(std::filesystem::path file, std::map<std::string, Answers> answers) : FileOracle(std::move(file)), answers_(std::move(answers)) {}

    Result<double> bind(const Asked& question) override {
        const Answers* found = look(answers_, question);
        bound_.resize(question.number + 1);
        bound_[question.number] = found ? *found : Answers{false};
        const Answers& given = bound_[question.number];
        return static_cast<double>(std::ranges::count(given, true)) / static_cast<double>(given.size());
    }

    bool isLive() const override { return true; }

    bool answer(std::size_t number, RandomStream& random) const override {
        const Answers& given = bound_[number];
        if (given.size() == 1) return given.front();
        return given[static_cast<std::size_t>(random.uniform() * static_cast<double>(given.size()))];
    }

    /// Answers really given are compared, each once: drawing them again would make them look more alike than they are.
    Repeatability repeatability(std::int64_t, RandomStream&) const override {
        Repeatability out;
        out.what = "answers that the person gave to the same question at different times";
        for (const Answers& given : bound_)
            for (std::size_t i = 0; i + 1 < given.size(); i += 2) {
                ++out.pairs;
                out.agreeing += given[i] == given[i + 1];
            }
        if (out.pairs == 0) out.what = "no question was answered twice";
        return out;
    }

    json describe() const override {
        std::size_t once = 0, answers = 0;
        for (const Answers& given : bound_) {
            once += given.size() == 1;
            answers += given.size();
        }
        return {{"kind", "person"}, {"file", file_.string()}, {"questions", bound_.size()}, {"answers_given", answers}, {"questions_answered_once", once},
                {"an_answer_is", "drawn from those recorded for the question; a question answered once is always answered alike"}};
    }

  private:
    std::map<std::string, Answers> answers_;
    std::vector<Answers> bound_;
};

struct Columns {
    io::CsvTable csv;
    std::size_t question = 0;
    std::size_t value = 0;
};

Result<Columns> readColumns(const std::filesystem::path& file, const char* value) {
    Columns out;
    DS_ASSIGN(out.csv, io::readCsv(file));
    const auto question = out.csv.find("question");
    const auto found = out.csv.find(value);
    if (!question || !found)
        return fail(ErrorCode::BadInput, fmt::format("{} has no column '{}'.", file.string(), question ? value : "question"), fmt::format("It needs the columns question and {}.", value));
    out.question = *question;
    out.value = *found;
    return out;
}

std::optional<bool> yesOrNo(std::string text) {
    std::ranges::transform(text, text.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    if (text == "yes" || text == "y" || text == "true" || text == "1") return true;
    if (text == "no" || text == "n" || text == "false" || text == "0") return false;
    return std::nullopt;
}

}  // namespace

double OracleSpec::asked(double p, std::int64_t step) const {
    return Distortion{noise, drift}.apply(p, step);
}

bool Oracle::answer(std::size_t, RandomStream&) const {
    return false;
}

Repeatability Oracle::repeatability(std::int64_t, RandomStream&) const {
    return {0, 0, 0, "answers are drawn independently with the stated probabilities"};
}

std::shared_ptr<Oracle> constantOracle(double probability) {
    return std::make_shared<ConstantOracle>(probability);
}

Result<std::shared_ptr<Oracle>> tableOracle(const std::filesystem::path& file) {
    DS_ASSIGN(const Columns columns, readColumns(file, "probability"));
    std::map<std::string, double> probabilities;
    for (std::size_t row = 0; row < columns.csv.rows.size(); ++row) {
        const std::string& text = columns.csv.rows[row][columns.value];
        double p = -1;
        const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), p);
        if (code != std::errc() || end != text.data() + text.size() || !(p >= 0 && p <= 1))
            return fail(ErrorCode::BadInput, fmt::format("{}, row {}: '{}' is not a probability.", file.string(), row + 2, text), "Give a number from 0 to 1.");
        if (!probabilities.emplace(columns.csv.rows[row][columns.question], p).second)
            return fail(ErrorCode::BadInput, fmt::format("{}, row {}: '{}' occurs twice.", file.string(), row + 2, columns.csv.rows[row][columns.question]), "Keep one row per question.");
    }
    return std::make_shared<TableOracle>(file, std::move(probabilities));
}

Result<std::shared_ptr<Oracle>> personOracle(const std::filesystem::path& file) {
    DS_ASSIGN(const Columns columns, readColumns(file, "answer"));
    std::map<std::string, Answers> answers;
    for (std::size_t row = 0; row < columns.csv.rows.size(); ++row) {
        const std::string& text = columns.csv.rows[row][columns.value];
        if (text.empty()) continue;  // not answered yet
        const auto answer = yesOrNo(text);
        if (!answer) return fail(ErrorCode::BadInput, fmt::format("{}, row {}: '{}' is neither yes nor no.", file.string(), row + 2, text), "Write yes or no.");
        answers[columns.csv.rows[row][columns.question]].push_back(*answer);
    }
    return std::make_shared<PersonOracle>(file, std::move(answers));
}

}  // namespace driftscope::debate
