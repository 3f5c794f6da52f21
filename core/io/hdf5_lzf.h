#pragma once

namespace driftscope::io {

/// Teaches HDF5 to read LZF, h5py's own compression, which AnnData's older files use. Call it with HDF5's lock held; calls after the
/// first do nothing.
void registerLzf();

}  // namespace driftscope::io
