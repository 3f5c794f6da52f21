#include "core/tensor/guard.h"

#include <new>

#include "core/tensor/torch.h"

namespace driftscope::tensor {
namespace {

bool tellsOfMemory(std::string_view text) {
    for (const char* sign : {"out of memory", "not enough memory", "can't allocate memory"})
        if (text.find(sign) != std::string_view::npos) return true;
    return false;
}

Error memoryError(std::string_view doing, std::string_view detail) {
    return {ErrorCode::Device, fmt::format("The device ran out of memory while {}: {}", doing, detail),
            "Use a smaller batch or patch, or a device with more memory.", {}};
}

std::string firstLine(std::string_view text) {
    return std::string(text.substr(0, text.find('\n')));
}

}  // namespace

Error translate(const std::exception_ptr& exception, std::string_view doing) {
    std::string text;
    try {
        std::rethrow_exception(exception);
    } catch (const c10::Error& error) {
        text = firstLine(error.what_without_backtrace());
    } catch (const std::bad_alloc& error) {
        return memoryError(doing, error.what());
    } catch (const std::exception& error) {
        text = firstLine(error.what());
    } catch (...) {
        text = "an unknown exception";
    }
    if (tellsOfMemory(text)) return memoryError(doing, text);
    return {ErrorCode::Internal, fmt::format("LibTorch failed while {}: {}", doing, text), "Please report this with the run folder.", {}};
}

}  // namespace driftscope::tensor
