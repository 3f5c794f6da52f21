#pragma once

#include "core/io/h5ad_columns.h"

namespace driftscope::io {

/// A frame stored as one compound dataset, as AnnData wrote until 0.6. Integer members that have `categories` are codes.
Result<H5adFrame> readCompoundFrame(const Hdf5Object& dataset, const std::map<std::string, std::vector<std::string>>& categories, bool indexOnly);

/// The members of a compound dataset that are vectors of numbers (obsm), as matrices; others are named in `warnings`.
Result<std::vector<std::pair<std::string, Matrix>>> readCompoundMatrices(const Hdf5Object& dataset, std::vector<std::string>& warnings);

/// Names and lengths of the members of a compound dataset; length 1 for plain numbers and texts.
std::vector<std::pair<std::string, std::size_t>> compoundMembers(const Hdf5Object& dataset);

}  // namespace driftscope::io
