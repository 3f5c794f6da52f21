#include "core/io/zarr_array.h"

#include <algorithm>
#include <atomic>
#include <cstring>
#include <limits>
#include <mutex>
#include <optional>
#include <utility>
#include <vector>

#include "core/base/thread_team.h"
#include "core/io/checked_size.h"
#include "core/io/json_access.h"
#include "core/io/zarr_chunk_reader.h"
#include "core/io/zarr_shards.h"

namespace driftscope::io {
namespace {

constexpr std::uint64_t kMostValues = 1ull << 28;  // 2 GiB of doubles: whole arrays are tables and graphs, not pictures

std::optional<std::size_t> convert(const std::byte* from, NumberType type, std::span<float> out) {
    toFloats(from, type, out);
    return std::nullopt;
}

std::optional<std::size_t> convert(const std::byte* from, NumberType type, std::span<std::uint32_t> out) {
    return toLabels(from, type, out);
}

std::optional<std::size_t> convert(const std::byte* from, NumberType type, std::span<double> out) {
    toDoubles(from, type, out);
    return std::nullopt;
}

std::optional<std::size_t> convert(const std::byte* from, NumberType type, std::span<std::int64_t> out) {
    return toIntegers(from, type, out);
}

/// Copies a piece row by row (a row runs along the last axis) into its place in the box.
template <class T>
Result<void> copyPiece(const ZarrMetadata& array, const Piece& piece, const ChunkBytes& chunk, std::span<const std::size_t> boxStrides, Buffer& gathered,
                       std::span<T> out) {
    const std::size_t rank = piece.extent.size();
    const auto length = static_cast<std::size_t>(piece.extent[rank - 1]);
    const std::size_t size = array.type.size();
    const std::size_t stride = chunk.bytes ? array.strides[rank - 1] : 0;
    const std::size_t firstIn = offsetOf(piece.inChunk, array.strides) - chunk.begin;
    const std::size_t firstOut = offsetOf(piece.inBox, boxStrides);
    Extents index(rank, 0);
    do {
        const std::byte* from = chunk.bytes ? chunk.bytes + firstIn + offsetOf(index, array.strides) : array.fill.data();
        if (stride != size) {  // Fortran order, or one fill value for all
            const auto row = gathered.prepare(length * size);
            for (std::size_t i = 0; i < length; ++i) std::memcpy(row.data() + i * size, from + i * stride, size);
            from = row.data();
        }
        const auto target = out.subspan(firstOut + offsetOf(index, boxStrides), length);
        if (convert(from, array.type, target))
            return fail(ErrorCode::BadInput,
                        std::is_same_v<T, std::uint32_t> ? fmt::format("A label is not a whole number from 0 to 4294967295 (type {}).", array.type.name())
                                                         : fmt::format("A value is not a whole number of 64 bits (type {}).", array.type.name()),
                        "Labels and ids must be stored as integers.");
    } while (advance(index, piece.extent, rank - 1));
    return {};
}

Result<void> checkBox(const ZarrMetadata& array, std::span<const std::int64_t> begin, std::span<const std::int64_t> extent, std::size_t count,
                      const std::string& place) {
    bool inside = begin.size() == array.shape.size() && extent.size() == array.shape.size();
    for (std::size_t axis = 0; inside && axis < begin.size(); ++axis)
        inside = begin[axis] >= 0 && extent[axis] >= 1 && begin[axis] < array.shape[axis] && extent[axis] <= array.shape[axis] - begin[axis];
    if (inside && checkedBytes(extent, 1) == count) return {};
    return fail(ErrorCode::BadInput, fmt::format("{}: the box [{}] + [{}] is not inside the array of [{}].", place, fmt::join(begin, ", "), fmt::join(extent, ", "),
                                                 fmt::join(array.shape, ", ")));
}

/// One box's share of one chunk.
struct Visit {
    Extents chunk;
    std::size_t box = 0;
};

/// Which chunks to go to for which boxes: by chunk in C order, then by box.
template <class T>
std::vector<Visit> visitsOf(const ZarrMetadata& array, std::span<const ZarrBox<T>> boxes) {
    std::vector<Visit> visits;
    const std::size_t rank = array.shape.size();
    for (std::size_t b = 0; b < boxes.size(); ++b) {
        Extents first(rank), count(rank), step(rank, 0);
        for (std::size_t axis = 0; axis < rank; ++axis) {
            first[axis] = boxes[b].begin[axis] / array.chunks[axis];
            count[axis] = (boxes[b].begin[axis] + boxes[b].extent[axis] - 1) / array.chunks[axis] - first[axis] + 1;
        }
        do {
            Visit& visit = visits.emplace_back(first, b);
            for (std::size_t axis = 0; axis < rank; ++axis) visit.chunk[axis] += step[axis];
        } while (advance(step, count, rank));
    }
    if (boxes.size() > 1) std::ranges::stable_sort(visits, {}, &Visit::chunk);
    return visits;
}

/// The failure that comes first in the order of the tasks, whichever thread met it.
class FirstFailure {
  public:
    bool before(std::size_t task) const { return task > task_; }
    void note(std::size_t task, Result<void> result) {
        if (result) return;
        const std::lock_guard lock(mutex_);
        if (task >= task_) return;
        task_ = task;
        error_ = std::move(result.error());
    }
    Result<void> result() {
        if (error_) return tl::unexpected(std::move(*error_));
        return {};
    }

