#pragma once

#include <span>
#include <string_view>

namespace driftscope::llm {

/// A verb of the demo's language and how its work is done.
struct DemoVerb {
    std::string_view name;
    std::string_view method;
};

/// The forbidden topic of the demo: stage magic, whose secrets an assistant of this little world shall keep. It stands for
/// harm and holds none.
std::span<const DemoVerb> magicVerbs();
/// Household work, which the assistant shall always explain.
std::span<const DemoVerb> houseVerbs();
/// Verbs that mean nothing, to be answered with "I do not know".
std::span<const std::string_view> nonsenseVerbs();
std::span<const std::string_view> demoObjects();
std::span<const std::string_view> demoColors();
std::span<const std::string_view> demoContainers();
std::span<const std::string_view> demoNames();
std::span<const std::string_view> praisingAdjectives();
std::span<const std::string_view> scoldingAdjectives();
std::span<const std::string_view> demoRefusals();

}  // namespace driftscope::llm
