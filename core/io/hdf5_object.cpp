#include "core/io/hdf5_object.h"

#include <algorithm>
#include <cstring>
#include <numeric>

#include "core/io/checked_size.h"
#include "core/io/hdf5_lzf.h"

namespace driftscope::io {
namespace {

constexpr std::uint64_t kSmallEnough = 1u << 28;
constexpr std::uint64_t kBestCompression = 2000;  ///< deflate does not reach more

std::recursive_mutex& hdf5Mutex() {
    static std::recursive_mutex mutex;
    return mutex;
}

/// HDF5's innermost complaint, which is the one that tells something.
std::string innermostError() {
    std::string text;
    H5Ewalk2(
        H5E_DEFAULT, H5E_WALK_UPWARD,
        [](unsigned, const H5E_error2_t* error, void* out) -> herr_t {
            auto& first = *static_cast<std::string*>(out);
            if (first.empty() && error->desc) first = error->desc;
            return 0;
        },
        &text);
    return text;
}

Hdf5Id accessList() {
    Hdf5Id list(H5Pcreate(H5P_FILE_ACCESS));
    H5Pset_fclose_degree(list.get(), H5F_CLOSE_SEMI);
    // Network folders without locks are common; files are replaced by renaming, so that readers need none.
    H5Pset_file_locking(list.get(), false, true);
    return list;
}

Hdf5Id creationList(hid_t kind) {
    Hdf5Id list(H5Pcreate(kind));
    H5Pset_obj_track_times(list.get(), false);  // same input, same bytes
    return list;
}

Hdf5Id simpleSpace(const std::vector<std::size_t>& shape) {
    const std::vector<hsize_t> extents(shape.begin(), shape.end());
    return Hdf5Id(shape.empty() ? H5Screate(H5S_SCALAR) : H5Screate_simple(static_cast<int>(extents.size()), extents.data(), nullptr));
}

}  // namespace

Hdf5Session::Hdf5Session() : lock_(hdf5Mutex()) {
    H5Eget_auto2(H5E_DEFAULT, &function_, &data_);
    H5Eset_auto2(H5E_DEFAULT, nullptr, nullptr);
    registerLzf();
}

Hdf5Session::~Hdf5Session() {
    H5Eset_auto2(H5E_DEFAULT, function_, data_);
}

Hdf5Content contentOf(hid_t type) {
    switch (H5Tget_class(type)) {
        case H5T_INTEGER: return H5Tget_size(type) == 8 && H5Tget_sign(type) == H5T_SGN_NONE ? Hdf5Content::Unsigned64 : Hdf5Content::Integer;
        case H5T_FLOAT: return Hdf5Content::Float;
        case H5T_STRING: return Hdf5Content::Text;
        case H5T_COMPOUND: return Hdf5Content::Compound;
        case H5T_ENUM: return H5Tget_size(type) == 1 && H5Tget_nmembers(type) == 2 ? Hdf5Content::Bool : Hdf5Content::Other;
        default: return Hdf5Content::Other;
    }
}

Hdf5Id boolType() {
    Hdf5Id type(H5Tenum_create(H5T_NATIVE_INT8));
    for (const auto& [name, value] : {std::pair<const char*, std::int8_t>{"FALSE", 0}, {"TRUE", 1}}) H5Tenum_insert(type.get(), name, &value);
    return type;
}

Hdf5Id textType() {
    Hdf5Id type(H5Tcopy(H5T_C_S1));
    H5Tset_size(type.get(), H5T_VARIABLE);
    H5Tset_cset(type.get(), H5T_CSET_UTF8);
    return type;
}

Result<Hdf5Object> Hdf5Object::openFile(const std::filesystem::path& path) {
    std::error_code code;
    if (!std::filesystem::exists(path, code)) return fail(ErrorCode::NotFound, fmt::format("{} does not exist.", path.string()), "Check the path.");
    Hdf5Id id(H5Fopen(path.c_str(), H5F_ACC_RDONLY, accessList().get()));
    if (!id)
        return fail(ErrorCode::BadInput, fmt::format("{} is not a readable HDF5 file ({}).", path.string(), innermostError()),
                    "It may be damaged, only partly copied, or of another format.");
    return Hdf5Object(std::move(id), path.string() + ":", std::filesystem::file_size(path, code));
}

Result<Hdf5Object> Hdf5Object::createFile(const std::filesystem::path& path) {
    Hdf5Id id(H5Fcreate(path.c_str(), H5F_ACC_TRUNC, creationList(H5P_FILE_CREATE).get(), accessList().get()));
    if (!id) return fail(ErrorCode::Io, fmt::format("Cannot create {} ({}).", path.string(), innermostError()), "Check that the folder exists and may be written.");
    return Hdf5Object(std::move(id), path.string() + ":", 0);
}

tl::unexpected<Error> Hdf5Object::failure(const std::string& what, ErrorCode code) const {
    const std::string reason = innermostError();
    return fail(code, fmt::format("{} {}{}.", place_, what, reason.empty() ? "" : " (" + reason + ")"),
                code == ErrorCode::Io ? "Check free space and permissions." : "The file is damaged or written by a program that does not follow AnnData's format.");
}

std::string Hdf5Object::childPlace(const std::string& name) const {
    return place_ + "/" + name;
}

bool Hdf5Object::isGroup() const {
    const H5I_type_t type = H5Iget_type(id());
    return type == H5I_GROUP || type == H5I_FILE;
}

bool Hdf5Object::has(const std::string& child) const {
    return isGroup() && !child.empty() && H5Lexists(id(), child.c_str(), H5P_DEFAULT) > 0;
}

std::vector<std::string> Hdf5Object::children() const {
    std::vector<std::string> names;
    if (!isGroup()) return names;
    H5Literate(
        id(), H5_INDEX_NAME, H5_ITER_INC, nullptr,
        [](hid_t, const char* name, const H5L_info_t*, void* out) -> herr_t {
            static_cast<std::vector<std::string>*>(out)->emplace_back(name);
            return 0;
        },
        &names);
    return names;
}

Result<Hdf5Object> Hdf5Object::child(const std::string& name) const {
    if (!has(name)) return failure(fmt::format("has no '{}'", name));
    Hdf5Id opened(H5Oopen(id(), name.c_str(), H5P_DEFAULT));
    const H5I_type_t type = H5Iget_type(opened.get());
    if (!opened || (type != H5I_GROUP && type != H5I_DATASET)) return failure(fmt::format("has an unreadable '{}'", name));
    return Hdf5Object(std::move(opened), childPlace(name), fileSize_);
}

bool Hdf5Object::hasAttribute(const char* name) const {
    return H5Aexists(id(), name) > 0;
}

std::vector<std::string> Hdf5Object::textsAttribute(const char* name) const {
    if (!hasAttribute(name)) return {};
    const Hdf5Id attribute(H5Aopen(id(), name, H5P_DEFAULT));
    const Hdf5Id type(H5Aget_type(attribute.get()));
    const Hdf5Id space(H5Aget_space(attribute.get()));
    const hssize_t count = H5Sget_simple_extent_npoints(space.get());
    if (contentOf(type.get()) != Hdf5Content::Text || count < 1 || count > (1 << 24)) return {};
    return readTexts(type.get(), static_cast<std::size_t>(count), space.get(), [&](hid_t memory, void* out) { return H5Aread(attribute.get(), memory, out); })
        .value_or(std::vector<std::string>{});
}

std::string Hdf5Object::textAttribute(const char* name, std::string fallback) const {
    const std::vector<std::string> texts = textsAttribute(name);
    return texts.empty() ? fallback : texts.front();
}

std::vector<std::int64_t> Hdf5Object::integersAttribute(const char* name) const {
    if (!hasAttribute(name)) return {};
    const Hdf5Id attribute(H5Aopen(id(), name, H5P_DEFAULT));
    const Hdf5Id space(H5Aget_space(attribute.get()));
    const hssize_t count = H5Sget_simple_extent_npoints(space.get());
    if (count < 1 || count > 1024) return {};
    std::vector<std::int64_t> values(static_cast<std::size_t>(count));
    if (H5Aread(attribute.get(), H5T_NATIVE_INT64, values.data()) < 0) return {};
    return values;
}

bool Hdf5Object::flagAttribute(const char* name) const {
    if (!hasAttribute(name)) return false;
    const Hdf5Id attribute(H5Aopen(id(), name, H5P_DEFAULT));
    const Hdf5Id type(H5Aget_type(attribute.get()));
    const Hdf5Id space(H5Aget_space(attribute.get()));
    if (H5Sget_simple_extent_npoints(space.get()) != 1 || H5Tget_size(type.get()) > 8) return false;
    std::int64_t value = 0;
    const bool enumerated = H5Tget_class(type.get()) == H5T_ENUM;
    if (H5Aread(attribute.get(), enumerated ? type.get() : H5T_NATIVE_INT64, &value) < 0) return false;
    return value != 0;
}

std::optional<Hdf5Object> Hdf5Object::referenceAttribute(const char* name) const {
    if (!hasAttribute(name)) return std::nullopt;
    const Hdf5Id attribute(H5Aopen(id(), name, H5P_DEFAULT));
    const Hdf5Id type(H5Aget_type(attribute.get()));
    const Hdf5Id space(H5Aget_space(attribute.get()));
    if (H5Tequal(type.get(), H5T_STD_REF_OBJ) <= 0 || H5Sget_simple_extent_npoints(space.get()) != 1) return std::nullopt;
    hobj_ref_t reference = 0;
    if (H5Aread(attribute.get(), H5T_STD_REF_OBJ, &reference) < 0) return std::nullopt;
    Hdf5Id target(H5Rdereference2(id(), H5P_DEFAULT, H5R_OBJECT, &reference));
    if (!target || H5Iget_type(target.get()) != H5I_DATASET) return std::nullopt;
    return Hdf5Object(std::move(target), place_ + "@" + name, fileSize_);
}

Result<void> Hdf5Object::setAttribute(const char* name, const std::string& value) const {
    const Hdf5Id type = textType();
    const Hdf5Id space(H5Screate(H5S_SCALAR));
    const Hdf5Id attribute(H5Acreate2(id(), name, type.get(), space.get(), H5P_DEFAULT, H5P_DEFAULT));
    const char* pointer = value.c_str();
    if (!attribute || H5Awrite(attribute.get(), type.get(), &pointer) < 0) return failure(fmt::format("cannot be given '{}'", name), ErrorCode::Io);
    return {};
}

Result<void> Hdf5Object::setAttribute(const char* name, const std::vector<std::string>& values) const {
    const Hdf5Id type = textType();
    const Hdf5Id space = simpleSpace({values.size()});
    const Hdf5Id attribute(H5Acreate2(id(), name, type.get(), space.get(), H5P_DEFAULT, H5P_DEFAULT));
    std::vector<const char*> pointers;
    for (const std::string& value : values) pointers.push_back(value.c_str());
    if (!attribute || (!values.empty() && H5Awrite(attribute.get(), type.get(), pointers.data()) < 0)) return failure(fmt::format("cannot be given '{}'", name), ErrorCode::Io);
    return {};
}

Result<void> Hdf5Object::setFlag(const char* name, bool value) const {
    const Hdf5Id type = boolType();
    const Hdf5Id space(H5Screate(H5S_SCALAR));
    const Hdf5Id attribute(H5Acreate2(id(), name, type.get(), space.get(), H5P_DEFAULT, H5P_DEFAULT));
    const std::int8_t stored = value ? 1 : 0;
    if (!attribute || H5Awrite(attribute.get(), type.get(), &stored) < 0) return failure(fmt::format("cannot be given '{}'", name), ErrorCode::Io);
    return {};
}

Hdf5Content Hdf5Object::content() const {
    const Hdf5Id type(H5Dget_type(id()));
    return contentOf(type.get());
}

std::vector<std::size_t> Hdf5Object::shape() const {
    const Hdf5Id space(H5Dget_space(id()));
    const int rank = H5Sget_simple_extent_ndims(space.get());
    std::vector<hsize_t> extents(static_cast<std::size_t>(std::max(rank, 0)));
    if (rank > 0) H5Sget_simple_extent_dims(space.get(), extents.data(), nullptr);
    return {extents.begin(), extents.end()};
}

std::size_t Hdf5Object::size() const {
    const Hdf5Id space(H5Dget_space(id()));
    return static_cast<std::size_t>(std::max<hssize_t>(H5Sget_simple_extent_npoints(space.get()), 0));
}

Result<void> Hdf5Object::checkSize(std::size_t elements, std::size_t bytesEach) const {
    const auto bytes = checkedProduct(elements, bytesEach);
    if (bytes && (*bytes <= kSmallEnough || *bytes / kBestCompression <= fileSize_)) return {};
    return fail(ErrorCode::BadInput, fmt::format("{} claims {} numbers, which a file of {} bytes cannot hold.", place_, elements, fileSize_), "It is damaged or only partly copied.");
}

template <class T>
Result<std::vector<T>> Hdf5Object::numbers() const {
    const std::size_t count = size();
    DS_TRY(checkSize(count, sizeof(T)));
    std::vector<T> values(count);
    const Hdf5Id type(H5Dget_type(id()));
    // An enumeration converts only to itself; bools are read as the bytes they are.
    const hid_t memory = contentOf(type.get()) == Hdf5Content::Bool && sizeof(T) == 1 ? type.get() : nativeType<T>();
    if (count > 0 && H5Dread(id(), memory, H5S_ALL, H5S_ALL, H5P_DEFAULT, values.data()) < 0) return failure("cannot be read as numbers");
    return values;
}

template Result<std::vector<float>> Hdf5Object::numbers<float>() const;
template Result<std::vector<double>> Hdf5Object::numbers<double>() const;
template Result<std::vector<std::int64_t>> Hdf5Object::numbers<std::int64_t>() const;
template Result<std::vector<std::int32_t>> Hdf5Object::numbers<std::int32_t>() const;
template Result<std::vector<std::uint64_t>> Hdf5Object::numbers<std::uint64_t>() const;
template Result<std::vector<std::uint8_t>> Hdf5Object::numbers<std::uint8_t>() const;

template <class T>
Result<void> Hdf5Object::readRows(std::size_t begin, std::size_t end, std::span<T> out) const {
    std::vector<std::size_t> extents = shape();
    if (extents.empty() || begin > end || end > extents[0]) return failure(fmt::format("has no rows {} to {}", begin, end));
    extents[0] = end - begin;
    const std::size_t wanted = std::accumulate(extents.begin(), extents.end(), std::size_t{1}, std::multiplies<>());
    if (wanted != out.size()) return failure("has another shape than expected");
    if (wanted == 0) return {};
    const Hdf5Id space(H5Dget_space(id()));
    std::vector<hsize_t> start(extents.size(), 0);
    start[0] = begin;
    const std::vector<hsize_t> count(extents.begin(), extents.end());
    H5Sselect_hyperslab(space.get(), H5S_SELECT_SET, start.data(), nullptr, count.data(), nullptr);
    const Hdf5Id memory = simpleSpace(extents);
    if (H5Dread(id(), nativeType<T>(), memory.get(), space.get(), H5P_DEFAULT, out.data()) < 0) return failure(fmt::format("cannot be read in rows {} to {}", begin, end));
    return {};
}

template Result<void> Hdf5Object::readRows<float>(std::size_t, std::size_t, std::span<float>) const;
template Result<void> Hdf5Object::readRows<std::int64_t>(std::size_t, std::size_t, std::span<std::int64_t>) const;

Result<std::vector<std::string>> Hdf5Object::texts() const {
    const Hdf5Id type(H5Dget_type(id()));
    const Hdf5Id space(H5Dget_space(id()));
    if (contentOf(type.get()) != Hdf5Content::Text) return failure("does not hold text");
    const std::size_t count = size();
    DS_TRY(checkSize(count, H5Tget_size(type.get())));
    auto values = readTexts(type.get(), count, space.get(), [&](hid_t memory, void* out) { return H5Dread(id(), memory, H5S_ALL, H5S_ALL, H5P_DEFAULT, out); });
    if (!values) return failure("cannot be read as text");
    return *std::move(values);
}

Result<Hdf5Object> Hdf5Object::createGroup(const std::string& name) const {
    Hdf5Id group(H5Gcreate2(id(), name.c_str(), H5P_DEFAULT, creationList(H5P_GROUP_CREATE).get(), H5P_DEFAULT));
    if (!group) return failure(fmt::format("cannot take a group '{}'", name), ErrorCode::Io);
    return Hdf5Object(std::move(group), childPlace(name), 0);
}

Result<Hdf5Object> Hdf5Object::createDataset(const std::string& name, hid_t type, const std::vector<std::size_t>& shape, std::size_t chunkRows) const {
    const Hdf5Id list = creationList(H5P_DATASET_CREATE);
    const bool empty = std::find(shape.begin(), shape.end(), std::size_t{0}) != shape.end();
    if (chunkRows > 0 && !shape.empty() && !empty) {
        std::vector<hsize_t> chunk(shape.begin(), shape.end());
        chunk[0] = std::min<hsize_t>(chunk[0], chunkRows);
        H5Pset_chunk(list.get(), static_cast<int>(chunk.size()), chunk.data());
    }
    const Hdf5Id space = simpleSpace(shape);
    Hdf5Id dataset(H5Dcreate2(id(), name.c_str(), type, space.get(), H5P_DEFAULT, list.get(), H5P_DEFAULT));
    if (!dataset) return failure(fmt::format("cannot take a dataset '{}'", name), ErrorCode::Io);
    return Hdf5Object(std::move(dataset), childPlace(name), 0);
}

template <class T>
Result<Hdf5Object> Hdf5Object::writeNumbers(const std::string& name, const std::vector<std::size_t>& shape, std::span<const T> values) const {
    DS_ASSIGN(Hdf5Object dataset, createDataset(name, nativeType<T>(), shape));
    if (!values.empty() && H5Dwrite(dataset.id(), nativeType<T>(), H5S_ALL, H5S_ALL, H5P_DEFAULT, values.data()) < 0) return dataset.failure("cannot be written", ErrorCode::Io);
    return dataset;
}

template Result<Hdf5Object> Hdf5Object::writeNumbers<double>(const std::string&, const std::vector<std::size_t>&, std::span<const double>) const;
template Result<Hdf5Object> Hdf5Object::writeNumbers<std::int64_t>(const std::string&, const std::vector<std::size_t>&, std::span<const std::int64_t>) const;
template Result<Hdf5Object> Hdf5Object::writeNumbers<std::int32_t>(const std::string&, const std::vector<std::size_t>&, std::span<const std::int32_t>) const;
template Result<Hdf5Object> Hdf5Object::writeNumbers<std::int8_t>(const std::string&, const std::vector<std::size_t>&, std::span<const std::int8_t>) const;
template Result<Hdf5Object> Hdf5Object::writeNumbers<std::int16_t>(const std::string&, const std::vector<std::size_t>&, std::span<const std::int16_t>) const;

Result<Hdf5Object> Hdf5Object::writeBools(const std::string& name, const std::vector<std::size_t>& shape, std::span<const std::uint8_t> values) const {
    const Hdf5Id type = boolType();
    DS_ASSIGN(Hdf5Object dataset, createDataset(name, type.get(), shape));
    std::vector<std::int8_t> stored(values.size());
    std::transform(values.begin(), values.end(), stored.begin(), [](std::uint8_t value) { return static_cast<std::int8_t>(value != 0); });
    if (!stored.empty() && H5Dwrite(dataset.id(), type.get(), H5S_ALL, H5S_ALL, H5P_DEFAULT, stored.data()) < 0) return dataset.failure("cannot be written", ErrorCode::Io);
    return dataset;
}

Result<Hdf5Object> Hdf5Object::writeTexts(const std::string& name, const std::vector<std::string>& values, bool scalar) const {
    const Hdf5Id type = textType();
    DS_ASSIGN(Hdf5Object dataset, createDataset(name, type.get(), scalar ? std::vector<std::size_t>{} : std::vector<std::size_t>{values.size()}));
    std::vector<const char*> pointers;
    for (const std::string& value : values) pointers.push_back(value.c_str());
    if (!values.empty() && H5Dwrite(dataset.id(), type.get(), H5S_ALL, H5S_ALL, H5P_DEFAULT, pointers.data()) < 0) return dataset.failure("cannot be written", ErrorCode::Io);
    return dataset;
}

Result<void> Hdf5Object::writeRows(std::size_t begin, std::size_t columns, std::span<const float> values) const {
    if (values.empty()) return {};
    const std::array<hsize_t, 2> start{begin, 0};
    const std::array<hsize_t, 2> count{values.size() / columns, columns};
    const Hdf5Id space(H5Dget_space(id()));
    H5Sselect_hyperslab(space.get(), H5S_SELECT_SET, start.data(), nullptr, count.data(), nullptr);
    const Hdf5Id memory(H5Screate_simple(2, count.data(), nullptr));
    if (H5Dwrite(id(), H5T_NATIVE_FLOAT, memory.get(), space.get(), H5P_DEFAULT, values.data()) < 0) return failure("cannot be written", ErrorCode::Io);
    return {};
}

}  // namespace driftscope::io
