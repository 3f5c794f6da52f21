#include "core/base/fingerprint.h"

#define XXH_INLINE_ALL
#include <xxhash.h>

#include <algorithm>
#include <fstream>
#include <memory>
#include <vector>

namespace driftscope {
namespace {

namespace fs = std::filesystem;
constexpr std::uintmax_t kWholeFile = 64ull << 20;
constexpr std::size_t kSample = 8u << 20;
constexpr std::uintmax_t kSmallFile = 64u << 10;

struct StateDeleter {
    void operator()(XXH3_state_t* state) const { XXH3_freeState(state); }
};
using State = std::unique_ptr<XXH3_state_t, StateDeleter>;

State newState() {
    State state(XXH3_createState());
    XXH3_64bits_reset(state.get());
    return state;
}

std::string hex(std::uint64_t value) {
    return fmt::format("{:016x}", value);
}

Result<void> addRange(XXH3_state_t* state, const fs::path& path, std::uintmax_t begin, std::uintmax_t end) {
    std::ifstream in(path, std::ios::binary);
    in.seekg(static_cast<std::streamoff>(begin));
    std::vector<char> buffer(1u << 20);
    while (begin < end && in) {
        in.read(buffer.data(), static_cast<std::streamsize>(std::min<std::uintmax_t>(buffer.size(), end - begin)));
        XXH3_64bits_update(state, buffer.data(), static_cast<std::size_t>(in.gcount()));
        begin += static_cast<std::uintmax_t>(in.gcount());
        if (in.gcount() == 0) break;
    }
    if (begin < end) return fail(ErrorCode::Io, fmt::format("Cannot read {}.", path.string()), "Check its permissions.");
    return {};
}

Result<std::string> fingerprintFile(const fs::path& path) {
    const std::uintmax_t size = fs::file_size(path);
    const State state = newState();
    if (size <= kWholeFile) {
        DS_TRY(addRange(state.get(), path, 0, size));
        return "xxh3:" + hex(XXH3_64bits_digest(state.get()));
    }
    XXH3_64bits_update(state.get(), &size, sizeof size);
    DS_TRY(addRange(state.get(), path, 0, kSample));
    DS_TRY(addRange(state.get(), path, size - kSample, size));
    return "xxh3-sampled:" + hex(XXH3_64bits_digest(state.get()));
}

Result<std::string> fingerprintFolder(const fs::path& folder) {
    std::vector<fs::path> files;
    for (const auto& entry : fs::recursive_directory_iterator(folder))
        if (entry.is_regular_file()) files.push_back(entry.path());
    std::sort(files.begin(), files.end());
    const State state = newState();
    for (const fs::path& file : files) {
        const std::string relative = file.lexically_relative(folder).generic_string();
        const std::uintmax_t size = fs::file_size(file);
        XXH3_64bits_update(state.get(), relative.data(), relative.size());
        XXH3_64bits_update(state.get(), &size, sizeof size);
        if (size <= kSmallFile) DS_TRY(addRange(state.get(), file, 0, size));
    }
    return "xxh3-folder:" + hex(XXH3_64bits_digest(state.get()));
}

}  // namespace

std::string fingerprintBytes(std::span<const std::byte> bytes) {
    return hex(XXH3_64bits(bytes.data(), bytes.size()));
}

Result<std::string> fingerprintPath(const fs::path& path) {
    try {
        if (!fs::exists(path)) return fail(ErrorCode::NotFound, fmt::format("{} does not exist.", path.string()), "Check the path.");
        return fs::is_directory(path) ? fingerprintFolder(path) : fingerprintFile(path);
    } catch (const fs::filesystem_error& error) {
        return fail(ErrorCode::Io, fmt::format("Cannot read {}: {}.", path.string(), error.code().message()), "Check its permissions.");
    }
}

std::uint64_t randomBits(std::uint64_t seed, std::uint64_t stream, std::uint64_t index) {
    const auto mix = [](std::uint64_t x) {
        x += 0x9e3779b97f4a7c15ull;
        x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9ull;
        x = (x ^ (x >> 27)) * 0x94d049bb133111ebull;
        return x ^ (x >> 31);
    };
    return mix(mix(mix(seed) ^ stream) ^ index);
}

double randomUnit(std::uint64_t seed, std::uint64_t stream, std::uint64_t index) {
    return static_cast<double>(randomBits(seed, stream, index) >> 11) * 0x1.0p-53;
}

}  // namespace driftscope
