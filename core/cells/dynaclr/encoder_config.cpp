#include "core/cells/dynaclr/encoder_config.h"

namespace driftscope::cells {
namespace {

using nlohmann::json;
using Shapes = std::map<std::string, std::vector<std::int64_t>>;

Result<std::vector<std::int64_t>> shapeOf(const Shapes& shapes, const std::string& name, std::size_t dimensions, const std::string& origin) {
    const auto found = shapes.find(name);
    if (found == shapes.end())
        return fail(ErrorCode::BadInput, fmt::format("{} lacks the tensor '{}'.", origin, name), "These are not the weights of a ContrastiveEncoder on ConvNeXt.");
    if (found->second.size() != dimensions)
        return fail(ErrorCode::BadInput, fmt::format("Tensor '{}' in {} has the shape ({}), expected {} dimensions.", name, origin,
                                                     fmt::join(found->second, ", "), dimensions));
    return found->second;
}

Result<void> refuseOtherBackbones(const Shapes& shapes, const std::string& origin) {
    const auto refuse = [&](const char* backbone) {
        return fail(ErrorCode::Unsupported, fmt::format("{} holds a {} encoder; only convnext_tiny and its smaller forms are supported.", origin, backbone));
    };
    if (shapes.count("encoder.layer1.0.conv1.weight")) return refuse("resnet50");
    if (shapes.count("encoder.stages.0.blocks.0.mlp.grn.weight")) return refuse("convnextv2_tiny");
    return {};
}

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

std::int64_t EncoderConfig::smallestPatch() const {
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
    return {{"backbone", "convnext_tiny"}, {"in_channels", inChannels},     {"in_stack_depth", stackDepth}, {"stem_kernel_size", stemKernel},
            {"stem_stride", stemStride},   {"depths", depths},              {"widths", widths},             {"kernel_size", kernel},
            {"embedding_dim", embeddingDim}, {"projection_dim", projectionDim}, {"drop_path_rate", dropPath}, {"layer_scale", layerScale}};
}

Result<EncoderConfig> EncoderConfig::fromJson(const json& from, const std::string& origin) {
    EncoderConfig config;
    std::string backbone = "convnext_tiny";
    DS_TRY(take(from, "backbone", backbone, origin));
    if (backbone != "convnext_tiny") return fail(ErrorCode::Unsupported, fmt::format("{} asks for the backbone '{}'; only convnext_tiny is supported.", origin, backbone));
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

Result<EncoderConfig> EncoderConfig::fromShapes(const Shapes& shapes, const std::string& origin) {
    DS_TRY(refuseOtherBackbones(shapes, origin));
    EncoderConfig config;
    DS_ASSIGN(const auto stem, shapeOf(shapes, "stem.conv.weight", 5, origin));
    DS_ASSIGN(const auto first, shapeOf(shapes, "encoder.stem.1.weight", 1, origin));
    DS_ASSIGN(const auto depthwise, shapeOf(shapes, "encoder.stages.0.blocks.0.conv_dw.weight", 4, origin));
    DS_ASSIGN(const auto hidden, shapeOf(shapes, "projection.0.weight", 2, origin));
    DS_ASSIGN(const auto projected, shapeOf(shapes, "projection.3.weight", 2, origin));
    if (stem[0] < 1 || first[0] % stem[0] != 0)
        return fail(ErrorCode::BadInput, fmt::format("{}: the {} channels of 'stem.conv.weight' do not divide the {} of 'encoder.stem.1.weight'.", origin, stem[0], first[0]));
    config.inChannels = stem[1];
    config.stemKernel = config.stemStride = {stem[2], stem[3], stem[4]};
    config.stackDepth = first[0] / stem[0] * stem[2];
    config.kernel = depthwise[2];
    config.embeddingDim = hidden[0];
    config.projectionDim = projected[0];
    config.depths.clear();
    config.widths.clear();
    for (int stage = 0; shapes.count(fmt::format("encoder.stages.{}.blocks.0.gamma", stage)); ++stage) {
        int blocks = 0;
        while (shapes.count(fmt::format("encoder.stages.{}.blocks.{}.gamma", stage, blocks))) ++blocks;
        config.depths.push_back(blocks);
        DS_ASSIGN(const auto gamma, shapeOf(shapes, fmt::format("encoder.stages.{}.blocks.0.gamma", stage), 1, origin));
        config.widths.push_back(gamma[0]);
    }
    if (config.widths.empty()) return fail(ErrorCode::BadInput, fmt::format("{} lacks the tensor 'encoder.stages.0.blocks.0.gamma'.", origin));
    DS_TRY(config.check());
    return config;
}

}  // namespace driftscope::cells
