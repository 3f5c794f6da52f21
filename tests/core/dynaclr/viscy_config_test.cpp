#include "core/cells/dynaclr/viscy_config.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include "core/base/atomic_file.h"
#include "core/cells/dynaclr/dynaclr_jobs.h"
#include "core/job/run_job.h"

namespace driftscope::cells {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

constexpr const char* kFit = R"(# as in VisCy's example of time-aware training
seed_everything: 42
trainer:
  accelerator: gpu
  strategy: ddp
  devices: 4
  precision: 32-true
  max_epochs: 100
  log_every_n_steps: 10
  callbacks:
    - class_path: lightning.pytorch.callbacks.ModelCheckpoint
      init_args: {monitor: loss/val, save_top_k: 4}
model:
  class_path: viscy.representation.engine.ContrastiveModule
  init_args:
    encoder:
      class_path: viscy.representation.contrastive.ContrastiveEncoder
      init_args:
        backbone: convnext_tiny
        in_channels: 2
        in_stack_depth: 30
        stem_kernel_size: [5, 4, 4]
        stem_stride: [5, 4, 4]
        embedding_dim: 768
        projection_dim: 32
        drop_path_rate: 0.0
    loss_function:
      class_path: torch.nn.TripletMarginLoss
      init_args: {margin: 0.5}
    lr: 0.0002
    log_batches_per_epoch: 3
data:
  class_path: viscy.data.triplet.TripletDataModule
  init_args:
    data_path: plate.zarr
    tracks_path: tracks.zarr
    source_channel: [Phase3D, RFP]
    z_range: [15, 45]
    batch_size: 64
    num_workers: 12
    initial_yx_patch_size: [384, 384]
    final_yx_patch_size: [160, 160]
    time_interval: 1
    normalizations:
      - class_path: viscy.transforms.NormalizeSampled
        init_args: {keys: [Phase3D], level: fov_statistics, subtrahend: mean, divisor: std}
      - class_path: viscy.transforms.ScaleIntensityRangePercentilesd
        init_args: {keys: [RFP], lower: 50, upper: 99, b_min: 0.0, b_max: 1.0}
    augmentations:
      - class_path: viscy.transforms.RandAffined
        init_args: {keys: [Phase3D, RFP], prob: 0.8, scale_range: [0, 0.2, 0.2], rotate_range: [3.14, 0.0, 0.0], shear_range: [0.0, 0.01, 0.01]}
      - class_path: viscy.transforms.RandAdjustContrastd
        init_args: {keys: [RFP], prob: 0.5, gamma: [0.7, 1.3]}
      - class_path: viscy.transforms.RandGaussianNoised
        init_args: {keys: [RFP], prob: 0.5, mean: 0.0, std: 0.2}
      - class_path: viscy.transforms.RandCoarseDropout
        init_args: {prob: 0.1}
)";

class ViscyConfig : public ::testing::Test {
  protected:
    void SetUp() override { fs::create_directories(folder_); }
    void TearDown() override { fs::remove_all(folder_); }
    fs::path write(const std::string& name, const std::string& text) {
        EXPECT_TRUE(writeFileAtomically(folder_ / name, text));
        return folder_ / name;
    }
    static const ViscyImport::Leftover* find(const ViscyImport& import, const std::string& part) {
        for (const auto& left : import.leftovers)
            if ((left.field + " " + left.value).find(part) != std::string::npos) return &left;
        return nullptr;
    }
    fs::path folder_ = fs::temp_directory_path() / fmt::format("viscy-{}", getpid());
};

TEST_F(ViscyConfig, FitBecomesTraining) {
    const json config = readLightningConfig(write("fit.yml", kFit)).value();
    const ViscyImport import = importViscyConfig(config, "auto", "fit.yml").value();
    EXPECT_EQ(import.kind, "cells.train");
    const json expected{{"seed", 42},          {"precision", "fp32"},  {"epochs", 100},           {"backbone", "convnext_tiny"}, {"stem", {5, 4, 4}}, {"embedding_dim", 768},
                        {"projection_dim", 32}, {"loss", "triplet"},    {"margin", 0.5},           {"lr", 0.0002},                {"batch", 64},       {"initial_patch", 384},
                        {"patch", 160},         {"sampler", "time"},    {"tau_min", 1},            {"tau_max", 1},                {"z_range", {15, 45}}, {"channels", {"Phase3D", "RFP"}},
                        {"normalise", {"zscore", "percentile"}},        {"percentiles", {50, 99}}, {"percentile_scope", "batch"}, {"statistics", "fov"}, {"validation_by", "fov"},
                        {"aug.affine", 0.8},    {"aug.rotation", 3.14}, {"aug.shear", 0.01},       {"aug.contrast", 0.5},         {"aug.gamma", {0.7, 1.3}}, {"aug.noise", 0.5},
                        {"aug.deviation", 0.2}, {"aug.flip", 0.0},      {"aug.smooth", 0.0},       {"images", "plate.zarr"},      {"depths", {3, 3, 9, 3}}};
    for (const auto& [name, value] : expected.items()) EXPECT_EQ(import.params.value(name, json()), value) << name;
    EXPECT_NEAR(import.params["validation"].get<double>(), 0.2, 1e-12);
    EXPECT_NEAR(import.params["aug.scale"][0].get<double>(), 0.8, 1e-12);
    EXPECT_NEAR(import.params["aug.scale"][1].get<double>(), 1.2, 1e-12);
    ASSERT_TRUE(find(import, "trainer.strategy"));
    EXPECT_TRUE(find(import, "RandCoarseDropout"));
    EXPECT_TRUE(find(import, "num_workers"));
    EXPECT_FALSE(find(import, "data_path"));
}

