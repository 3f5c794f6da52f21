#include "core/base/error.h"

#include <array>
#include <utility>

namespace driftscope {
namespace {

struct CodeRow {
    ErrorCode code;
    std::string_view name;
    int exit;
};

constexpr std::array<CodeRow, 9> kCodes{{{ErrorCode::Usage, "usage", 2},
                                         {ErrorCode::BadInput, "bad_input", 3},
                                         {ErrorCode::NotFound, "not_found", 3},
                                         {ErrorCode::Io, "io", 3},
                                         {ErrorCode::Numeric, "numeric", 3},
                                         {ErrorCode::Unsupported, "unsupported", 3},
                                         {ErrorCode::Device, "device", 4},
                                         {ErrorCode::Cancelled, "cancelled", 5},
                                         {ErrorCode::Internal, "internal", 70}}};

const CodeRow& row(ErrorCode code) {
    for (const CodeRow& candidate : kCodes)
        if (candidate.code == code) return candidate;
    return kCodes.back();
}

}  // namespace

Error Error::during(std::string circumstance) && {
    context.push_back(std::move(circumstance));
    return std::move(*this);
}

std::string Error::text() const {
    std::string out = message;
    for (const std::string& circumstance : context) out += " (" + circumstance + ")";
    if (!remedy.empty()) out += " " + remedy;
    return out;
}

int exitCode(ErrorCode code) {
    return row(code).exit;
}

std::string_view name(ErrorCode code) {
    return row(code).name;
}

ErrorCode errorCodeFromName(std::string_view wanted) {
    for (const CodeRow& candidate : kCodes)
        if (candidate.name == wanted) return candidate.code;
    return ErrorCode::Internal;
}

}  // namespace driftscope
