#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "core/base/error.h"
#include "core/io/hdf5_object.h"
#include "core/table/embedding_table.h"

namespace driftscope::io {

/// Columns of a data frame in their order, and what could not be represented.
struct H5adFrame {
    std::vector<std::string> index;
    std::vector<std::pair<std::string, Column>> columns;
    std::vector<std::string> warnings;
};

/// Reads obs or var of any AnnData encoding: a compound dataset (0.5; `categories` holds the texts that uns kept for it), or
/// a group whose categories are referenced (0.7) or nested (0.8 and later). `indexOnly` skips the columns.
Result<H5adFrame> readH5adFrame(const Hdf5Object& frame, const std::map<std::string, std::vector<std::string>>& categories, bool indexOnly);

/// Writes a data frame in encoding 0.2.0 of AnnData 0.8. Errors: names that HDF5 or AnnData reserve.
Result<void> writeH5adFrame(const Hdf5Object& parent, const std::string& name, const std::vector<std::string>& index,
                            const std::vector<std::pair<std::string, const Column*>>& columns);

/// Marks an element with its encoding, as AnnData does.
Result<void> setEncoding(const Hdf5Object& object, const std::string& type, const std::string& version);

}  // namespace driftscope::io
