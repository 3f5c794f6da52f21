#include "core/io/h5ad_columns.h"

#include <algorithm>
#include <limits>

#include "core/io/h5ad_compound.h"

namespace driftscope::io {
namespace {

constexpr double kMissing = std::numeric_limits<double>::quiet_NaN();

template <class T>
std::string shortest(T value) {
    return fmt::format("{}", value);
}

/// Category names are texts here; numbers are written out.
Result<std::vector<std::string>> readNames(const Hdf5Object& dataset) {
    std::vector<std::string> names;
    switch (dataset.content()) {
        case Hdf5Content::Text: return dataset.texts();
        case Hdf5Content::Integer:
        case Hdf5Content::Unsigned64: {
            DS_ASSIGN(const auto values, dataset.numbers<std::int64_t>());
            std::transform(values.begin(), values.end(), std::back_inserter(names), shortest<std::int64_t>);
            return names;
        }
        case Hdf5Content::Float: {
            DS_ASSIGN(const auto values, dataset.numbers<double>());
            std::transform(values.begin(), values.end(), std::back_inserter(names), shortest<double>);
            return names;
        }
        case Hdf5Content::Bool: {
            DS_ASSIGN(const auto values, dataset.numbers<std::uint8_t>());
            for (const std::uint8_t value : values) names.emplace_back(value ? "True" : "False");
            return names;
        }
        default: return dataset.failure("holds neither text nor numbers");
    }
}

Result<Column> categorical(const Hdf5Object& codes, const Hdf5Object& names, bool ordered) {
    Categorical column;
    column.ordered = ordered;
    DS_ASSIGN(column.codes, codes.numbers<std::int32_t>());
    DS_ASSIGN(column.categories, readNames(names));
    for (std::size_t row = 0; row < column.codes.size(); ++row)
        if (column.codes[row] < -1 || column.codes[row] >= static_cast<std::int64_t>(column.categories.size()))
            return codes.failure(fmt::format("has code {} in row {}, beyond its {} categories", column.codes[row], row, column.categories.size()));
    return Column(std::move(column));
}

/// Integers beyond the signed range become numbers with 53 significant bits.
Result<Column> readUnsigned(const Hdf5Object& dataset) {
    DS_ASSIGN(const auto values, dataset.numbers<std::uint64_t>());
    const bool fits = std::all_of(values.begin(), values.end(), [](std::uint64_t v) { return v <= static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max()); });
    if (fits) return Column(std::vector<std::int64_t>(values.begin(), values.end()));
    return Column(std::vector<double>(values.begin(), values.end()));
}

Result<Column> readDataset(const Hdf5Object& dataset) {
    if (const auto names = dataset.referenceAttribute("categories")) return categorical(dataset, *names, names->flagAttribute("ordered"));
    if (dataset.shape().size() != 1) return dataset.failure(fmt::format("has {} dimensions, not one", dataset.shape().size()));
    switch (dataset.content()) {
        case Hdf5Content::Integer: return dataset.numbers<std::int64_t>().map([](auto v) { return Column(std::move(v)); });
        case Hdf5Content::Unsigned64: return readUnsigned(dataset);
        case Hdf5Content::Float: return dataset.numbers<double>().map([](auto v) { return Column(std::move(v)); });
        case Hdf5Content::Bool: return dataset.numbers<std::uint8_t>().map([](auto v) { return Column(std::move(v)); });
        case Hdf5Content::Text: return dataset.texts().map([](auto v) { return Column(std::move(v)); });
        default: return dataset.failure("has a type that tables here do not hold");
    }
}

/// pandas' nullable columns: missing integers become NaN, missing truth values and texts an absent category.
Result<Column> readNullable(const Hdf5Object& group) {
    DS_ASSIGN(const Hdf5Object valuesAt, group.child("values"));
    DS_ASSIGN(const Hdf5Object maskAt, group.child("mask"));
    DS_ASSIGN(Column column, readDataset(valuesAt));
    DS_ASSIGN(const auto mask, maskAt.numbers<std::uint8_t>());
    if (mask.size() != columnSize(column)) return group.failure("has a mask of another length");
    if (std::find(mask.begin(), mask.end(), std::uint8_t{1}) == mask.end()) return column;
    if (isNumeric(column)) {
        std::vector<double> values(mask.size());
        for (std::size_t row = 0; row < mask.size(); ++row) values[row] = mask[row] ? kMissing : columnNumber(column, row);
        return Column(std::move(values));
    }
    std::vector<std::string> texts(mask.size());
    for (std::size_t row = 0; row < mask.size(); ++row) texts[row] = mask[row] ? std::string() : columnText(column, row);
    return Column(Categorical::fromTexts(texts));
}

Result<Column> readColumn(const Hdf5Object& column) {
    if (column.isDataset()) return readDataset(column);
    const std::string encoding = column.textAttribute("encoding-type");
    if (encoding == "categorical") {
        DS_ASSIGN(const Hdf5Object codes, column.child("codes"));
        DS_ASSIGN(const Hdf5Object names, column.child("categories"));
        return categorical(codes, names, column.flagAttribute("ordered"));
    }
    if (encoding.starts_with("nullable-")) return readNullable(column);
    return column.failure(fmt::format("has the encoding '{}', which is not known here", encoding));
}

Result<H5adFrame> readGroup(const Hdf5Object& group, bool indexOnly) {
    H5adFrame frame;
    const std::string indexName = group.textAttribute("_index", "_index");
    DS_ASSIGN(const Hdf5Object index, group.child(indexName));
    DS_ASSIGN(frame.index, readNames(index));
    if (indexOnly) return frame;
    std::vector<std::string> order = group.textsAttribute("column-order");
    for (const std::string& name : group.children())
        if (name != indexName && name != "__categories" && std::find(order.begin(), order.end(), name) == order.end()) order.push_back(name);
    for (const std::string& name : order) {
        auto column = group.child(name).and_then([](const Hdf5Object& object) { return readColumn(object); });
        if (column && columnSize(*column) == frame.index.size())
            frame.columns.emplace_back(name, std::move(*column));
        else
            frame.warnings.push_back(column ? fmt::format("{}/{} has {} values for {} rows", group.place(), name, columnSize(*column), frame.index.size())
                                            : column.error().message);
    }
    return frame;
}

template <class Code>
Result<void> writeCodes(const Hdf5Object& group, const std::vector<std::int32_t>& codes) {
    const std::vector<Code> narrow(codes.begin(), codes.end());
    DS_ASSIGN(const Hdf5Object dataset, group.writeNumbers<Code>("codes", {narrow.size()}, narrow));
    return setEncoding(dataset, "array", "0.2.0");
}

Result<void> writeCategorical(const Hdf5Object& parent, const std::string& name, const Categorical& column) {
    DS_ASSIGN(const Hdf5Object group, parent.createGroup(name));
    DS_TRY(setEncoding(group, "categorical", "0.2.0"));
    DS_TRY(group.setFlag("ordered", column.ordered));
    DS_ASSIGN(const Hdf5Object names, group.writeTexts("categories", column.categories));
    DS_TRY(setEncoding(names, "string-array", "0.2.0"));
    // pandas takes the narrowest integers too.
    if (column.categories.size() <= 127) return writeCodes<std::int8_t>(group, column.codes);
    if (column.categories.size() <= 32767) return writeCodes<std::int16_t>(group, column.codes);
    return writeCodes<std::int32_t>(group, column.codes);
}

struct ColumnWriter {
    const Hdf5Object& parent;
    const std::string& name;

