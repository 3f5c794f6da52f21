#include "core/cells/dynaclr/viscy_config.h"

#include <cmath>
#include <optional>

#include "core/cells/dynaclr/encoder_config.h"

namespace driftscope::cells {
namespace {

using nlohmann::json;

std::string lastName(const std::string& classPath) {
    return classPath.substr(classPath.find_last_of('.') + 1);
}

/// Takes fields out of a configuration, so that what is left has no equivalent.
class Fields {
  public:
    Fields(json config, std::string origin) : config_(std::move(config)), origin_(std::move(origin)) {}

    /// The value at "a.b.c", which counts as understood; null when absent or null.
    json take(const std::string& path) {
        json* at = &config_;
        json* parent = nullptr;
        std::string name;
        for (std::size_t begin = 0; begin <= path.size();) {
            const std::size_t end = std::min(path.find('.', begin), path.size());
            name = path.substr(begin, end - begin);
            if (!at->is_object() || !at->contains(name)) return nullptr;
            parent = at;
            at = &(*at)[name];
            begin = end + 1;
        }
        json value = *at;
        parent->erase(name);
        return value;
    }
    template <class T>
    Result<std::optional<T>> take(const std::string& path) {
        const json value = take(path);
        if (value.is_null()) return std::optional<T>();
        try {
            return std::optional<T>(value.get<T>());
        } catch (const json::exception&) {
            return fail(ErrorCode::BadInput, fmt::format("Field '{}' of {} cannot be {}.", path, origin_, value.dump()), "Correct the field, or remove it to take the default.");
        }
    }
    const json& rest() const { return config_; }

  private:
    json config_;
    std::string origin_;
};

void collect(const json& rest, const std::string& path, std::vector<ViscyImport::Leftover>& into) {
    if (rest.is_object()) {
        for (const auto& [name, value] : rest.items()) collect(value, path.empty() ? name : path + "." + name, into);
        return;
    }
    if (rest.is_null() || (rest.is_array() && rest.empty()) || path.ends_with("class_path")) return;
    const char* why = "There is no equivalent.";
    if (path.ends_with("num_workers") || path.ends_with("cache_pool_bytes") || path.ends_with("buffer_size")) why = "Frames are decoded on threads of the run; see cache_mb and threads.";
    else if (path.starts_with("trainer.logger") || path.find("log_") != std::string::npos) why = "Metrics always go to the run's events.jsonl.";
    else if (path.starts_with("trainer.callbacks")) why = "Checkpoints and metrics are written without callbacks.";
    else if (path.starts_with("trainer.")) why = "The run's device and threads decide.";
    std::string value = rest.dump();
    if (value.size() > 80) value = value.substr(0, 77) + "...";
    into.push_back({path, value, why});
}

class Translation {
  public:
    Translation(Fields fields, ViscyImport& import) : f_(std::move(fields)), import_(import), train_(import.kind == "cells.train") {}

    Result<void> run() {
        DS_TRY(trainer());
        if (train_) {
            DS_TRY(encoder());
            DS_TRY(loss());
        }
        DS_TRY(data());
        DS_TRY(pairs());
        DS_TRY(normalisations());
        if (train_) DS_TRY(augmentations());
        if (!train_) {
            DS_TRY(put<std::string>("weights", "ckpt_path"));
            if (import_.params.contains("weights")) note("ckpt_path is a Lightning checkpoint: save its state_dict as .safetensors and set 'weights' to that file.");
            f_.take("return_predictions");
            f_.take("model.init_args.encoder");  // the weights tell their architecture
        }
        collect(f_.rest(), "", import_.leftovers);
        return {};
    }

  private:
    void note(std::string text) { import_.notes.push_back(std::move(text)); }
    template <class T>
    Result<void> put(const char* param, const std::string& field) {
        DS_ASSIGN(const std::optional<T> value, f_.take<T>(field));
        if (value) import_.params[param] = *value;
        return {};
    }

