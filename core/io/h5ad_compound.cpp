#include "core/io/h5ad_compound.h"

#include <algorithm>

namespace driftscope::io {
namespace {

/// One member of a compound type.
struct Member {
    std::string name;
    Hdf5Id type;             ///< of one element
    std::size_t length = 1;  ///< elements per row
};

std::vector<Member> membersOf(const Hdf5Object& dataset) {
    std::vector<Member> members;
    const Hdf5Id type(H5Dget_type(dataset.id()));
    const int count = H5Tget_class(type.get()) == H5T_COMPOUND ? H5Tget_nmembers(type.get()) : 0;
    for (int i = 0; i < count; ++i) {
        Member member;
        char* name = H5Tget_member_name(type.get(), static_cast<unsigned>(i));
        member.name = name ? name : "";
        H5free_memory(name);
        member.type = Hdf5Id(H5Tget_member_type(type.get(), static_cast<unsigned>(i)));
        if (H5Tget_class(member.type.get()) == H5T_ARRAY) {
            const int rank = H5Tget_array_ndims(member.type.get());
            std::vector<hsize_t> extents(static_cast<std::size_t>(std::max(rank, 0)));
            H5Tget_array_dims2(member.type.get(), extents.data());
            for (const hsize_t extent : extents) member.length *= static_cast<std::size_t>(extent);
            member.type = Hdf5Id(H5Tget_super(member.type.get()));
        }
        members.push_back(std::move(member));
    }
    return members;
}

/// Reads one member of every row, packed. `element` is the memory type of one element.
herr_t readMember(const Hdf5Object& dataset, const Member& member, hid_t element, void* out) {
    const hsize_t length = member.length;
    const Hdf5Id packed(member.length > 1 ? H5Tarray_create2(element, 1, &length) : H5Tcopy(element));
    const Hdf5Id type(H5Tcreate(H5T_COMPOUND, H5Tget_size(packed.get())));
    if (H5Tinsert(type.get(), member.name.c_str(), 0, packed.get()) < 0) return -1;
    return H5Dread(dataset.id(), type.get(), H5S_ALL, H5S_ALL, H5P_DEFAULT, out);
}

template <class T>
Result<std::vector<T>> memberNumbers(const Hdf5Object& dataset, const Member& member) {
    std::vector<T> values(dataset.size() * member.length);
    if (!values.empty() && readMember(dataset, member, nativeType<T>(), values.data()) < 0) return dataset.failure(fmt::format("has an unreadable member '{}'", member.name));
    return values;
}

Result<std::vector<std::string>> memberTexts(const Hdf5Object& dataset, const Member& member) {
    const Hdf5Id space(H5Dget_space(dataset.id()));
    auto texts = readTexts(member.type.get(), dataset.size(), space.get(), [&](hid_t memory, void* out) { return readMember(dataset, member, memory, out); });
    if (!texts) return dataset.failure(fmt::format("has an unreadable member '{}'", member.name));
    return *std::move(texts);
}

Result<Column> memberBools(const Hdf5Object& dataset, const Member& member) {
    std::vector<std::uint8_t> values(dataset.size());
    if (!values.empty() && readMember(dataset, member, member.type.get(), values.data()) < 0) return dataset.failure(fmt::format("has an unreadable member '{}'", member.name));
    return Column(std::move(values));
}

Result<Column> memberColumn(const Hdf5Object& dataset, const Member& member, const std::vector<std::string>* categories) {
    if (member.length != 1) return dataset.failure(fmt::format("has a member '{}' of {} values per row", member.name, member.length));
    switch (contentOf(member.type.get())) {
        case Hdf5Content::Integer:
        case Hdf5Content::Unsigned64: {
            DS_ASSIGN(std::vector<std::int64_t> values, memberNumbers<std::int64_t>(dataset, member));
            if (!categories) return Column(std::move(values));
            const bool fits = std::all_of(values.begin(), values.end(), [&](std::int64_t v) { return v >= -1 && v < static_cast<std::int64_t>(categories->size()); });
            if (!fits) return dataset.failure(fmt::format("has codes in '{}' beyond its {} categories", member.name, categories->size()));
            return Column(Categorical{std::vector<std::int32_t>(values.begin(), values.end()), *categories, false});
        }
        case Hdf5Content::Float: return memberNumbers<double>(dataset, member).map([](auto v) { return Column(std::move(v)); });
        case Hdf5Content::Bool: return memberBools(dataset, member);
        case Hdf5Content::Text: return memberTexts(dataset, member).map([](auto v) { return Column(std::move(v)); });
        default: return dataset.failure(fmt::format("has a member '{}' of a type that tables here do not hold", member.name));
    }
}

}  // namespace

std::vector<std::pair<std::string, std::size_t>> compoundMembers(const Hdf5Object& dataset) {
    std::vector<std::pair<std::string, std::size_t>> names;
    for (const Member& member : membersOf(dataset)) names.emplace_back(member.name, member.length);
    return names;
}

Result<H5adFrame> readCompoundFrame(const Hdf5Object& dataset, const std::map<std::string, std::vector<std::string>>& categories, bool indexOnly) {
    const std::vector<Member> members = membersOf(dataset);
    if (members.empty() || dataset.shape().size() != 1) return dataset.failure("is not a table");
    const Hdf5Id type(H5Dget_type(dataset.id()));
    DS_TRY(dataset.checkSize(dataset.size(), H5Tget_size(type.get())));
    H5adFrame frame;
    for (const Member& member : members) {
        if (member.name == "index" || member.name == "_index") {
            DS_ASSIGN(const Column index, memberColumn(dataset, member, nullptr));
            for (std::size_t row = 0; row < dataset.size(); ++row) frame.index.push_back(columnText(index, row));
        } else if (!indexOnly) {
            const auto found = categories.find(member.name);
            auto column = memberColumn(dataset, member, found == categories.end() ? nullptr : &found->second);
            if (column)
                frame.columns.emplace_back(member.name, std::move(*column));
            else
                frame.warnings.push_back(column.error().message);
        }
    }
    if (frame.index.empty())
        for (std::size_t row = 0; row < dataset.size(); ++row) frame.index.push_back(std::to_string(row));
    return frame;
}

Result<std::vector<std::pair<std::string, Matrix>>> readCompoundMatrices(const Hdf5Object& dataset, std::vector<std::string>& warnings) {
    std::vector<std::pair<std::string, Matrix>> matrices;
    const Hdf5Id type(H5Dget_type(dataset.id()));
    DS_TRY(dataset.checkSize(dataset.size(), H5Tget_size(type.get())));
    for (const Member& member : membersOf(dataset)) {
        const Hdf5Content content = contentOf(member.type.get());
        if (content != Hdf5Content::Float && content != Hdf5Content::Integer) {
            warnings.push_back(fmt::format("{}: the member '{}' does not hold numbers", dataset.place(), member.name));
            continue;
        }
        Matrix matrix;
        matrix.rows = dataset.size();
        matrix.columns = member.length;
        DS_ASSIGN(matrix.values, memberNumbers<float>(dataset, member));
        matrices.emplace_back(member.name, std::move(matrix));
    }
    return matrices;
}

}  // namespace driftscope::io
