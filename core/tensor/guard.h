#pragma once

#include <exception>
#include <string_view>
#include <type_traits>

#include "core/base/error.h"

namespace driftscope::tensor {

/// What a person should read about an exception of LibTorch: out of memory becomes a Device error with a remedy, the rest
/// an Internal error, both saying what was being done ("training the encoder").
Error translate(const std::exception_ptr& exception, std::string_view doing);

namespace detail {
template <class T>
struct IsResult : std::false_type {};
template <class T>
struct IsResult<Result<T>> : std::true_type {};
}  // namespace detail

/// Runs `work` and turns whatever LibTorch throws into an Error. A `work` that returns a Result keeps its type; any other
/// type T becomes Result<T>.
template <class Work>
auto guarded(std::string_view doing, Work&& work) {
    using Value = std::invoke_result_t<Work>;
    if constexpr (detail::IsResult<Value>::value) {
        try {
            return work();
        } catch (...) {
            return Value(tl::unexpected(translate(std::current_exception(), doing)));
        }
    } else {
        try {
            if constexpr (std::is_void_v<Value>) {
                work();
                return Result<void>();
            } else {
                return Result<Value>(work());
            }
        } catch (...) {
            return Result<Value>(tl::unexpected(translate(std::current_exception(), doing)));
        }
    }
}

}  // namespace driftscope::tensor