    Result<void> trainer() {
        DS_ASSIGN(const auto precision, f_.take<json>("trainer.precision"));
        if (precision) import_.params["precision"] = precision->dump().find("bf16") != std::string::npos ? "bf16" : "fp32";
        if (!train_) {
            f_.take("seed_everything");
            return {};
        }
        DS_TRY(put<std::int64_t>("seed", "seed_everything"));
        DS_TRY(put<std::int64_t>("epochs", "trainer.max_epochs"));
        DS_ASSIGN(const auto batches, f_.take<double>("trainer.limit_train_batches"));
        if (batches && *batches == std::floor(*batches) && *batches > 1) import_.params["batches_per_epoch"] = static_cast<std::int64_t>(*batches);
        else if (batches && *batches != 1) note(fmt::format("trainer.limit_train_batches {} is a share; set batches_per_epoch to a number.", *batches));
        DS_TRY(put<double>("lr", "model.init_args.lr"));
        return {};
    }

    Result<void> encoder() {
        const std::string at = "model.init_args.encoder.init_args.";
        DS_ASSIGN(const auto named, f_.take<std::string>(at + "backbone"));
        DS_ASSIGN(const Backbone backbone, backboneFromName(named.value_or("convnext_tiny")));
        const EncoderConfig config = EncoderConfig::published(backbone);
        import_.params.update({{"backbone", name(backbone)}, {"depths", config.depths}, {"widths", config.widths}, {"embedding_dim", config.embeddingDim},
                               {"projection_dim", config.projectionDim}, {"layer_scale", config.layerScale}, {"stem", config.stemKernel}});
        DS_TRY(put<std::int64_t>("embedding_dim", at + "embedding_dim"));
        DS_TRY(put<std::int64_t>("projection_dim", at + "projection_dim"));
        DS_TRY(put<double>("drop_path", at + "drop_path_rate"));
        DS_ASSIGN(const auto kernel, f_.take<std::vector<std::int64_t>>(at + "stem_kernel_size"));
        DS_ASSIGN(const auto stride, f_.take<std::vector<std::int64_t>>(at + "stem_stride"));
        if (kernel) import_.params["stem"] = *kernel;
        if (stride && *stride != import_.params["stem"].get<std::vector<std::int64_t>>())
            return fail(ErrorCode::Unsupported, "stem_stride differs from stem_kernel_size.", "Only stems whose stride equals their kernel can be trained here.");
        DS_ASSIGN(const auto channels, f_.take<std::int64_t>(at + "in_channels"));
        DS_ASSIGN(const auto depth, f_.take<std::int64_t>(at + "in_stack_depth"));
        if (channels || depth) note(fmt::format("in_channels and in_stack_depth follow from 'channels' and 'z_range' (the file says {} and {}).", channels.value_or(0), depth.value_or(0)));
        DS_ASSIGN(const auto pretrained, f_.take<bool>(at + "pretrained"));
        if (pretrained.value_or(false)) note("pretrained=True starts from ImageNet weights; give them as 'initial_weights'.");
        return {};
    }

    Result<void> loss() {
        const std::string at = "model.init_args.loss_function.";
        DS_ASSIGN(const auto path, f_.take<std::string>(at + "class_path"));
        const std::string kind = lastName(path.value_or("TripletMarginLoss"));
        if (kind == "TripletMarginLoss") {
            import_.params.update({{"loss", "triplet"}, {"margin", 0.5}});
            return put<double>("margin", at + "init_args.margin");
        }
        if (kind != "NTXentLoss" && kind != "NTXentHCL")
            return fail(ErrorCode::Unsupported, fmt::format("There is no equivalent of the loss {}.", kind), "NTXentLoss, NTXentHCL and TripletMarginLoss can be imported.");
        import_.params.update({{"loss", "ntxent"}, {"temperature", 0.07}});
        if (kind == "NTXentHCL") import_.params["beta"] = 0.5;
        DS_TRY(put<double>("temperature", at + "init_args.temperature"));
        return put<double>("beta", at + "init_args.beta");
    }

