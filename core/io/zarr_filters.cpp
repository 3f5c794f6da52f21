#include <algorithm>
#include <array>
#include <cstring>
#include <numeric>

#include "core/io/json_access.h"
#include "core/io/zarr_codecs.h"

namespace driftscope::io {
namespace {

using nlohmann::json;
using Bytes = std::span<const std::byte>;

Result<void> expectSize(std::size_t encoded, std::size_t wanted) {
    if (encoded == wanted) return {};
    return fail(ErrorCode::BadInput, fmt::format("it decodes to {} bytes, not the {} of a chunk", encoded, wanted), "The chunk is damaged: copy it again from the original.");
}

/// A codec that only rearranges or changes numbers, so that sizes are known.
class Filter : public ZarrCodec {
  public:
    DecodedSize encodedSize(DecodedSize decoded) const override { return decoded; }
};

/// Bytes of equal significance were stored together.
class ShuffleCodec final : public Filter {
  public:
    explicit ShuffleCodec(std::size_t element) : element_(element) {}
    Result<void> decode(Bytes encoded, DecodedSize wanted, Buffer& out) const override {
        const std::size_t size = encoded.size();
        if (wanted.exact) DS_TRY(expectSize(size, wanted.bytes));
        const auto target = out.prepare(size);
        const std::size_t count = size / element_;
        for (std::size_t i = 0; i < count; ++i)
            for (std::size_t byte = 0; byte < element_; ++byte) target[i * element_ + byte] = encoded[byte * count + i];
        std::copy(encoded.begin() + static_cast<std::ptrdiff_t>(count * element_), encoded.end(), target.begin() + static_cast<std::ptrdiff_t>(count * element_));
        return {};
    }

  private:
    std::size_t element_;
};

/// Differences of neighbouring integers were stored; sums wrap as NumPy's do.
class DeltaCodec final : public Filter {
  public:
    explicit DeltaCodec(NumberType type) : type_(type) {}
    Result<void> decode(Bytes encoded, DecodedSize wanted, Buffer& out) const override {
        DS_TRY(expectSize(encoded.size(), wanted.bytes));
        const auto target = out.prepare(wanted.bytes);
        switch (type_.size()) {
            case 1: accumulate<std::uint8_t>(encoded, target); break;
            case 2: accumulate<std::uint16_t>(encoded, target); break;
            case 4: accumulate<std::uint32_t>(encoded, target); break;
            default: accumulate<std::uint64_t>(encoded, target); break;
        }
        return {};
    }

  private:
    template <class T>
    void accumulate(Bytes from, std::span<std::byte> to) const {
        T sum = 0;
        std::array<std::byte, sizeof(T)> number;
        for (std::size_t at = 0; at + sizeof(T) <= from.size(); at += sizeof(T)) {
            std::memcpy(number.data(), from.data() + at, sizeof(T));
            if (type_.bigEndian) swapBytes(number.data(), 1, sizeof(T));
            T difference = 0;
            std::memcpy(&difference, number.data(), sizeof(T));
            sum = static_cast<T>(sum + difference);
            std::memcpy(number.data(), &sum, sizeof(T));
            if (type_.bigEndian) swapBytes(number.data(), 1, sizeof(T));
            std::memcpy(to.data() + at, number.data(), sizeof(T));
        }
    }

    NumberType type_;
};

/// value = stored / scale + offset, in the arithmetic NumPy uses for the stored type.
class ScaleOffsetCodec final : public ZarrCodec {
  public:
    ScaleOffsetCodec(NumberType stored, NumberType type, double scale, double offset) : stored_(stored), type_(type), scale_(scale), offset_(offset) {}
    DecodedSize encodedSize(DecodedSize decoded) const override { return {decoded.bytes / type_.size() * stored_.size(), decoded.exact}; }
    Result<void> decode(Bytes encoded, DecodedSize wanted, Buffer& out) const override {
        DS_TRY(expectSize(encoded.size(), encodedSize(wanted).bytes));
        const std::size_t count = wanted.bytes / type_.size();
        const auto target = out.prepare(count * type_.size());
        std::array<double, 256> block;
        for (std::size_t done = 0; done < count; done += block.size()) {
            const std::size_t some = std::min(block.size(), count - done);
            toDoubles(encoded.data() + done * stored_.size(), stored_, std::span(block.data(), some));
            for (std::size_t i = 0; i < some; ++i) store(restored(block[i]), target.data() + (done + i) * type_.size());
        }
        return {};
    }

