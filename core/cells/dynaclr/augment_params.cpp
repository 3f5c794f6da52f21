#include "core/cells/dynaclr/augment_torch.h"

namespace driftscope::cells {
namespace {

using nlohmann::json;

constexpr const char* kSource = "VisCy, 2-D MIP bag of channels";

ParamSpec probability(const char* name, double value, const char* help) {
    return {.name = name, .type = ParamType::Real, .fallback = value, .help = help, .minimum = 0, .maximum = 1, .source = kSource, .advanced = true};
}

ParamSpec amount(const char* name, double value, const char* help, const char* unit = "") {
    return {.name = name, .type = ParamType::Real, .fallback = value, .help = help, .unit = unit, .minimum = 0, .source = kSource, .advanced = true};
}

ParamSpec range(const char* name, const std::array<double, 2>& value, const char* help, const char* unit = "") {
    return {.name = name, .type = ParamType::RealList, .fallback = value, .help = help, .unit = unit, .minimum = 0, .source = kSource, .advanced = true};
}

Result<std::array<double, 2>> pair(const Params& params, const char* name) {
    const std::vector<double> values = params.reals(name);
    if (values.size() != 2 || values[0] > values[1]) return fail(ErrorCode::Usage, fmt::format("'{}' needs two numbers, the smaller first.", name));
    return std::array<double, 2>{values[0], values[1]};
}

}  // namespace

std::vector<ParamSpec> Augmentation::params() {
    const Augmentation a;
    return {probability("aug.affine", a.affine, "Probability of a random scale, rotation and shear."),
            range("aug.scale", a.scale, "Scale of Y and X, drawn separately."),
            amount("aug.rotation", a.rotation, "Largest rotation either way.", "rad"),
            amount("aug.shear", a.shear, "Largest shear either way.", "degrees"),
            probability("aug.flip", a.flip, "Probability of a flip, for Y and X."),
            probability("aug.contrast", a.contrast, "Probability of a gamma change."),
            range("aug.gamma", a.gamma, "Exponent of the gamma change."),
            probability("aug.intensity", a.intensity, "Probability of a brightness change."),
            amount("aug.factor", a.intensityFactor, "Largest relative brightness change."),
            probability("aug.smooth", a.smooth, "Probability of Gaussian smoothing."),
            range("aug.sigma", a.sigma, "Width of the smoothing.", "px"),
            probability("aug.noise", a.noise, "Probability of Gaussian noise."),
            amount("aug.deviation", a.noiseDeviation, "Largest standard deviation of the noise, in normalised intensity."),
            {.name = "aug.channel_dropout", .type = ParamType::Real, .fallback = a.channelDropout, .help = "Probability that a view loses the channels of aug.dropped_channels, so that the rest must suffice.", .minimum = 0, .maximum = 1, .source = "VisCy", .advanced = true},
            {.name = "aug.dropped_channels", .type = ParamType::IntList, .fallback = a.droppedChannels, .help = "Numbers of the channels that aug.channel_dropout sets to 0, counted from 0.", .minimum = 0, .maximum = 1000, .source = "VisCy", .advanced = true}};
}

Result<Augmentation> Augmentation::make(const Params& params) {
    Augmentation a;
    a.affine = params.real("aug.affine");
    DS_ASSIGN(a.scale, pair(params, "aug.scale"));
    a.rotation = params.real("aug.rotation");
    a.shear = params.real("aug.shear");
    a.flip = params.real("aug.flip");
    a.contrast = params.real("aug.contrast");
    DS_ASSIGN(a.gamma, pair(params, "aug.gamma"));
    a.intensity = params.real("aug.intensity");
    a.intensityFactor = params.real("aug.factor");
    a.smooth = params.real("aug.smooth");
    DS_ASSIGN(a.sigma, pair(params, "aug.sigma"));
    a.noise = params.real("aug.noise");
    a.noiseDeviation = params.real("aug.deviation");
    a.channelDropout = params.real("aug.channel_dropout");
    a.droppedChannels = params.integers("aug.dropped_channels");
    return a;
}

json Augmentation::toJson() const {
    return {{"affine", affine},       {"scale", scale},   {"rotation", rotation},         {"shear", shear},   {"flip", flip},   {"contrast", contrast},
            {"gamma", gamma},         {"intensity", intensity}, {"factor", intensityFactor}, {"smooth", smooth}, {"sigma", sigma}, {"noise", noise},
            {"deviation", noiseDeviation}, {"channel_dropout", channelDropout}, {"dropped_channels", droppedChannels}};
}

}  // namespace driftscope::cells
