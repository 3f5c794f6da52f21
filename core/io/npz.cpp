#include "core/io/npz.h"

#include <zip.h>

#include <memory>

#include "core/base/atomic_file.h"

namespace driftscope::io {
namespace {

constexpr zip_uint64_t kMaximumMember = 16ull << 30;

struct ZipCloser {
    void operator()(zip_t* archive) const { zip_discard(archive); }
};
struct MemberCloser {
    void operator()(zip_file_t* member) const { zip_fclose(member); }
};
using Zip = std::unique_ptr<zip_t, ZipCloser>;

tl::unexpected<Error> damaged(const std::string& place, const std::string& what) {
    return fail(ErrorCode::BadInput, fmt::format("{} is not a valid .npz file: {}.", place, what), "It may be cut off: copy it again, or save it again with numpy.savez.");
}

std::string textOf(int code) {
    zip_error_t error;
    zip_error_init_with_code(&error, code);
    std::string text = zip_error_strerror(&error);
    zip_error_fini(&error);
    return text;
}

Result<std::vector<std::byte>> content(zip_t* archive, zip_uint64_t index, const zip_stat_t& stat, const std::string& place) {
    if (!(stat.valid & ZIP_STAT_SIZE) || stat.size > kMaximumMember) return damaged(place, "its size is missing or beyond 16 GiB");
    const std::unique_ptr<zip_file_t, MemberCloser> member(zip_fopen_index(archive, index, 0));
    if (!member) return damaged(place, zip_strerror(archive));
    std::vector<std::byte> bytes;
    // The size in the directory may lie: memory grows with what is really there.
    for (std::size_t done = 0; done < stat.size;) {
        bytes.resize(std::min<std::size_t>(stat.size, done + (16u << 20)));
        const zip_int64_t got = zip_fread(member.get(), bytes.data() + done, bytes.size() - done);
        if (got <= 0) return damaged(place, got < 0 ? zip_file_strerror(member.get()) : "it ends early");
        done += static_cast<std::size_t>(got);
    }
    // Reading to the end makes libzip compare the checksum.
    char beyond = 0;
    if (zip_fread(member.get(), &beyond, 1) != 0) return damaged(place, zip_file_strerror(member.get()));
    return bytes;
}

bool isText(std::span<const std::byte> bytes) {
    const std::string_view head(reinterpret_cast<const char*>(bytes.data()), std::min<std::size_t>(bytes.size(), 256));
    for (const char* mark : {"'descr': '|S", "'descr': '<U", "'descr': '>U"})
        if (head.find(mark) != std::string_view::npos) return true;
    return false;
}

}  // namespace

Result<std::map<std::string, NpyNumbers>> readNpz(const std::filesystem::path& path) {
    if (!std::filesystem::exists(path)) return fail(ErrorCode::NotFound, fmt::format("{} does not exist.", path.string()), "Check the path.");
    int code = 0;
    const Zip archive(zip_open(path.c_str(), ZIP_RDONLY | ZIP_CHECKCONS, &code));
    if (!archive) return damaged(path.string(), textOf(code));
    std::map<std::string, NpyNumbers> arrays;
    const zip_int64_t members = zip_get_num_entries(archive.get(), 0);
    for (zip_int64_t i = 0; i < members; ++i) {
        const auto index = static_cast<zip_uint64_t>(i);
        zip_stat_t stat;
        if (zip_stat_index(archive.get(), index, 0, &stat) != 0) return damaged(path.string(), zip_strerror(archive.get()));
        std::string name = stat.valid & ZIP_STAT_NAME ? stat.name : "";
        if (!name.ends_with(".npy")) continue;
        name.resize(name.size() - 4);
        const std::string place = fmt::format("{}, array '{}'", path.string(), name);
        DS_ASSIGN(const std::vector<std::byte> bytes, content(archive.get(), index, stat, place));
        if (isText(bytes)) continue;
        DS_ASSIGN(NpyNumbers numbers, parseNpyNumbers(bytes, place));
        arrays.emplace(std::move(name), std::move(numbers));
    }
    return arrays;
}

Result<void> writeNpz(const std::filesystem::path& path, const std::vector<std::pair<std::string, std::string>>& members) {
    const std::filesystem::path temporary = temporaryBeside(path);
    int code = 0;
    Zip archive(zip_open(temporary.c_str(), ZIP_CREATE | ZIP_TRUNCATE, &code));
    if (!archive) return fail(ErrorCode::Io, fmt::format("Cannot write {}: {}.", path.string(), textOf(code)), "Check the folder and the disk.");
    for (const auto& [name, bytes] : members) {
        zip_source_t* source = zip_source_buffer(archive.get(), bytes.data(), bytes.size(), 0);
        const zip_int64_t index = source ? zip_file_add(archive.get(), (name + ".npy").c_str(), source, ZIP_FL_ENC_UTF_8) : -1;
        if (index < 0) {
            if (source) zip_source_free(source);
            return fail(ErrorCode::Io, fmt::format("Cannot write {}: {}.", path.string(), zip_strerror(archive.get())), "Check the folder and the disk.");
        }
        // A fixed time keeps the bytes the same for the same content.
        zip_file_set_dostime(archive.get(), static_cast<zip_uint64_t>(index), 0, 0x21, 0);
    }
    if (zip_close(archive.get()) != 0)
        return fail(ErrorCode::Io, fmt::format("Cannot write {}: {}.", path.string(), zip_strerror(archive.get())), "Check the folder and the disk.");
    (void)archive.release();  // zip_close() freed it
    return commitFile(temporary, path);
}

}  // namespace driftscope::io