TEST_F(ViscyConfig, PredictBecomesEmbedding) {
    const json config = readLightningConfig(write("predict.yml", R"(
trainer:
  precision: bf16-mixed
  callbacks:
    - class_path: viscy.representation.embedding_writer.EmbeddingWriter
      init_args: {output_path: out.zarr}
model: {class_path: x.ContrastiveModule, init_args: {encoder: {class_path: x.ContrastiveEncoder, init_args: {backbone: convnext_tiny}}}}
data: {class_path: x.TripletDataModule, init_args: {data_path: p.zarr, tracks_path: t.zarr, source_channel: Phase3D, batch_size: 32, final_yx_patch_size: [160, 160]}}
ckpt_path: model.ckpt
)")).value();
    const ViscyImport import = importViscyConfig(config, "auto", "predict.yml").value();
    EXPECT_EQ(import.kind, "cells.embed");
    EXPECT_EQ(import.params["weights"], "model.ckpt");
    EXPECT_EQ(import.params["precision"], "bf16");
    EXPECT_EQ(import.params["channels"], json{"Phase3D"});
    ASSERT_FALSE(import.notes.empty());
    EXPECT_NE(import.notes.front().find("safetensors"), std::string::npos);
}

TEST_F(ViscyConfig, BasesMergeAndListsReplace) {
    write("base.yml", "data: {a: 1, list: [1, 2, 3]}\nmodel: {lr: 0.1}\n");
    const json config = readLightningConfig(write("top.yml", "base: base.yml\ndata: {b: 2, list: [9]}\n")).value();
    EXPECT_EQ(config, (json{{"data", {{"a", 1}, {"b", 2}, {"list", {9}}}}, {"model", {{"lr", 0.1}}}}));
    const auto circle = readLightningConfig(write("circle.yml", "base: [circle.yml]\n"));
    ASSERT_FALSE(circle);
    EXPECT_NE(circle.error().message.find("its own base"), std::string::npos);
}

TEST_F(ViscyConfig, MistakesAreNamed) {
    const auto broken = readLightningConfig(write("broken.yml", "data:\n  a: [1, 2\nmodel: 3\n"));
    ASSERT_FALSE(broken);
    EXPECT_NE(broken.error().message.find("line 3"), std::string::npos) << broken.error().message;
    const auto other = importViscyConfig(json{{"something", 1}}, "auto", "other.yml");
    ASSERT_FALSE(other);
    EXPECT_NE(other.error().message.find("other.yml"), std::string::npos);
    json config = readLightningConfig(write("fit.yml", kFit)).value();
    config["data"]["init_args"]["batch_size"] = "many";
    const auto wrong = importViscyConfig(config, "auto", "fit.yml");
    ASSERT_FALSE(wrong);
    EXPECT_NE(wrong.error().message.find("data.init_args.batch_size"), std::string::npos) << wrong.error().message;
    config["data"]["init_args"]["batch_size"] = 8;
    config["data"]["init_args"]["final_yx_patch_size"] = {160, 200};
    EXPECT_FALSE(importViscyConfig(config, "auto", "fit.yml"));
}

TEST_F(ViscyConfig, TheJobWritesParametersThatTrainingAccepts) {
    JobRegistry kinds;
    registerDynaclrJobs(kinds);
    const auto done = runJob(kinds, {"cells.import_config", {{"config", write("fit.yml", kFit).string()}}, folder_ / "run", "cpu", false}, {});
    ASSERT_TRUE(done) << done.error().text();
    EXPECT_EQ((*done)["kind"], "cells.train");
    EXPECT_GE((*done)["left_out"].size(), 4U);
    const json params = json::parse(readFile(folder_ / "run" / "parameters.json").value());
    EXPECT_EQ(params["tau_max"], 1);
    EXPECT_NE(readFile(folder_ / "run" / "report.txt").value().find("trainer.strategy"), std::string::npos);
}

}  // namespace
}  // namespace driftscope::cells
