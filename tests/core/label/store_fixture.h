#pragma once

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>

#include "core/label/label_store.h"

namespace driftscope {

/// A fresh folder with a label file; removed at the end.
class StoreFixture : public ::testing::Test {
  protected:
    void SetUp() override {
        const auto* test = ::testing::UnitTest::GetInstance()->current_test_info();
        folder_ = std::filesystem::temp_directory_path() /
                  fmt::format("driftscope-{}-{}-{}", test->test_suite_name(), test->name(), ::getpid());
        std::filesystem::create_directories(folder_);
        file_ = folder_ / "labels.sqlite";
    }
    void TearDown() override {
        store_.reset();
        std::filesystem::remove_all(folder_);
    }

    /// Opens the file (again) and adds the schemas of the reference to a new one.
    LabelStore& open() {
        store_.reset();
        const bool fresh = !std::filesystem::exists(file_);
        auto opened = LabelStore::open(file_);
        if (!opened) throw std::runtime_error(opened.error().text());
        store_ = std::move(*opened);
        if (fresh)
            for (const LabelSchema& schema : referenceSchemas())
                if (auto put = store_->putSchema(schema); !put) throw std::runtime_error(put.error().text());
        return *store_;
    }
    void close() { store_.reset(); }

    static LabelTarget cell(int track, int frame) { return {"plate.zarr", fmt::format("A/1/0#{}", track), frame}; }
    std::string now(const LabelTarget& target, const std::string& schema = kDivision) {
        return store_->label(schema, target).value();
    }
    void apply(std::vector<LabelChange> changes, const std::string& who = "ada") {
        auto stored = store_->apply(kDivision, changes, who);
        ASSERT_TRUE(stored) << stored.error().text();
    }

    static constexpr const char* kDivision = "cell_division_state";
    std::filesystem::path folder_, file_;
    std::unique_ptr<LabelStore> store_;
};

}  // namespace driftscope
