#include "core/cells/dynaclr/encoder_config.h"

namespace driftscope::cells {
namespace {

using nlohmann::json;

template <class T>
Result<void> take(const json& from, const char* field, T& into, const std::string& origin) {
    if (!from.contains(field)) return {};
    try {
        into = from.at(field).get<T>();
    } catch (const json::exception&) {
        return fail(ErrorCode::BadInput, fmt::format("Field '{}' of {} cannot be {}.", field, origin, from.at(field).dump()));
    }
    return {};
}

}  // namespace

std::string name(Backbone backbone) {
    switch (backbone) {
        case Backbone::ConvNext: return "convnext_tiny";
        case Backbone::ConvNextV2: return "convnextv2_tiny";
        case Backbone::ResNet: return "resnet50";
    }
    return {};
}

Result<Backbone> backboneFromName(const std::string& text) {
    for (const Backbone backbone : {Backbone::ConvNext, Backbone::ConvNextV2, Backbone::ResNet})
        if (name(backbone) == text) return backbone;
    return fail(ErrorCode::Unsupported, fmt::format("There is no backbone '{}'.", text), "Use convnext_tiny, convnextv2_tiny or resnet50.");
}

EncoderConfig EncoderConfig::published(Backbone backbone) {
    EncoderConfig config;
    config.backbone = backbone;
    if (backbone == Backbone::ResNet) {
        config.depths = {3, 4, 6, 3};
        config.widths = {64, 128, 256, 512};
    }
    return config;
}

std::int64_t EncoderConfig::smallestPatch() const {
    if (backbone == Backbone::ResNet) return std::max(stemKernel[1], stemKernel[2]);  // its convolutions pad
    std::int64_t side = 1;
    for (std::size_t stage = 1; stage < widths.size(); ++stage) side *= 2;
    return std::max((side - 1) * stemStride[1] + stemKernel[1], (side - 1) * stemStride[2] + stemKernel[2]);
}

Result<void> EncoderConfig::check() const {
    const auto wrong = [](std::string message) { return fail(ErrorCode::BadInput, std::move(message), "Change the encoder's parameters."); };
    if (depths.empty() || depths.size() != widths.size())
        return wrong(fmt::format("The encoder has {} depths and {} widths; it needs one of each per stage.", depths.size(), widths.size()));
    for (std::size_t stage = 0; stage < depths.size(); ++stage)
        if (depths[stage] < 1 || widths[stage] < 1) return wrong(fmt::format("Stage {} of the encoder has depth {} and width {}.", stage, depths[stage], widths[stage]));
    for (std::size_t axis = 0; axis < 3; ++axis)
        if (stemKernel[axis] < 1 || stemStride[axis] < 1) return wrong("The stem's kernel and stride must be at least 1.");
    if (inChannels < 1 || embeddingDim < 1 || projectionDim < 1) return wrong("Channels, embedding and projection must be at least 1.");
    if (kernel < 1 || kernel % 2 == 0) return wrong(fmt::format("The depthwise kernel {} is not odd.", kernel));
    if (stackDepth < stemKernel[0]) return wrong(fmt::format("The input depth Z = {} is smaller than the stem's kernel depth {}.", stackDepth, stemKernel[0]));
    if (widths[0] % outDepth() != 0)
        return wrong(fmt::format("ValueError: the stem's {} channels cannot be divided by the output depth {} (Z = {}, kernel depth {}, stride {}).", widths[0],
                                 outDepth(), stackDepth, stemKernel[0], stemStride[0]));
    return {};
}

json EncoderConfig::toJson() const {
    return {{"backbone", name(backbone)},  {"in_channels", inChannels},     {"in_stack_depth", stackDepth}, {"stem_kernel_size", stemKernel},
            {"stem_stride", stemStride},   {"depths", depths},              {"widths", widths},             {"kernel_size", kernel},
            {"embedding_dim", embeddingDim}, {"projection_dim", projectionDim}, {"drop_path_rate", dropPath}, {"layer_scale", layerScale}};
}

Result<EncoderConfig> EncoderConfig::fromJson(const json& from, const std::string& origin) {
    std::string named = name(Backbone::ConvNext);
    DS_TRY(take(from, "backbone", named, origin));
    auto backbone = backboneFromName(named);
    if (!backbone) return tl::unexpected(std::move(backbone).error().during("in " + origin));
    EncoderConfig config = published(*backbone);
    DS_TRY(take(from, "in_channels", config.inChannels, origin));
    DS_TRY(take(from, "in_stack_depth", config.stackDepth, origin));
    DS_TRY(take(from, "stem_kernel_size", config.stemKernel, origin));
    DS_TRY(take(from, "stem_stride", config.stemStride, origin));
    DS_TRY(take(from, "depths", config.depths, origin));
    DS_TRY(take(from, "widths", config.widths, origin));
    DS_TRY(take(from, "kernel_size", config.kernel, origin));
    DS_TRY(take(from, "embedding_dim", config.embeddingDim, origin));
    DS_TRY(take(from, "projection_dim", config.projectionDim, origin));
    DS_TRY(take(from, "drop_path_rate", config.dropPath, origin));
    DS_TRY(take(from, "layer_scale", config.layerScale, origin));
    DS_TRY(config.check());
    return config;
}

}  // namespace driftscope::cells