    Result<std::optional<std::int64_t>> side(const std::string& field) {
        const json value = f_.take("data.init_args." + field);
        if (value.is_null()) return std::optional<std::int64_t>();
        const json first = value.is_array() && !value.empty() ? value.front() : value;
        if (!first.is_number_integer() || (value.is_array() && value.back() != first))
            return fail(ErrorCode::Unsupported, fmt::format("'{}' is {}; patches are square.", field, value.dump()), "Use one side for Y and X.");
        return std::optional<std::int64_t>(first.get<std::int64_t>());
    }

    Result<void> data() {
        const std::string at = "data.init_args.";
        DS_TRY(put<std::string>("images", at + "data_path"));
        DS_TRY(put<std::string>("tracks", at + "tracks_path"));
        DS_TRY(put<std::vector<std::int64_t>>("z_range", at + "z_range"));
        DS_TRY(put<std::vector<std::string>>("fovs", at + "include_fov_names"));
        DS_TRY(put<std::int64_t>("batch", at + "batch_size"));
        const json channels = f_.take(at + "source_channel");
        if (channels.is_string()) import_.params["channels"] = {channels};
        if (channels.is_array()) import_.params["channels"] = channels;
        DS_ASSIGN(const auto last, side("final_yx_patch_size"));
        if (last) import_.params["patch"] = *last;
        std::optional<std::int64_t> first;
        for (const char* field : {"initial_yx_patch_size", "yx_patch_size"}) {
            DS_ASSIGN(const auto found, side(field));
            if (found) first = found;
        }
        if (first && train_) import_.params["initial_patch"] = *first;
        import_.params["border"] = "drop";
        if (!train_) return {};
        DS_ASSIGN(const auto split, f_.take<double>(at + "split_ratio"));
        import_.params["validation"] = 1 - split.value_or(0.8);
        import_.params["validation_by"] = "fov";
        return {};
    }

    Result<void> pairs() {
        const std::string at = "data.init_args.";
        const json interval = f_.take(at + "time_interval");
        f_.take(at + "return_negative");  // follows from the loss
        if (!train_) return {};
        if (interval.is_number_integer()) import_.params.update({{"sampler", "time"}, {"tau_min", interval}, {"tau_max", interval}});
        else if (interval == "any" || interval.is_null()) import_.params["sampler"] = "cell";
        import_.params["same_track"] = "keep";  // VisCy's losses know no tracks
        DS_ASSIGN(const auto hours, f_.take<std::vector<double>>(at + "tau_range"));
        if (hours) {
            import_.params["sampler"] = "time";
            import_.params["lineage"] = true;
            note(fmt::format("tau_range {} is in hours: set tau_min and tau_max in frames, hours x 60 / interval in minutes.", json(*hours).dump()));
        }
        DS_TRY(put<double>("tau_decay", at + "tau_decay_rate"));
        DS_TRY(put<double>("leaky", at + "leaky"));
        DS_TRY(put<bool>("enrich", at + "temporal_enrichment"));
        DS_TRY(put<double>("enrich_global", at + "temporal_global_fraction"));
        DS_TRY(put<double>("aug.channel_dropout", at + "channel_dropout_prob"));
        return put<std::vector<std::int64_t>>("aug.dropped_channels", at + "channel_dropout_channels");
    }

    Result<void> normalisations() {
        const json list = f_.take("data.init_args.normalizations");
        if (!list.is_array()) return {};
        const json channels = import_.params.value("channels", json::array());
        std::vector<std::string> kinds(std::max<std::size_t>(1, channels.size()), "none");
        for (const json& item : list) {
            const std::string kind = lastName(item.value("class_path", ""));
            const json args = item.value("init_args", json::object());
            std::string ours;
            if (kind == "NormalizeSampled") ours = args.value("subtrahend", "mean") == "median" ? "median" : "zscore";
            else if (kind.find("ScaleIntensityRangePercentiles") != std::string::npos) ours = "percentile";
            if (ours.empty()) {
                import_.leftovers.push_back({"data.init_args.normalizations", kind, "There is no such normalisation here."});
                continue;
            }
            if (const std::string level = args.value("level", ""); !level.empty()) import_.params["statistics"] = level.substr(0, level.find('_'));
            if (ours == "percentile") {
                import_.params["percentiles"] = {args.value("lower", 50.0), args.value("upper", 99.0)};
                import_.params["percentile_scope"] = kind.starts_with("Batched") ? "cell" : "batch";
            }
            const json keys = args.value("keys", channels);
            for (std::size_t c = 0; c < kinds.size(); ++c)
                if (channels.empty() || std::find(keys.begin(), keys.end(), channels[c]) != keys.end()) kinds[c] = ours;
        }
        import_.params["normalise"] = kinds;
        return {};
    }