    Result<void> operator()(const std::vector<std::int64_t>& v) const { return mark(parent.writeNumbers<std::int64_t>(name, {v.size()}, v), "array"); }
    Result<void> operator()(const std::vector<double>& v) const { return mark(parent.writeNumbers<double>(name, {v.size()}, v), "array"); }
    Result<void> operator()(const std::vector<std::uint8_t>& v) const { return mark(parent.writeBools(name, {v.size()}, v), "array"); }
    Result<void> operator()(const std::vector<std::string>& v) const { return mark(parent.writeTexts(name, v), "string-array"); }
    Result<void> operator()(const Categorical& v) const { return writeCategorical(parent, name, v); }

    static Result<void> mark(Result<Hdf5Object> dataset, const char* encoding) {
        if (!dataset) return tl::unexpected(std::move(dataset.error()));
        return setEncoding(*dataset, encoding, "0.2.0");
    }
};

}  // namespace

Result<void> setEncoding(const Hdf5Object& object, const std::string& type, const std::string& version) {
    DS_TRY(object.setAttribute("encoding-type", type));
    return object.setAttribute("encoding-version", version);
}

Result<H5adFrame> readH5adFrame(const Hdf5Object& frame, const std::map<std::string, std::vector<std::string>>& categories, bool indexOnly) {
    return frame.isDataset() ? readCompoundFrame(frame, categories, indexOnly) : readGroup(frame, indexOnly);
}

Result<void> writeH5adFrame(const Hdf5Object& parent, const std::string& name, const std::vector<std::string>& index,
                            const std::vector<std::pair<std::string, const Column*>>& columns) {
    DS_ASSIGN(const Hdf5Object group, parent.createGroup(name));
    DS_TRY(setEncoding(group, "dataframe", "0.2.0"));
    DS_TRY(group.setAttribute("_index", std::string("_index")));
    std::vector<std::string> order;
    for (const auto& [column, values] : columns) order.push_back(column);
    DS_TRY(group.setAttribute("column-order", order));
    DS_ASSIGN(const Hdf5Object rows, group.writeTexts("_index", index));
    DS_TRY(setEncoding(rows, "string-array", "0.2.0"));
    for (const auto& [column, values] : columns) {
        if (column.empty() || column == "_index" || column == "." || column.find('/') != std::string::npos)
            return fail(ErrorCode::BadInput, fmt::format("A column named '{}' cannot be stored in {}.", column, parent.place()), "Rename it: '/', '.' and '_index' are reserved in .h5ad.");
        DS_TRY(std::visit(ColumnWriter{group, column}, *values));
    }
    return {};
}

}  // namespace driftscope::io
