#include "core/io/safetensors.h"

#include <algorithm>
#include <cstring>

#include "core/base/atomic_file.h"
#include "core/io/checked_size.h"
#include "core/io/json_access.h"
#include "core/io/mapped_file.h"

namespace driftscope::io {
namespace {

using nlohmann::json;

constexpr std::uint64_t kMaximumHeader = 100'000'000;
constexpr std::size_t kMaximumTensors = 65'536;
constexpr std::size_t kMaximumRank = 32;
const std::map<std::string, std::uint64_t, std::less<>> kTypeSizes = {
    {"F64", 8}, {"F32", 4}, {"F16", 2}, {"BF16", 2}, {"I64", 8}, {"I32", 4},     {"I16", 2},     {"I8", 1},
    {"U64", 8}, {"U32", 4}, {"U16", 2}, {"U8", 1},   {"BOOL", 1}, {"F8_E4M3", 1}, {"F8_E5M2", 1}};

tl::unexpected<Error> damaged(const std::string& place, const std::string& what) {
    return fail(ErrorCode::BadInput, fmt::format("{} is not a valid safetensors file: {}.", place, what),
                "Copy or download it again, and compare its size with the original.");
}

class MappedSafetensors final : public SafetensorsFile {
  public:
    MappedSafetensors(MappedFile file, std::map<std::string, StoredTensor> tensors, std::map<std::string, std::string> metadata)
        : file_(std::move(file)), tensors_(std::move(tensors)), metadata_(std::move(metadata)) {}
    const std::map<std::string, StoredTensor>& tensors() const override { return tensors_; }
    const std::map<std::string, std::string>& metadata() const override { return metadata_; }