    Result<void> augmentations() {
        // What the file does not name is off; our defaults are another recipe's.
        for (const char* off : {"affine", "flip", "contrast", "intensity", "smooth", "noise"}) import_.params[std::string("aug.") + off] = 0.0;
        const json list = f_.take("data.init_args.augmentations");
        if (!list.is_array()) return {};
        for (const json& item : list) {
            const std::string kind = lastName(item.value("class_path", ""));
            const json args = item.value("init_args", json::object());
            if (!augmentation(kind, args)) import_.leftovers.push_back({"data.init_args.augmentations", kind, "There is no such augmentation here."});
        }
        return {};
    }

    /// Two numbers from a number, a pair or a list of pairs (the last is X).
    static json range(const json& value, double centre) {
        if (value.is_number()) return {centre - value.get<double>(), centre + value.get<double>()};
        if (value.is_array() && value.size() >= 2) return value.back().is_array() ? value.back() : json{value[0], value[1]};
        return {centre, centre};
    }
    static double largest(const json& value) {
        double found = 0;
        for (const json& one : value.is_array() ? value : json::array({value}))
            if (one.is_number()) found = std::max(found, std::abs(one.get<double>()));
        return found;
    }

    bool augmentation(const std::string& kind, const json& args) {
        json& p = import_.params;
        const double share = args.value("prob", 1.0);
        const auto is = [&](const char* what) { return kind.find(what) != std::string::npos; };
        if (is("RandAffine")) {
            p["aug.affine"] = share;
            p["aug.scale"] = args.contains("scale_range") ? (args["scale_range"].is_array() && largest(args["scale_range"]) < 0.8 ? range(largest(args["scale_range"]), 1) : range(args["scale_range"], 1)) : json{1, 1};
            p["aug.rotation"] = args.contains("rotate_range") ? largest(args["rotate_range"]) : 0.0;
            p["aug.shear"] = args.contains("shear_range") ? largest(args["shear_range"]) : 0.0;
        } else if (is("Flip")) {
            p["aug.flip"] = share;
        } else if (is("AdjustContrast")) {
            p["aug.contrast"] = share;
            p["aug.gamma"] = range(args.value("gamma", json(0.0)), 1);
        } else if (is("ScaleIntensity")) {
            p["aug.intensity"] = share;
            p["aug.factor"] = largest(args.value("factors", json(0.0)));
        } else if (is("GaussianSmooth")) {
            p["aug.smooth"] = share;
            p["aug.sigma"] = range(args.value("sigma_x", json{0.25, 1.5}), 0);
        } else if (is("GaussianNoise")) {
            p["aug.noise"] = share;
            p["aug.deviation"] = args.value("std", 0.1);
        } else {
            return false;
        }
        return true;
    }

    Fields f_;
    ViscyImport& import_;
    bool train_;
};

}  // namespace

Result<ViscyImport> importViscyConfig(const json& config, const std::string& kind, const std::string& origin) {
    if (!config.contains("data") || !(config.contains("model") || config.contains("ckpt_path")))
        return fail(ErrorCode::BadInput, fmt::format("{} has no 'model' and 'data': it is no fit or predict configuration.", origin), "Choose the file that was given to 'viscy fit' or 'viscy predict'.");
    ViscyImport import;
    const bool writes = config.dump().find("EmbeddingWriter") != std::string::npos;
    import.kind = kind != "auto" ? kind : writes ? "cells.embed" : "cells.train";
    DS_TRY(Translation(Fields(config, origin), import).run());
    return import;
}

}  // namespace driftscope::cells