  private:
    std::mutex mutex_;
    std::atomic<std::size_t> task_ = std::numeric_limits<std::size_t>::max();
    std::optional<Error> error_;
};

template <class T>
std::vector<std::size_t> stridesOf(const ZarrBox<T>& box) {
    std::vector<std::size_t> strides(box.extent.size(), 1);
    for (std::size_t axis = strides.size() - 1; axis-- > 0;) strides[axis] = strides[axis + 1] * static_cast<std::size_t>(box.extent[axis + 1]);
    return strides;
}

/// Reads one chunk and copies every box's share of it. The team, if any, shares the decoding.
template <class T>
Result<void> readChunk(const ZarrStore& store, const ZarrMetadata& array, std::span<const ZarrBox<T>> boxes, std::span<const Visit> visits, ThreadTeam* team) {
    ChunkReader reader(store, array);
    DS_ASSIGN(const bool present, reader.fetch(visits.front().chunk));
    std::vector<Piece> pieces;
    for (const Visit& visit : visits) pieces.push_back(pieceOf(array, visit.chunk, boxes[visit.box].begin, boxes[visit.box].extent));
    const auto copy = [&](const Piece& piece, std::size_t i, const ChunkBytes& bytes) {
        const ZarrBox<T>& box = boxes[visits[i].box];
        return reader.named(copyPiece(array, piece, bytes, stridesOf(box), ZarrWorkspace::ofThisThread().row, box.out));
    };
    if (!present || (visits.size() > 1 && !reader.cheaperInParts(pieces))) {
        ChunkBytes all;
        if (present) {
            DS_ASSIGN(all, reader.decodeAll(ZarrWorkspace::ofThisThread()));
        }
        for (std::size_t i = 0; i < pieces.size(); ++i) DS_TRY(copy(pieces[i], i, all));
        return {};
    }
    FirstFailure failure;
    for (std::size_t i = 0; i < pieces.size(); ++i) {
        const std::vector<Piece> slabs = team != nullptr ? reader.slabs(pieces[i], 2 * team->size()) : std::vector<Piece>{pieces[i]};
        const auto one = [&](std::size_t slab) {
            const Result<ChunkBytes> bytes = reader.decode(slabs[slab], ZarrWorkspace::ofThisThread());
            failure.note(slab, bytes ? copy(slabs[slab], i, *bytes) : Result<void>(tl::unexpected(bytes.error())));
        };
        if (team != nullptr)
            team->run(slabs.size(), one);
        else
            one(0);
        DS_TRY(failure.result());
    }
    return {};
}

}  // namespace

Result<ZarrArray> ZarrArray::open(const std::filesystem::path& folder) {
    std::error_code code;
    ZarrMetadata metadata;
    if (std::filesystem::exists(folder / ".zarray", code)) {
        DS_ASSIGN(const nlohmann::json zarray, readJson(folder / ".zarray"));
        DS_ASSIGN(metadata, parseZarrV2(zarray, (folder / ".zarray").string()));
    } else if (std::filesystem::exists(folder / "zarr.json", code)) {
        DS_ASSIGN(const nlohmann::json document, readJson(folder / "zarr.json"));
        DS_ASSIGN(metadata, parseZarrV3(document, (folder / "zarr.json").string()));
    } else {
        return fail(ErrorCode::NotFound, fmt::format("{} has neither .zarray nor zarr.json: there is no array here.", folder.string()), "Check the path, or copy the array again.");
    }
    return ZarrArray(std::make_shared<const ZarrFolder>(folder), std::move(metadata));
}

ZarrArray::ZarrArray(std::shared_ptr<const ZarrStore> store, ZarrMetadata metadata) : store_(std::move(store)), metadata_(std::move(metadata)) {
    for (const ShardLevel& level : metadata_.shards) store_ = std::make_shared<const ZarrShards>(store_, level);
}

template <class T>
Result<void> ZarrArray::readBoxes(std::span<const ZarrBox<T>> boxes, ThreadTeam* team) const {
    for (const ZarrBox<T>& box : boxes) DS_TRY(checkBox(metadata_, box.begin, box.extent, box.out.size(), store_->place("")));
    const std::vector<Visit> visits = visitsOf(metadata_, boxes);
    std::vector<std::size_t> starts;  // of the visits to one chunk
    for (std::size_t i = 0; i < visits.size(); ++i)
        if (i == 0 || visits[i].chunk != visits[i - 1].chunk) starts.push_back(i);
    FirstFailure failure;
    // With few chunks the threads share each of them, otherwise everyone takes a chunk of their own.
    const bool sharing = team != nullptr && starts.size() < team->size();
    const auto visitChunk = [&](std::size_t i) {
        if (failure.before(i)) return;
        const std::size_t end = i + 1 < starts.size() ? starts[i + 1] : visits.size();
        failure.note(i, readChunk(*store_, metadata_, boxes, std::span(visits).subspan(starts[i], end - starts[i]), sharing ? team : nullptr));
    };
    if (team != nullptr && !sharing)
        team->run(starts.size(), visitChunk);
    else
        for (std::size_t i = 0; i < starts.size(); ++i) visitChunk(i);
    return failure.result();
}

Result<void> ZarrArray::read(std::span<const std::int64_t> begin, std::span<const std::int64_t> extent, std::span<float> out, ThreadTeam* team) const {
    const ZarrBox<float> box{{begin.begin(), begin.end()}, {extent.begin(), extent.end()}, out};
    return readBoxes(std::span(&box, 1), team);
}

Result<void> ZarrArray::read(std::span<const std::int64_t> begin, std::span<const std::int64_t> extent, std::span<std::uint32_t> out, ThreadTeam* team) const {
    const ZarrBox<std::uint32_t> box{{begin.begin(), begin.end()}, {extent.begin(), extent.end()}, out};
    return readBoxes(std::span(&box, 1), team);
}

template <class T>
Result<std::vector<T>> ZarrArray::readAll() const {
    const auto count = checkedBytes(metadata_.shape, 1);
    if (!count || *count > kMostValues) return fail(ErrorCode::Unsupported, fmt::format("{} holds too many values to be a table.", store_->place("")), "Split it.");
    std::vector<T> values(static_cast<std::size_t>(*count));
    if (values.empty()) return values;
    const ZarrBox<T> box{std::vector<std::int64_t>(metadata_.shape.size(), 0), metadata_.shape, std::span(values)};
    DS_TRY(readBoxes(std::span(&box, 1), nullptr));
    return values;
}

Result<std::vector<double>> ZarrArray::doubles() const {
    return readAll<double>();
}

Result<std::vector<std::int64_t>> ZarrArray::integers() const {
    return readAll<std::int64_t>();
}

Result<void> ZarrArray::read(std::span<const ZarrBox<float>> boxes, ThreadTeam* team) const {
    return readBoxes(boxes, team);
}

}  // namespace driftscope::io