  private:
    double restored(double value) const {
        if (stored_.kind == NumberKind::Float32) return static_cast<float>(value) / static_cast<float>(scale_) + static_cast<float>(offset_);
        return value / scale_ + offset_;
    }
    void store(double value, std::byte* to) const {
        const float single = static_cast<float>(value);
        std::memcpy(to, type_.size() == 4 ? static_cast<const void*>(&single) : &value, type_.size());
        if (type_.bigEndian) swapBytes(to, 1, type_.size());
    }

    NumberType stored_, type_;
    double scale_, offset_;
};

class TransposeCodec final : public Filter {
  public:
    TransposeCodec(std::vector<std::int64_t> extents, std::vector<std::size_t> order, std::size_t size) : extents_(std::move(extents)), size_(size), strides_(order.size()) {
        std::size_t step = size;
        for (std::size_t i = order.size(); i-- > 0;) {
            strides_[order[i]] = step;
            step *= static_cast<std::size_t>(extents_[order[i]]);
        }
    }
    Result<void> decode(Bytes encoded, DecodedSize wanted, Buffer& out) const override {
        DS_TRY(expectSize(encoded.size(), wanted.bytes));
        std::byte* to = out.prepare(wanted.bytes).data();
        std::vector<std::int64_t> index(extents_.size(), 0);
        const std::size_t count = wanted.bytes / size_;
        for (std::size_t i = 0; i < count; ++i, to += size_) {
            std::size_t from = 0;
            for (std::size_t axis = 0; axis < index.size(); ++axis) from += static_cast<std::size_t>(index[axis]) * strides_[axis];
            std::memcpy(to, encoded.data() + from, size_);
            for (std::size_t axis = index.size(); axis-- > 0 && ++index[axis] == extents_[axis];) index[axis] = 0;
        }
        return {};
    }

  private:
    std::vector<std::int64_t> extents_;
    std::size_t size_;
    std::vector<std::size_t> strides_;  ///< in the stored order, by axis of the array
};

Result<std::shared_ptr<const ZarrCodec>> makeScaleOffset(const json& codec, std::optional<NumberType>& type, const std::string& place) {
    const auto decoded = codecType(codec, "dtype");
    const auto stored = member(codec, "astype") ? codecType(codec, "astype") : decoded;
    const double scale = numberMember(codec, "scale", 0), offset = numberMember(codec, "offset", 0);
    const bool floating = type && (type->kind == NumberKind::Float32 || type->kind == NumberKind::Float64);
    if (!floating || !decoded || !stored || decoded->kind != type->kind || stored->kind == NumberKind::Float16 || scale == 0) return unknownZarrCodec(place, "fixedscaleoffset");
    NumberType kept = *stored;
    if (numberTypeFromName(textMember(codec, "astype"))) kept.bigEndian = type->bigEndian && kept.size() > 1;  // v3 names no byte order
    auto filter = std::make_shared<const ScaleOffsetCodec>(kept, *type, scale, offset);
    type = kept;
    return filter;
}

}  // namespace

Result<std::shared_ptr<const ZarrCodec>> makeZarrFilter(const std::string& id, const json& codec, std::optional<NumberType>& type, const std::string& place) {
    if (id == "bitround") return nullptr;
    if (id == "shuffle") {
        const double element = numberMember(codec, "elementsize", 4);
        if (!(element >= 1 && element <= 256)) return unknownZarrCodec(place, id);
        return std::make_shared<const ShuffleCodec>(static_cast<std::size_t>(element));
    }
    if (id == "fixedscaleoffset") return makeScaleOffset(codec, type, place);
    if (id == "delta" && type && type->isInteger() && type->kind != NumberKind::Bool) {
        const auto decoded = codecType(codec, "dtype");
        const auto stored = member(codec, "astype") ? codecType(codec, "astype") : decoded;
        if (decoded && decoded->kind == type->kind && stored == decoded) return std::make_shared<const DeltaCodec>(*type);
    }
    return unknownZarrCodec(place, id);
}

std::shared_ptr<const ZarrCodec> makeZarrTranspose(std::vector<std::int64_t> extents, std::vector<std::size_t> order, std::size_t size) {
    return std::make_shared<const TransposeCodec>(std::move(extents), std::move(order), size);
}

}  // namespace driftscope::io
