#include "core/debate/model_oracle.h"

#include <algorithm>

#include "core/table/trajectories.h"

namespace driftscope::debate {
namespace {

using nlohmann::json;

const char* answerText(Repeat repeat) {
    switch (repeat) {
        case Repeat::Probability: return "yes with the model's probability for the row, drawn outside the model; the model itself always says the same";
        case Repeat::Neighbours: return "the model's verdict on the same entity at a step drawn from those around the row";
        case Repeat::Verdict: return "the model's verdict on the row, always the same";
    }
    return "";
}

const char* pairText(Repeat repeat) {
    switch (repeat) {
        case Repeat::Probability: return "two draws with the model's probability for the row";
        case Repeat::Neighbours: return "the model's verdicts on two different steps of the same entity, every step used once";
        case Repeat::Verdict: return "the model is deterministic: asked again it says the same, which tells nothing about it";
    }
    return "";
}

/// One row as the model sees it.
struct Look {
    std::size_t row = 0;
    double probability = 0;
};

class ModelOracle final : public Oracle {
  public:
    ModelOracle(std::shared_ptr<const EmbeddingTable> table, std::unique_ptr<RowJudge> judge, ModelOptions options)
        : table_(std::move(table)), judge_(std::move(judge)), options_(std::move(options)) {}

    Result<void> prepare() {
        if (options_.repeat != Repeat::Neighbours) return {};
        DS_ASSIGN(trajectories_, trajectories(*table_, options_.entityColumns, options_.stepColumn));
        place_.resize(table_->rows());
        for (std::size_t i = 0; i < trajectories_.size(); ++i)
            for (std::size_t at = 0; at < trajectories_[i].rows.size(); ++at) place_[trajectories_[i].rows[at]] = {i, at};
        return {};
    }

    Result<double> bind(const Asked& question) override {
        if (question.row.is_null())
            return fail(ErrorCode::BadInput, fmt::format("Question '{}' names no row of the table, so a model cannot answer it.", question.text),
                        "Give the computation \"rows\": [...], or its questions a \"row\".");
        auto row = findRow(*table_, question.row);
        if (!row) return tl::unexpected(std::move(row).error().during(fmt::format("question '{}'", question.text)));
        std::vector<Look> looks;
        for (std::size_t one : around(*row)) {
            auto p = judge_->probability(one);
            if (!p) return tl::unexpected(std::move(p).error().during(fmt::format("question '{}'", question.text)));
            ++evaluations_;
            looks.push_back({one, *p});
        }
        looks_.resize(question.number + 1);
        looks_[question.number] = std::move(looks);
        return mean(question.number);
    }

    bool isLive() const override { return true; }

    bool answer(std::size_t number, RandomStream& random) const override {
        const std::vector<Look>& looks = looks_[number];
        if (options_.repeat == Repeat::Probability) return random.bernoulli(looks.front().probability);
        if (looks.size() == 1) return verdict(looks.front());
        return verdict(looks[static_cast<std::size_t>(random.uniform() * static_cast<double>(looks.size()))]);
    }

    Repeatability repeatability(std::int64_t pairs, RandomStream& random) const override {
        Repeatability out;
        out.what = pairText(options_.repeat);
        if (options_.repeat == Repeat::Neighbours) compareLooks(out);
        if (options_.repeat == Repeat::Probability)
            for (std::int64_t i = 0; i < pairs; ++i) {
                const std::size_t number = static_cast<std::size_t>(i) % looks_.size();
                ++out.pairs;
                out.calls += 2;
                out.agreeing += answer(number, random) == answer(number, random);
            }
        return out;
    }

    json describe() const override {
        static const char* const kNames[] = {"probability", "neighbours", "verdict"};
        json rows = json::array();
        for (std::size_t i = 0; i < looks_.size(); ++i) {
            json seen = json::array();
            for (const Look& look : looks_[i]) seen.push_back({{"row", look.row}, {"probability", look.probability}});
            rows.push_back({{"looks", seen}, {"probability_of_yes", mean(i)}});
        }
        return {{"kind", "model"}, {"judge", judge_->describe()}, {"asks", judge_->question()}, {"repeat", kNames[static_cast<int>(options_.repeat)]},
                {"an_answer_is", answerText(options_.repeat)}, {"questions", rows}, {"model_evaluations", evaluations_}};
    }

  private:
    static bool verdict(const Look& look) { return look.probability >= 0.5; }

    /// The row, and with Neighbours the same entity within the radius; the row itself comes first.
    std::vector<std::size_t> around(std::size_t row) const {
        std::vector<std::size_t> out{row};
        if (options_.repeat != Repeat::Neighbours) return out;
        const auto [entity, at] = place_[row];
        const Trajectory& trajectory = trajectories_[entity];
        for (std::size_t i = 0; i < trajectory.rows.size(); ++i)
            if (i != at && std::abs(trajectory.steps[i] - trajectory.steps[at]) <= options_.radius) out.push_back(trajectory.rows[i]);
        return out;
    }

    double mean(std::size_t number) const {
        const std::vector<Look>& looks = looks_[number];
        if (options_.repeat == Repeat::Probability) return looks.front().probability;
        return static_cast<double>(std::ranges::count_if(looks, verdict)) / static_cast<double>(looks.size());
    }

    /// Looks at one entity are no independent pairs when they share a step, so every look is used once.
    void compareLooks(Repeatability& out) const {
        for (const std::vector<Look>& looks : looks_)
            for (std::size_t i = 0; i + 1 < looks.size(); i += 2) {
                ++out.pairs;
                out.agreeing += verdict(looks[i]) == verdict(looks[i + 1]);
            }
        if (out.pairs == 0) out.what = "no entity was seen at more than one step";
    }

    std::shared_ptr<const EmbeddingTable> table_;
    std::unique_ptr<RowJudge> judge_;
    ModelOptions options_;
    std::vector<Trajectory> trajectories_;
    std::vector<std::pair<std::size_t, std::size_t>> place_;  ///< trajectory and position of every row
    std::vector<std::vector<Look>> looks_;
    std::int64_t evaluations_ = 0;
};

}  // namespace

Result<std::shared_ptr<Oracle>> modelOracle(std::shared_ptr<const EmbeddingTable> table, std::unique_ptr<RowJudge> judge, ModelOptions options) {
    auto oracle = std::make_shared<ModelOracle>(std::move(table), std::move(judge), std::move(options));
    DS_TRY(oracle->prepare());
    return oracle;
}

}  // namespace driftscope::debate
