#pragma once

#include <hdf5.h>

#include <cstdint>
#include <filesystem>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "core/base/error.h"

namespace driftscope::io {

/// Debian's HDF5 is not thread-safe: whoever calls it holds a session, which also keeps it from printing its errors.
class Hdf5Session {
  public:
    Hdf5Session();
    ~Hdf5Session();
    Hdf5Session(const Hdf5Session&) = delete;
    Hdf5Session& operator=(const Hdf5Session&) = delete;

  private:
    std::unique_lock<std::recursive_mutex> lock_;
    H5E_auto2_t function_ = nullptr;
    void* data_ = nullptr;
};

/// Owns one reference to an HDF5 identifier.
class Hdf5Id {
  public:
    Hdf5Id() = default;
    explicit Hdf5Id(hid_t id) : id_(id) {}
    Hdf5Id(Hdf5Id&& other) noexcept : id_(std::exchange(other.id_, H5I_INVALID_HID)) {}
    Hdf5Id& operator=(Hdf5Id&& other) noexcept {
        std::swap(id_, other.id_);
        return *this;
    }
    ~Hdf5Id() {
        if (id_ >= 0) H5Idec_ref(id_);
    }
    hid_t get() const { return id_; }
    explicit operator bool() const { return id_ >= 0; }

  private:
    hid_t id_ = H5I_INVALID_HID;
};

/// What a dataset or a member of a compound holds.
enum class Hdf5Content { Integer, Unsigned64, Float, Bool, Text, Compound, Other };
Hdf5Content contentOf(hid_t type);

template <class T>
hid_t nativeType() {
    if constexpr (std::is_same_v<T, float>) return H5T_NATIVE_FLOAT;
    if constexpr (std::is_same_v<T, double>) return H5T_NATIVE_DOUBLE;
    if constexpr (std::is_same_v<T, std::uint8_t>) return H5T_NATIVE_UINT8;
    if constexpr (std::is_same_v<T, std::int8_t>) return H5T_NATIVE_INT8;
    if constexpr (std::is_same_v<T, std::int16_t>) return H5T_NATIVE_INT16;
    if constexpr (std::is_same_v<T, std::int32_t>) return H5T_NATIVE_INT32;
    if constexpr (std::is_same_v<T, std::int64_t>) return H5T_NATIVE_INT64;
    if constexpr (std::is_same_v<T, std::uint64_t>) return H5T_NATIVE_UINT64;
}

/// The type h5py stores bool as: an enumeration of FALSE and TRUE.
Hdf5Id boolType();
/// Variable-length UTF-8.
Hdf5Id textType();

/// A file's root, a group or a dataset, with its place for messages ("cells.h5ad:/obs/t"). All calls need a session.
class Hdf5Object {
  public:
    static Result<Hdf5Object> openFile(const std::filesystem::path& path);
    /// A new file, replacing what is there.
    static Result<Hdf5Object> createFile(const std::filesystem::path& path);

    hid_t id() const { return id_.get(); }
    const std::string& place() const { return place_; }
    bool isGroup() const;
    bool isDataset() const { return !isGroup(); }
    bool has(const std::string& child) const;
    std::vector<std::string> children() const;  ///< by name
    Result<Hdf5Object> child(const std::string& name) const;
    /// A failure that names this place and HDF5's own reason.
    tl::unexpected<Error> failure(const std::string& what, ErrorCode code = ErrorCode::BadInput) const;

    // Attributes
    bool hasAttribute(const char* name) const;
    std::string textAttribute(const char* name, std::string fallback = {}) const;
    std::vector<std::string> textsAttribute(const char* name) const;
    std::vector<std::int64_t> integersAttribute(const char* name) const;
    bool flagAttribute(const char* name) const;
    std::optional<Hdf5Object> referenceAttribute(const char* name) const;
    Result<void> setAttribute(const char* name, const std::string& value) const;
    Result<void> setAttribute(const char* name, const std::vector<std::string>& values) const;
    Result<void> setFlag(const char* name, bool value) const;

    // Datasets
    Hdf5Content content() const;
    std::vector<std::size_t> shape() const;  ///< empty for a scalar
    std::size_t size() const;                ///< number of elements
    /// Refuses sizes that no file of this length can hold, before memory is taken for them.
    Result<void> checkSize(std::size_t elements, std::size_t bytesEach) const;
    template <class T>
    Result<std::vector<T>> numbers() const;
    /// Elements begin … end - 1 along the first axis.
    template <class T>
    Result<void> readRows(std::size_t begin, std::size_t end, std::span<T> out) const;
    Result<std::vector<std::string>> texts() const;

    // Writing
    Result<Hdf5Object> createGroup(const std::string& name) const;
    /// `memoryType` is also the type in the file. Stored in chunks of whole rows when `chunkRows` > 0.
    Result<Hdf5Object> createDataset(const std::string& name, hid_t type, const std::vector<std::size_t>& shape, std::size_t chunkRows = 0) const;
    template <class T>
    Result<Hdf5Object> writeNumbers(const std::string& name, const std::vector<std::size_t>& shape, std::span<const T> values) const;
    Result<Hdf5Object> writeBools(const std::string& name, const std::vector<std::size_t>& shape, std::span<const std::uint8_t> values) const;
    Result<Hdf5Object> writeTexts(const std::string& name, const std::vector<std::string>& values, bool scalar = false) const;
    Result<void> writeRows(std::size_t begin, std::size_t columns, std::span<const float> values) const;

  private:
    Hdf5Object(Hdf5Id id, std::string place, std::uintmax_t fileSize) : id_(std::move(id)), place_(std::move(place)), fileSize_(fileSize) {}
    std::string childPlace(const std::string& name) const;

    Hdf5Id id_;
    std::string place_;
    std::uintmax_t fileSize_ = 0;
};

/// Reads text elements of a dataset or attribute: fixed or variable length. `read` fills a buffer of the given memory type.
template <class Read>
std::optional<std::vector<std::string>> readTexts(hid_t fileType, std::size_t count, hid_t space, Read read) {
    std::vector<std::string> out(count);
    if (count == 0) return out;
    if (H5Tis_variable_str(fileType) > 0) {
        const Hdf5Id type(H5Tcopy(H5T_C_S1));
        H5Tset_size(type.get(), H5T_VARIABLE);
        H5Tset_cset(type.get(), H5Tget_cset(fileType));
        std::vector<char*> pointers(count, nullptr);
        const bool done = read(type.get(), pointers.data()) >= 0;
        for (std::size_t i = 0; done && i < count; ++i)
            if (pointers[i]) out[i] = pointers[i];
        H5Dvlen_reclaim(type.get(), space, H5P_DEFAULT, pointers.data());
        if (!done) return std::nullopt;
        return out;
    }
    const std::size_t width = H5Tget_size(fileType);
    std::vector<char> bytes(count * width);
    if (read(fileType, bytes.data()) < 0) return std::nullopt;
    for (std::size_t i = 0; i < count; ++i) {
        const std::string_view field(bytes.data() + i * width, width);
        out[i] = field.substr(0, field.find('\0'));
    }
    return out;
}

}  // namespace driftscope::io
