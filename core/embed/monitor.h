#pragma once

#include <functional>
#include <stop_token>
#include <string_view>

#include "core/base/error.h"

namespace driftscope::embed {

/// How a long computation tells where it stands and learns that it should stop. A default Monitor is silent and endless.
struct Monitor {
    std::stop_token stop;
    std::function<void(double done, double total, std::string_view stage)> progress;

    bool cancelled() const { return stop.stop_requested(); }
    void report(double done, double total, std::string_view stage) const {
        if (progress) progress(done, total, stage);
    }
    /// What a computation returns when cancelled() was seen.
    static tl::unexpected<Error> stopped() {
        return fail(ErrorCode::Cancelled, "The computation was cancelled.", "Run it again to start over.");
    }
};

}  // namespace driftscope::embed