  private:
    MappedFile file_;
    std::map<std::string, StoredTensor> tensors_;
    std::map<std::string, std::string> metadata_;
};

Result<std::map<std::string, std::string>> parseMetadata(const json& entry, const std::string& place) {
    std::map<std::string, std::string> metadata;
    if (!entry.is_object()) return damaged(place, "'__metadata__' is not an object");
    for (const auto& [key, value] : entry.items()) {
        if (!value.is_string()) return damaged(place, fmt::format("metadata '{}' is not text", key));
        metadata[key] = value.get<std::string>();
    }
    return metadata;
}

Result<StoredTensor> parseTensor(const std::string& name, const json& entry, std::span<const std::byte> buffer, const std::string& place) {
    const std::string where = fmt::format("{}, tensor '{}'", place, name);
    StoredTensor tensor;
    tensor.type = textMember(entry, "dtype");
    const auto type = kTypeSizes.find(tensor.type);
    if (type == kTypeSizes.end())
        return fail(ErrorCode::Unsupported, fmt::format("{} has the type '{}', which is not known here.", where, tensor.type), "Convert it to F32.");
    DS_ASSIGN(tensor.shape, extentsMember(entry, "shape", where));
    DS_ASSIGN(const auto offsets, extentsMember(entry, "data_offsets", where));
    if (tensor.shape.size() > kMaximumRank) return damaged(where, fmt::format("it has {} dimensions", tensor.shape.size()));
    if (offsets.size() != 2 || offsets[0] > offsets[1] || static_cast<std::uint64_t>(offsets[1]) > buffer.size())
        return damaged(where, "its data lie outside the file");
    const auto begin = static_cast<std::size_t>(offsets[0]);
    const auto length = static_cast<std::size_t>(offsets[1]) - begin;
    const auto wanted = checkedBytes(tensor.shape, type->second);
    if (!wanted || *wanted != length) return damaged(where, fmt::format("its shape does not fit its {} bytes", length));
    tensor.bytes = buffer.subspan(begin, length);
    return tensor;
}

/// The format demands that the tensors cover the buffer without holes or overlaps.
Result<void> checkCover(const std::map<std::string, StoredTensor>& tensors, std::span<const std::byte> buffer, const std::string& place) {
    std::vector<std::pair<std::size_t, std::size_t>> ranges;
    for (const auto& [name, tensor] : tensors) {
        const auto begin = static_cast<std::size_t>(tensor.bytes.data() - buffer.data());
        ranges.emplace_back(begin, begin + tensor.bytes.size());
    }
    std::sort(ranges.begin(), ranges.end());
    std::size_t end = 0;
    for (const auto& [begin, stop] : ranges) {
        if (begin != end) return damaged(place, fmt::format("a {} at byte {} of its data", begin < end ? "tensor overlaps another" : "hole", end));
        end = stop;
    }
    if (end != buffer.size()) return damaged(place, fmt::format("its tensors end at byte {} of {}", end, buffer.size()));
    return {};
}

Result<json> parseHeader(std::span<const std::byte> bytes, const std::string& place) {
    std::uint64_t length = 0;
    if (bytes.size() < sizeof length) return damaged(place, "it is shorter than its header");
    std::memcpy(&length, bytes.data(), sizeof length);
    if (length > kMaximumHeader) return damaged(place, fmt::format("its header claims {} bytes", length));
    if (length > bytes.size() - sizeof length) return damaged(place, "its header is cut off");
    const std::string_view text(reinterpret_cast<const char*>(bytes.data()) + sizeof length, static_cast<std::size_t>(length));
    if (text.empty() || text.front() != '{') return damaged(place, "its header is not a JSON object");
    DS_ASSIGN(json header, parseJson(text, "the header of " + place));
    if (header.size() > kMaximumTensors + 1) return damaged(place, fmt::format("it lists {} tensors", header.size()));
    return header;
}

}  // namespace

Result<std::shared_ptr<const SafetensorsFile>> SafetensorsFile::open(const std::filesystem::path& path) {
    const std::string place = path.string();
    DS_ASSIGN(MappedFile file, MappedFile::open(path));
    DS_ASSIGN(const json header, parseHeader(file.bytes(), place));
    std::uint64_t length = 0;
    std::memcpy(&length, file.bytes().data(), sizeof length);
    const auto buffer = file.bytes().subspan(sizeof length + static_cast<std::size_t>(length));
    std::map<std::string, StoredTensor> tensors;
    std::map<std::string, std::string> metadata;
    for (const auto& [name, entry] : header.items()) {
        if (name == "__metadata__") {
            DS_ASSIGN(metadata, parseMetadata(entry, place));
            continue;
        }
        DS_ASSIGN(tensors[name], parseTensor(name, entry, buffer, place));
    }
    DS_TRY(checkCover(tensors, buffer, place));
    return std::make_shared<const MappedSafetensors>(std::move(file), std::move(tensors), std::move(metadata));
}

Result<void> writeSafetensors(const std::filesystem::path& path, const std::vector<TensorToStore>& tensors,
                              const std::map<std::string, std::string>& metadata) {
    auto header = nlohmann::ordered_json::object();
    if (!metadata.empty()) header["__metadata__"] = metadata;
    std::uint64_t offset = 0;
    for (const TensorToStore& tensor : tensors) {
        const auto type = kTypeSizes.find(tensor.type);
        const auto wanted = type == kTypeSizes.end() ? std::nullopt : checkedBytes(tensor.shape, type->second);
        if (!wanted || *wanted != tensor.bytes.size() || header.contains(tensor.name))
            return fail(ErrorCode::Internal, fmt::format("Tensor '{}' ({}) for {} has a wrong type or size, or is given twice.", tensor.name, tensor.type,
                                                         path.string()));
        header[tensor.name] = {{"dtype", tensor.type}, {"shape", tensor.shape}, {"data_offsets", {offset, offset + *wanted}}};
        offset += *wanted;
    }
    std::string content = header.dump();
    content.resize((content.size() + 7) / 8 * 8, ' ');  // tensors of a memory-mapped file start aligned
    const std::uint64_t length = content.size();
    content.insert(0, reinterpret_cast<const char*>(&length), sizeof length);
    content.reserve(content.size() + offset);
    for (const TensorToStore& tensor : tensors) content.append(reinterpret_cast<const char*>(tensor.bytes.data()), tensor.bytes.size());
    return writeFileAtomically(path, content);
}

}  // namespace driftscope::io
