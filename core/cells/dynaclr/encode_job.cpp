#include "core/cells/dynaclr/compute_torch.h"
#include "core/cells/dynaclr/encoder_store_torch.h"
#include "core/cells/dynaclr/job_kinds.h"
#include "core/io/npy.h"
#include "core/tensor/guard.h"

namespace driftscope::cells {
namespace {

using nlohmann::json;

Result<void> checkInput(const io::NpyArray& input, const EncoderConfig& config, const std::string& path) {
    if (input.shape.size() != 5)
        return fail(ErrorCode::BadInput, fmt::format("{} has the shape ({}), expected five axes B, C, Z, Y, X.", path, fmt::join(input.shape, ", ")));
    if (input.shape[1] != config.inChannels || input.shape[2] != config.stackDepth)
        return fail(ErrorCode::BadInput, fmt::format("{} has {} channels and {} slices; these weights need {} and {}.", path, input.shape[1], input.shape[2],
                                                     config.inChannels, config.stackDepth));
    if (std::min(input.shape[3], input.shape[4]) < config.smallestPatch())
        return fail(ErrorCode::BadInput, fmt::format("The patches of {} measure {} x {} px; this encoder needs at least {} px.", path, input.shape[3], input.shape[4],
                                                     config.smallestPatch()));
    return {};
}

Result<void> writeRows(const std::filesystem::path& path, const torch::Tensor& rows) {
    const torch::Tensor own = rows.contiguous();
    const std::vector<std::int64_t> shape = own.sizes().vec();
    return io::writeNpy(path, shape, {own.data_ptr<float>(), static_cast<std::size_t>(own.numel())});
}

Result<json> encode(JobContext& job) {
    const std::string path = job.params().text("input");
    DS_ASSIGN(const Compute compute, prepareCompute(job));
    DS_ASSIGN(StoredEncoder stored, loadEncoder(job.params().text("weights")));
    DS_ASSIGN(io::NpyArray input, io::readNpy(path));
    DS_TRY(checkInput(input, stored.encoder->config(), path));
    const std::int64_t count = input.shape[0], batch = job.params().integer("batch");
    return tensor::guarded("encoding " + path, [&]() -> Result<json> {
        const torch::InferenceMode inference;
        stored.encoder->to(compute.device);
        const torch::Tensor all = torch::from_blob(input.values.data(), input.shape, torch::kFloat32);
        std::vector<torch::Tensor> features, projections;
        for (std::int64_t begin = 0; begin < count; begin += batch) {
            if (job.cancelled()) return JobContext::cancel();
            const std::int64_t end = std::min(count, begin + batch);
            const EncoderOutput out = stored.encoder->forward(all.slice(0, begin, end).to(compute.device), compute.precision);
            features.push_back(out.features.to(torch::kCPU));
            projections.push_back(out.projections.to(torch::kCPU));
            job.progress(static_cast<double>(end), static_cast<double>(count), "patch");
        }
        if (features.empty()) return fail(ErrorCode::BadInput, fmt::format("{} holds no patches.", path));
        DS_TRY(writeRows(job.out("features.npy"), torch::cat(features)));
        DS_TRY(writeRows(job.out("projections.npy"), torch::cat(projections)));
        return json{{"patches", count}, {"features", stored.encoder->config().featureDim()}, {"projections", stored.encoder->config().projectionDim},
                    {"encoder", stored.encoder->config().toJson()}, {"weights", stored.fingerprint}};
    });
}

}  // namespace

JobKind encodeKind() {
    std::vector<ParamSpec> params{
        {.name = "weights", .type = ParamType::Path, .help = "Encoder weights (.safetensors) with VisCy's names; a config.json beside them is read."},
        {.name = "input", .type = ParamType::Path, .help = "Patches as .npy: float32, axes B, C, Z, Y, X, already normalised."},
        {.name = "batch", .type = ParamType::Int, .fallback = 32, .help = "Patches computed at once.", .minimum = 1, .maximum = 65536}};
    for (ParamSpec& spec : computeParams()) params.push_back(std::move(spec));
    return {"cells.encode", "Encode patches", "Runs an encoder on ready-made patches. Writes features.npy (B, features) and projections.npy (B, projections).", std::move(params), encode};
}

}  // namespace driftscope::cells
