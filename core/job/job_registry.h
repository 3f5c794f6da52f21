#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "core/base/error.h"
#include "core/base/params.h"

namespace driftscope {

class JobContext;

/// One kind of long computation. `run` returns the job's result as a JSON object (numbers, file names); it must poll
/// JobContext::cancelled() at least every second, save a checkpoint when it is set and return JobContext::cancel().
struct JobKind {
    std::string name;   ///< "cells.train"
    std::string title;  ///< "Train a DynaCLR encoder"
    std::string help;   ///< what goes in, what comes out, in two or three sentences
    std::vector<ParamSpec> params;
    std::function<Result<nlohmann::json>(JobContext&)> run;

    nlohmann::json describe() const;  ///< name, title, help and parameters, without the function
};

/// The kinds a program knows. Filled explicitly by the executable; there is no global instance.
class JobRegistry {
  public:
    void add(JobKind kind);
    const JobKind* find(std::string_view name) const;
    const std::vector<JobKind>& kinds() const { return kinds_; }

  private:
    std::vector<JobKind> kinds_;
};

}  // namespace driftscope
