#pragma once

#include <memory>

#include "core/io/safetensors.h"

namespace driftscope::llm {

/// The weights of a model folder, memory-mapped: model.safetensors, or the shards that model.safetensors.index.json lists.
class WeightFiles {
  public:
    /// Errors: no safetensors (pickle files are refused with the remedy), a shard that is missing or damaged, a tensor the
    /// index places in a file that lacks it, or that two shards hold.
    static Result<WeightFiles> open(const std::filesystem::path& folder);
    /// One file, for adapters.
    static Result<WeightFiles> openFile(const std::filesystem::path& file);

    struct Entry {
        io::StoredTensor tensor;
        std::shared_ptr<const io::SafetensorsFile> file;  ///< keeps the mapping alive
    };
    const std::map<std::string, Entry>& tensors() const { return tensors_; }
    const std::map<std::string, std::string>& metadata() const { return metadata_; }
    const std::string& place() const { return place_; }  ///< for errors

  private:
    Result<void> add(const std::filesystem::path& file);

    std::map<std::string, Entry> tensors_;
    std::map<std::string, std::string> metadata_;
    std::string place_;
};

/// The error for a pickle file where safetensors are expected; unpickling would run code from the file.
tl::unexpected<Error> refusePickle(const std::filesystem::path& file);

}  // namespace driftscope::llm
