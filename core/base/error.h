#pragma once

#include <fmt/format.h>

#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <vector>

namespace driftscope {

/// What kind of trouble a user met. Each maps to one exit code of driftscope-run.
enum class ErrorCode {
    Usage,        ///< the command or a parameter is wrong (exit 2)
    BadInput,     ///< a file, a field or a value in it is wrong (exit 3)
    NotFound,     ///< a file or a named thing does not exist (exit 3)
    Io,           ///< reading or writing failed: permissions, full disk (exit 3)
    Numeric,      ///< a computation left the finite numbers (exit 3)
    Unsupported,  ///< valid, but not something this version reads (exit 3)
    Device,       ///< the requested device is absent or out of memory (exit 4)
    Cancelled,    ///< stopped on request after saving; not a failure (exit 5)
    Internal,     ///< our fault (exit 70)
};

/// A failure a person can act on: a sentence that names file and place, the remedy, and where it happened.
struct Error {
    ErrorCode code = ErrorCode::Internal;
    std::string message;               ///< one sentence naming the file, field or row
    std::string remedy;                ///< what the user can do; may be empty
    std::vector<std::string> context;  ///< outermost last, for example "while reading channel 2"

    /// Adds an outer circumstance and returns the error, for `return tl::unexpected(std::move(e).during("..."))`.
    Error during(std::string circumstance) &&;
    /// Everything in one text: message, circumstances and remedy.
    std::string text() const;
};

template <class T>
using Result = tl::expected<T, Error>;

int exitCode(ErrorCode code);
std::string_view name(ErrorCode code);
/// Inverse of name(); unknown names give Internal.
ErrorCode errorCodeFromName(std::string_view name);

/// Shorthand for returning a failure: `return fail(ErrorCode::BadInput, "…", "…");`
inline tl::unexpected<Error> fail(ErrorCode code, std::string message, std::string remedy = {}) {
    return tl::unexpected<Error>(Error{code, std::move(message), std::move(remedy), {}});
}

}  // namespace driftscope

/// Returns the error of `expression` from the current function, or goes on.
#define DS_TRY(expression)                                                                  \
    do {                                                                                    \
        if (auto tryResult_ = (expression); !tryResult_)                                    \
            return tl::unexpected<::driftscope::Error>(std::move(tryResult_).error());       \
    } while (false)

#define DS_CONCAT_INNER(a, b) a##b
#define DS_CONCAT(a, b) DS_CONCAT_INNER(a, b)
/// `DS_ASSIGN(auto plate, openPlate(path));` declares or assigns the value, or returns the error.
#define DS_ASSIGN(target, expression) DS_ASSIGN_INNER(DS_CONCAT(assignResult_, __LINE__), target, expression)
#define DS_ASSIGN_INNER(holder, target, expression)                                 \
    auto holder = (expression);                                                     \
    if (!holder) return tl::unexpected<::driftscope::Error>(std::move(holder).error()); \
    target = std::move(*holder)
