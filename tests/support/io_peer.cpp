// Lets the scripts in tests/peers see what core/io reads and writes. Usage: io_peer planes|array|table|write-plate|write-table …
#include <cstdio>
#include <fstream>
#include <nlohmann/json.hpp>

#include "core/io/h5ad.h"
#include "core/io/plate_writer.h"
#include "core/io/time_lapse.h"
#include "core/io/zarr_array.h"

namespace {

using namespace driftscope;
using namespace driftscope::io;
using nlohmann::json;

template <class T>
void append(std::ofstream& out, const std::vector<T>& values) {
    out.write(reinterpret_cast<const char*>(values.data()), static_cast<std::streamsize>(values.size() * sizeof(T)));
}

/// planes PATH NAME OUT: all planes as float32 in OUT.f32 and, when `labels`, as uint32 in OUT.u32; prints the description.
Result<json> dumpPlanes(const std::string& path, const std::string& name, const std::string& target) {
    DS_ASSIGN(const auto movie, openTimeLapse(path, name));
    const TimeLapseInfo& info = movie->info();
    std::ofstream floats(target + ".f32", std::ios::binary);
    std::ofstream labels(target + ".u32", std::ios::binary);
    for (std::int64_t t = 0; t < info.shape[0]; ++t)
        for (std::int64_t c = 0; c < info.shape[1]; ++c)
            for (std::int64_t z = 0; z < info.shape[2]; ++z) {
                DS_ASSIGN(const FloatImage plane, movie->plane(t, c, z));
                append(floats, plane.pixels);
                if (const auto ids = movie->labels(t, c, z)) append(labels, ids->pixels);
            }
    json channels = json::array();
    for (const ChannelInfo& channel : info.channels) channels.push_back({{"name", channel.name}, {"color", channel.color}, {"window", {channel.windowStart, channel.windowEnd}}});
    return json{{"name", info.name}, {"shape", info.shape}, {"scale", info.scale}, {"channels", channels}, {"type", info.pixelType}};
}

/// array FOLDER OUT: the whole array as float32.
Result<json> dumpArray(const std::string& folder, const std::string& target) {
    DS_ASSIGN(const ZarrArray array, ZarrArray::open(folder));
    const auto& shape = array.metadata().shape;
    std::size_t count = 1;
    for (const std::int64_t extent : shape) count *= static_cast<std::size_t>(extent);
    std::vector<float> values(count);
    DS_TRY(array.read(std::vector<std::int64_t>(shape.size(), 0), shape, std::span(values)));
    std::ofstream out(target, std::ios::binary);
    append(out, values);
    return json{{"shape", shape}};
}

json columnJson(const Column& column) {
    json out;
    if (const auto* category = std::get_if<Categorical>(&column)) return {{"codes", category->codes}, {"categories", category->categories}, {"ordered", category->ordered}};
    std::visit([&](const auto& values) { if constexpr (!std::is_same_v<std::decay_t<decltype(values)>, Categorical>) out = values; }, column);
    return out;
}

/// table FILE OUT: X in OUT.X.f32, obsm in OUT.<name>.f32; prints obs, names and uns.
Result<json> dumpTable(const std::string& file, const std::string& target) {
    DS_ASSIGN(const EmbeddingTable table, readH5ad(file));
    std::ofstream x(target + ".X.f32", std::ios::binary);
    append(x, table.x.values);
    json obsm = json::object();
    for (const std::string& name : table.matrixNames()) {
        std::ofstream out(target + "." + name + ".f32", std::ios::binary);
        append(out, table.matrix(name)->values);
        obsm[name] = table.matrix(name)->columns;
    }
    json obs = json::object();
    for (const std::string& name : table.columnNames()) obs[name] = columnJson(*table.column(name));
    return json{{"rows", table.rows()}, {"columns", table.x.columns}, {"obs", obs}, {"order", table.columnNames()}, {"obs_names", table.obsNames}, {"var_names", table.varNames}, {"obsm", obsm}, {"uns", table.uns}};
}

/// write-plate PLATE [0.5|0.5-sharded]: positions whose pixels follow (t*1009 + c*131 + z*17 + y*5 + x) mod 65536.
Result<json> writePlate(const std::string& plate, const std::string& kind) {
    PlateFormat format;
    if (!kind.empty()) format = {.version = OmeVersion::V05, .sharded = kind == "0.5-sharded", .levels = 2};
    for (const auto& [position, type] : {std::pair{"A/1/0", "uint16"}, {"B/12/000001", "uint32"}, {"B/12/000002", "float32"}}) {
        TimeLapseInfo info;
        info.shape = {2, 2, 3, 300, 530};
        info.channels = {{"Phase3D", 0xFFFFFF, 0, 0}, {"GFP", 0x00FF00, 100, 4000}};
        info.scale = {300, 1, 2, 0.325, 0.325};
        info.unit = {"second", "", "micrometer", "micrometer", "micrometer"};
        DS_ASSIGN(const auto writer, PlateWriter::create(plate, position, info, type, format));
        for (std::int64_t t = 0; t < 2; ++t)
            for (std::int64_t c = 0; c < 2; ++c)
                for (std::int64_t z = 0; z < 3; ++z) {
                    FloatImage image(530, 300);
                    for (int y = 0; y < 300; ++y)
                        for (int x = 0; x < 530; ++x) image.at(y, x) = static_cast<float>((t * 1009 + c * 131 + z * 17 + y * 5 + x) % 65536);
                    DS_TRY(writer->writePlane(t, c, z, image));
                }
        DS_TRY(writer->flush());
    }
    return json::object();
}

/// write-table FILE: every kind of column, 1000 rows.
Result<json> writeTable(const std::string& file) {
    constexpr std::size_t kRows = 1000;
    EmbeddingTable table(kRows);
    table.x = Matrix(kRows, 768);
    for (std::size_t i = 0; i < table.x.values.size(); ++i) table.x.values[i] = static_cast<float>(i % 9973) / 7;
    std::vector<std::int64_t> t(kRows);
    std::vector<double> y(kRows);
    std::vector<std::uint8_t> border(kRows);
    std::vector<std::string> state(kRows);
    std::vector<std::string> note(kRows);
    for (std::size_t i = 0; i < kRows; ++i) {
        t[i] = static_cast<std::int64_t>(i) - 500;
        y[i] = i == 3 ? std::numeric_limits<double>::quiet_NaN() : static_cast<double>(i) / 3;
        border[i] = i % 3 == 0;
        state[i] = i % 5 == 0 ? "" : i % 2 ? "mitosis" : "interphase";
        note[i] = i % 7 ? "ü" + std::to_string(i) : "";
        table.obsNames.push_back("A/1/0#" + std::to_string(i));
    }
    DS_TRY(table.setColumn("t", t));
    DS_TRY(table.setColumn("y", y));
    DS_TRY(table.setColumn("border", border));
    DS_TRY(table.setColumn("cell_division_state", Categorical::fromTexts(state)));
    DS_TRY(table.setColumn("note", note));
    Matrix umap(kRows, 2);
    for (std::size_t i = 0; i < umap.values.size(); ++i) umap.values[i] = static_cast<float>(i) * 0.5f;
    DS_TRY(table.setMatrix("X_umap", umap));
    table.uns = {{"driftscope", {{"kind", "cells.embed"}, {"seed", 7}, {"rate", 0.5}, {"cuda", false}, {"inputs", {"a", "b"}}, {"sizes", {1, 2, 3}}}}, {"title", "µ"}};
    DS_TRY(writeH5ad(file, table));
    return json::object();
}

Result<json> dispatch(const std::vector<std::string>& a) {
    if (a.size() == 4 && a[0] == "planes") return dumpPlanes(a[1], a[2], a[3]);
    if (a.size() == 3 && a[0] == "array") return dumpArray(a[1], a[2]);
    if (a.size() == 3 && a[0] == "table") return dumpTable(a[1], a[2]);
    if ((a.size() == 2 || a.size() == 3) && a[0] == "write-plate") return writePlate(a[1], a.size() == 3 ? a[2] : "");
    if (a.size() == 2 && a[0] == "write-table") return writeTable(a[1]);
    return fail(ErrorCode::Usage, "Usage: io_peer planes PATH NAME OUT | array FOLDER OUT | table FILE OUT | write-plate PLATE [0.5|0.5-sharded] | write-table FILE");
}

}  // namespace

int main(int argc, char** argv) {
    const auto result = dispatch(std::vector<std::string>(argv + 1, argv + argc));
    if (!result) {
        fmt::print(stderr, "{}\n", result.error().text());
        return exitCode(result.error().code);
    }
    fmt::print("{}\n", result->dump());
    return 0;
}
