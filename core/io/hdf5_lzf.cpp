#include "core/io/hdf5_lzf.h"

#include <hdf5.h>

#include <algorithm>
#include <cstdint>
#include <cstdlib>

namespace driftscope::io {
namespace {

constexpr H5Z_filter_t kLzf = 32000;  ///< registered with The HDF Group by h5py
constexpr std::size_t kLargestChunk = std::size_t{1} << 32;

/// Marc Lehmann's LZF format. Returns the number of bytes written, or 0 when the input is damaged or does not fit.
std::size_t decodeLzf(const std::uint8_t* in, std::size_t inSize, std::uint8_t* out, std::size_t outSize) {
    std::size_t at = 0;
    std::size_t to = 0;
    while (at < inSize) {
        const std::size_t control = in[at++];
        if (control < 32) {  // a run of control + 1 literal bytes
            const std::size_t length = control + 1;
            if (length > inSize - at || length > outSize - to) return 0;
            std::copy_n(in + at, length, out + to);
            at += length;
            to += length;
            continue;
        }
        std::size_t length = control >> 5;
        if (length == 7) {
            if (at >= inSize) return 0;
            length += in[at++];
        }
        length += 2;
        if (at >= inSize) return 0;
        const std::size_t distance = ((control & 31) << 8) + in[at++] + 1;
        if (distance > to || length > outSize - to) return 0;
        for (std::size_t i = 0; i < length; ++i, ++to) out[to] = out[to - distance];  // may overlap itself
    }
    return to;
}

std::size_t filterLzf(unsigned flags, std::size_t count, const unsigned values[], std::size_t inSize, std::size_t* bufferSize, void** buffer) {
    const std::size_t size = count >= 3 ? values[2] : 0;  // the chunk's size before compression
    if (!(flags & H5Z_FLAG_REVERSE) || size == 0 || size > kLargestChunk) return 0;
    auto* out = static_cast<std::uint8_t*>(std::malloc(size));  // HDF5 frees it
    if (!out) return 0;
    const std::size_t written = decodeLzf(static_cast<const std::uint8_t*>(*buffer), inSize, out, size);
    if (written == 0) {
        std::free(out);
        return 0;
    }
    std::free(*buffer);
    *buffer = out;
    *bufferSize = size;
    return written;
}

}  // namespace

void registerLzf() {
    if (H5Zfilter_avail(kLzf) > 0) return;
    const H5Z_class2_t filter = {H5Z_CLASS_T_VERS, kLzf, 0, 1, "lzf", nullptr, nullptr, filterLzf};
    H5Zregister(&filter);
}

}  // namespace driftscope::io
