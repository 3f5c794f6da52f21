#pragma once

#include <cstdint>
#include <cstring>
#include <optional>
#include <string_view>

namespace driftscope::llm {

/// Walks the fields of one protobuf message in wire format (https://protobuf.dev/programming-guides/encoding). Our own,
/// because the libraries that read SentencePiece models cannot share a process with LibTorch.
class ProtobufReader {
  public:
    struct Field {
        std::uint32_t number = 0;
        std::uint64_t value = 0;  ///< of varints and fixed-width numbers
        std::string_view bytes;   ///< of strings and messages

        float real() const {
            const auto bits = static_cast<std::uint32_t>(value);
            float number32 = 0;
            std::memcpy(&number32, &bits, sizeof bits);
            return number32;
        }
    };

    explicit ProtobufReader(std::string_view message) : message_(message) {}

    /// The next field; empty at the end, or when the message is malformed (see malformed()).
    std::optional<Field> next() {
        if (message_.empty() || malformed_) return std::nullopt;
        const std::uint64_t tag = varint();
        Field field{static_cast<std::uint32_t>(tag >> 3), 0, {}};
        if (field.number == 0 || tag >> 3 > 0x1FFFFFFF) malformed_ = true;
        switch (tag & 7) {
            case 0:
                field.value = varint();
                break;
            case 1:
                field.value = fixed(8);
                break;
            case 2:
                field.bytes = take(varint());
                break;
            case 5:
                field.value = fixed(4);
                break;
            default:
                malformed_ = true;  // groups are long deprecated
        }
        return malformed_ ? std::nullopt : std::optional(field);
    }

    bool malformed() const { return malformed_; }

  private:
    std::uint64_t varint() {
        std::uint64_t value = 0;
        for (int shift = 0; shift < 64; shift += 7) {
            if (message_.empty()) break;
            const auto byte = static_cast<unsigned char>(message_.front());
            message_.remove_prefix(1);
            value |= static_cast<std::uint64_t>(byte & 0x7F) << shift;
            if (byte < 0x80) return value;
        }
        malformed_ = true;
        return 0;
    }

    std::uint64_t fixed(std::size_t size) {
        std::uint64_t value = 0;
        const std::string_view bytes = take(size);
        if (!bytes.empty()) std::memcpy(&value, bytes.data(), bytes.size());
        return value;
    }

    std::string_view take(std::uint64_t size) {
        if (size > message_.size()) {
            malformed_ = true;
            return {};
        }
        const std::string_view taken = message_.substr(0, size);
        message_.remove_prefix(size);
        return taken;
    }

    std::string_view message_;
    bool malformed_ = false;
};

}  // namespace driftscope::llm
