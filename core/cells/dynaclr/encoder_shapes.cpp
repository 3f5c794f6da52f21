// The architecture of an encoder, read from the names and shapes of its weights.
#include "core/cells/dynaclr/encoder_config.h"

namespace driftscope::cells {
namespace {

using Shapes = std::map<std::string, std::vector<std::int64_t>>;

Result<std::vector<std::int64_t>> shapeOf(const Shapes& shapes, const std::string& name, std::size_t dimensions, const std::string& origin) {
    const auto found = shapes.find(name);
    if (found == shapes.end())
        return fail(ErrorCode::BadInput, fmt::format("{} lacks the tensor '{}'.", origin, name), "These are not the weights of a ContrastiveEncoder.");
    if (found->second.size() != dimensions)
        return fail(ErrorCode::BadInput, fmt::format("Tensor '{}' in {} has the shape ({}), expected {} dimensions.", name, origin,
                                                     fmt::join(found->second, ", "), dimensions));
    return found->second;
}

/// How many blocks each stage has and how wide it is, from one tensor that every block has.
Result<void> readStages(EncoderConfig& config, const Shapes& shapes, const std::string& pattern, int firstStage, std::size_t dimensions, const std::string& origin) {
    const auto tensorOf = [&](int stage, int block) { return fmt::format(fmt::runtime(pattern), stage, block); };
    config.depths.clear();
    config.widths.clear();
    for (int stage = firstStage; shapes.count(tensorOf(stage, 0)); ++stage) {
        int blocks = 0;
        while (shapes.count(tensorOf(stage, blocks))) ++blocks;
        config.depths.push_back(blocks);
        DS_ASSIGN(const auto shape, shapeOf(shapes, tensorOf(stage, 0), dimensions, origin));
        config.widths.push_back(shape[0]);
    }
    if (config.widths.empty()) return fail(ErrorCode::BadInput, fmt::format("{} lacks the tensor '{}'.", origin, tensorOf(firstStage, 0)));
    return {};
}

Result<void> readBackbone(EncoderConfig& config, const Shapes& shapes, const std::string& origin) {
    if (shapes.count("encoder.layer1.0.conv1.weight")) {
        config = EncoderConfig::published(Backbone::ResNet);
        return readStages(config, shapes, "encoder.layer{}.{}.conv1.weight", 1, 4, origin);
    }
    if (shapes.count("encoder.stages.0.blocks.0.mlp.grn.weight")) config.backbone = Backbone::ConvNextV2;
    DS_ASSIGN(const auto depthwise, shapeOf(shapes, "encoder.stages.0.blocks.0.conv_dw.weight", 4, origin));
    config.kernel = depthwise[2];
    return readStages(config, shapes, "encoder.stages.{}.blocks.{}.norm.weight", 0, 1, origin);
}

}  // namespace

Result<EncoderConfig> EncoderConfig::fromShapes(const Shapes& shapes, const std::string& origin) {
    EncoderConfig config;
    DS_TRY(readBackbone(config, shapes, origin));
    const std::string norm = config.backbone == Backbone::ResNet ? "encoder.bn1.weight" : "encoder.stem.1.weight";
    DS_ASSIGN(const auto stem, shapeOf(shapes, "stem.conv.weight", 5, origin));
    DS_ASSIGN(const auto first, shapeOf(shapes, norm, 1, origin));
    DS_ASSIGN(const auto hidden, shapeOf(shapes, "projection.0.weight", 2, origin));
    DS_ASSIGN(const auto projected, shapeOf(shapes, "projection.3.weight", 2, origin));
    if (stem[0] < 1 || first[0] % stem[0] != 0)
        return fail(ErrorCode::BadInput, fmt::format("{}: the {} channels of 'stem.conv.weight' do not divide the {} of '{}'.", origin, stem[0], first[0], norm));
    config.inChannels = stem[1];
    config.stemKernel = config.stemStride = {stem[2], stem[3], stem[4]};
    config.stackDepth = first[0] / stem[0] * stem[2];
    config.embeddingDim = hidden[0];
    config.projectionDim = projected[0];
    DS_TRY(config.check());
    return config;
}

}  // namespace driftscope::cells
