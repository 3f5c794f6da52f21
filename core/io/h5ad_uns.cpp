#include "core/io/h5ad_uns.h"

#include <algorithm>

#include "core/io/h5ad_columns.h"

namespace driftscope::io {
namespace {

using nlohmann::json;

constexpr std::size_t kLargestArray = 1'000'000;
constexpr int kDeepest = 32;

/// Folds a flat list into nested ones of this shape.
json nested(json flat, const std::vector<std::size_t>& shape) {
    for (std::size_t axis = shape.size(); axis-- > 1;) {
        json folded = json::array();
        const std::size_t length = shape[axis];
        for (std::size_t at = 0; length > 0 && at < flat.size(); at += length) {
            json row = json::array();
            for (std::size_t i = 0; i < length; ++i) row.push_back(std::move(flat[at + i]));
            folded.push_back(std::move(row));
        }
        flat = std::move(folded);
    }
    return flat;
}

template <class T>
Result<json> flatNumbers(const Hdf5Object& dataset) {
    DS_ASSIGN(const std::vector<T> values, dataset.numbers<T>());
    return json(values);
}

Result<json> flatValues(const Hdf5Object& dataset) {
    switch (dataset.content()) {
        case Hdf5Content::Integer: return flatNumbers<std::int64_t>(dataset);
        case Hdf5Content::Unsigned64: return flatNumbers<std::uint64_t>(dataset);
        case Hdf5Content::Float: return flatNumbers<double>(dataset);
        case Hdf5Content::Text: return dataset.texts().map([](const auto& texts) { return json(texts); });
        case Hdf5Content::Bool: {
            DS_ASSIGN(const auto values, dataset.numbers<std::uint8_t>());
            json flags = json::array();
            for (const std::uint8_t value : values) flags.push_back(value != 0);
            return flags;
        }
        default: return dataset.failure("holds records, which are not read");
    }
}

Result<json> readDataset(const Hdf5Object& dataset) {
    if (dataset.size() > kLargestArray) return dataset.failure(fmt::format("has {} values, too many for notes", dataset.size()));
    DS_ASSIGN(json flat, flatValues(dataset));
    const std::vector<std::size_t> shape = dataset.shape();
    if (shape.empty()) return flat.empty() ? json() : std::move(flat.front());
    return nested(std::move(flat), shape);
}

Result<json> readGroup(const Hdf5Object& group, std::vector<std::string>& warnings, int depth) {
    if (depth > kDeepest) return group.failure("is nested too deeply");
    json object = json::object();
    for (const std::string& name : group.children()) {
        const auto child = group.child(name);
        if (!child) {
            warnings.push_back(child.error().message);
            continue;
        }
        const std::string encoding = child->textAttribute("encoding-type", "dict");
        const bool foreign = child->isGroup() && (encoding != "dict" || child->hasAttribute("h5sparse_format"));
        auto value = foreign ? Result<json>(child->failure("is a table or sparse matrix, which notes here do not hold"))
                             : child->isGroup() ? readGroup(*child, warnings, depth + 1) : readDataset(*child);
        if (value)
            object[name] = std::move(*value);
        else
            warnings.push_back(value.error().message);
    }
    return object;
}

/// What the elements of a list are, if they are all alike.
enum class Elements { Integers, Numbers, Texts, Flags, Mixed };

Elements elementsOf(const json& list) {
    const auto all = [&](auto test) { return std::all_of(list.begin(), list.end(), test); };
    if (all([](const json& v) { return v.is_boolean(); }) && !list.empty()) return Elements::Flags;
    if (all([](const json& v) { return v.is_number_integer() && !(v.is_number_unsigned() && v.get<std::uint64_t>() >> 63); }) && !list.empty()) return Elements::Integers;
    if (all([](const json& v) { return v.is_number(); })) return Elements::Numbers;
    if (all([](const json& v) { return v.is_string(); })) return Elements::Texts;
    return Elements::Mixed;
}

/// Flattens rectangular nested lists; the shape stays empty when the list is ragged.
json flattened(const json& list, std::vector<std::size_t>& shape) {
    shape = {list.size()};
    json flat = list;
    while (!flat.empty() && std::all_of(flat.begin(), flat.end(), [&](const json& v) { return v.is_array() && !v.empty() && v.size() == flat.front().size(); })) {
        shape.push_back(flat.front().size());
        json inner = json::array();
        for (json& row : flat)
            for (json& value : row) inner.push_back(std::move(value));
        flat = std::move(inner);
    }
    return flat;
}

Result<void> mark(Result<Hdf5Object> dataset, const char* encoding) {
    if (!dataset) return tl::unexpected(std::move(dataset.error()));
    return setEncoding(*dataset, encoding, "0.2.0");
}

Result<void> writeText(const Hdf5Object& parent, const std::string& name, const std::string& text) {
    return mark(parent.writeTexts(name, {text}, true), "string");
}

Result<void> writeArray(const Hdf5Object& parent, const std::string& name, const json& list) {
    std::vector<std::size_t> shape;
    const json flat = flattened(list, shape);
    switch (elementsOf(flat)) {
        case Elements::Integers: return mark(parent.writeNumbers<std::int64_t>(name, shape, flat.get<std::vector<std::int64_t>>()), "array");
        case Elements::Numbers: return mark(parent.writeNumbers<double>(name, shape, flat.get<std::vector<double>>()), "array");
        case Elements::Flags: {
            std::vector<std::uint8_t> flags;
            for (const json& value : flat) flags.push_back(value.get<bool>() ? 1 : 0);
            return mark(parent.writeBools(name, shape, flags), "array");
        }
        case Elements::Texts:
            if (shape.size() == 1) return mark(parent.writeTexts(name, flat.get<std::vector<std::string>>()), "string-array");
            break;
        case Elements::Mixed: break;
    }
    return writeText(parent, name, list.dump(-1, ' ', false, json::error_handler_t::replace));
}

bool isWritableName(const std::string& name) {
    return !name.empty() && name != "." && name.find('/') == std::string::npos;
}

}  // namespace

Result<json> readUns(const Hdf5Object& group, std::vector<std::string>& warnings) {
    return readGroup(group, warnings, 0);
}

Result<void> writeUns(const Hdf5Object& parent, const std::string& name, const json& value) {
    if (value.is_null()) return {};
    if (value.is_string()) return writeText(parent, name, value.get<std::string>());
    if (value.is_array()) return writeArray(parent, name, value);
    if (value.is_boolean()) {
        const std::uint8_t flag = value.get<bool>() ? 1 : 0;
        return mark(parent.writeBools(name, {}, {&flag, 1}), "numeric-scalar");
    }
    if (value.is_number_integer() && elementsOf(json::array({value})) == Elements::Integers) {
        const auto number = value.get<std::int64_t>();
        return mark(parent.writeNumbers<std::int64_t>(name, {}, {&number, 1}), "numeric-scalar");
    }
    if (value.is_number()) {
        const auto number = value.get<double>();
        return mark(parent.writeNumbers<double>(name, {}, {&number, 1}), "numeric-scalar");
    }
    const auto& members = value.get_ref<const json::object_t&>();
    if (!std::all_of(members.begin(), members.end(), [](const auto& member) { return isWritableName(member.first); }))
        return writeText(parent, name, value.dump(-1, ' ', false, json::error_handler_t::replace));
    DS_ASSIGN(const Hdf5Object group, parent.createGroup(name));
    DS_TRY(setEncoding(group, "dict", "0.1.0"));
    for (const auto& [key, member] : members) DS_TRY(writeUns(group, key, member));
    return {};
}

}  // namespace driftscope::io
