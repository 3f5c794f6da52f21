#pragma once

#include <memory>
#include <string>
#include <vector>

#include "plugins/drift/drift_data.h"
#include "plugins/drift/drift_run.h"

namespace driftscope::drift {

/// A training run with everything that is known of its drift and its answers: what it measured itself, and one run of
/// llm.drift on it. Immutable.
class InspectedRun {
  public:
    /// `measured` is the folder of an llm.drift run; empty for none. Errors: damaged files (named).
    static Result<std::shared_ptr<const InspectedRun>> load(const DriftRun& run, const QString& measured);

    const DriftRun& run() const { return run_; }
    QString title() const { return run_.title; }
    /// Null when llm.drift has not run on it.
    const DriftData* data() const { return data_.get(); }
    std::shared_ptr<const DriftData> sharedData() const { return data_; }
    /// llm.drift's measurements, else the run's own.
    const LayerDriftTable& table() const { return data_ ? data_->table() : own_; }
    std::vector<std::int64_t> steps() const;
    /// The samples of llm.drift, else the prompts the run was evaluated on.
    const std::vector<Sample>& samples() const { return data_ ? data_->samples() : asked_; }
    /// The model's answer to a sample at a step; null when it was not asked.
    const Answer* answer(std::uint32_t sample, std::int64_t step) const;
    /// The same for a prompt that may not be among the samples: how another run's sample is found here.
    const Answer* answerTo(const std::string& prompt, std::int64_t step) const;
    std::optional<std::uint32_t> sampleOf(const std::string& prompt) const;
    /// Names the run in the label store: the same parameters and input files give the same name wherever its folder lies.
    const std::string& dataset() const { return dataset_; }

  private:
    DriftRun run_;
    LayerDriftTable own_;
    AnswerBook answers_;
    std::vector<Sample> asked_;
    std::shared_ptr<const DriftData> data_;
    std::map<std::string, std::uint32_t> sampleOf_;
    std::string dataset_;
};

}  // namespace driftscope::drift
