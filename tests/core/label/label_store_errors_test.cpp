#include <sqlite3.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include <gmock/gmock.h>
#include <csignal>
#include <fstream>

#include "tests/core/label/store_fixture.h"

namespace driftscope {
namespace {

using ::testing::HasSubstr;
using LabelStoreErrorsTest = StoreFixture;

void runSql(const std::filesystem::path& file, const std::string& sql) {
    sqlite3* handle = nullptr;
    ASSERT_EQ(sqlite3_open(file.c_str(), &handle), SQLITE_OK);
    ASSERT_EQ(sqlite3_exec(handle, sql.c_str(), nullptr, nullptr, nullptr), SQLITE_OK) << sqlite3_errmsg(handle);
    sqlite3_close(handle);
}

TEST_F(LabelStoreErrorsTest, UnknownClassAndSchemaAreNamedAndNothingIsStored) {
    open();
    const auto wrongClass = store_->apply(kDivision, {{cell(1, 0), "mitosis"}, {cell(1, 1), "mitossis"}}, "ada");
    ASSERT_FALSE(wrongClass);
    EXPECT_EQ(wrongClass.error().code, ErrorCode::BadInput);
    EXPECT_THAT(wrongClass.error().message, HasSubstr("mitossis"));
    EXPECT_THAT(wrongClass.error().remedy, HasSubstr("interphase, mitosis"));
    const auto wrongSchema = store_->apply("colour", {{cell(1, 0), "red"}}, "ada");
    ASSERT_FALSE(wrongSchema);
    EXPECT_THAT(wrongSchema.error().text(), HasSubstr("infection_state"));
    EXPECT_FALSE(store_->apply(kDivision, {{cell(1, 0), "mitosis"}}, ""));
    EXPECT_EQ(store_->eventCount().value(), 0);
    EXPECT_EQ(now(cell(1, 0)), "");
}

TEST_F(LabelStoreErrorsTest, ASecondWriterIsToldWhoHoldsTheFile) {
    open();
    const auto second = LabelStore::open(file_);
    ASSERT_FALSE(second);
    EXPECT_THAT(second.error().message, HasSubstr(fmt::format("process {} (core_label_test", ::getpid())));
    close();
    EXPECT_TRUE(LabelStore::open(file_)) << "the lock goes with its holder";
}

TEST_F(LabelStoreErrorsTest, TheLockOfADeadProcessIsTakenOver) {
    const pid_t child = ::fork();
    if (child == 0) {
        auto held = LabelStore::open(file_);
        ::kill(::getpid(), SIGKILL);
    }
    int status = 0;
    ::waitpid(child, &status, 0);
    ASSERT_TRUE(WIFSIGNALED(status));
    EXPECT_TRUE(LabelStore::open(file_));
}

TEST_F(LabelStoreErrorsTest, ReadersWorkBesideAWriterAndCannotWrite) {
    open();
    apply({{cell(1, 0), "mitosis"}});
    auto reader = LabelStore::openForReading(file_).value();
    EXPECT_EQ(reader->label(kDivision, cell(1, 0)).value(), "mitosis");
    apply({{cell(2, 0), "mitosis"}});
    EXPECT_EQ(reader->labels(kDivision).value().size(), 2u);
    const auto refused = reader->apply(kDivision, {{cell(1, 0), ""}}, "ada");
    ASSERT_FALSE(refused);
    EXPECT_THAT(refused.error().message, HasSubstr("reading only"));
    EXPECT_FALSE(reader->undo("ada"));
    EXPECT_FALSE(LabelStore::openForReading(folder_ / "none.sqlite"));
}

TEST_F(LabelStoreErrorsTest, ABusyFileIsReportedAndNothingIsStored) {
    open();
    sqlite3* other = nullptr;
    ASSERT_EQ(sqlite3_open(file_.c_str(), &other), SQLITE_OK);
    ASSERT_EQ(sqlite3_exec(other, "BEGIN IMMEDIATE", nullptr, nullptr, nullptr), SQLITE_OK);
    const auto busy = store_->apply(kDivision, {{cell(1, 0), "mitosis"}}, "ada");
    ASSERT_FALSE(busy);
    EXPECT_THAT(busy.error().message, HasSubstr("being written by another program"));
    sqlite3_close(other);
    EXPECT_EQ(store_->eventCount().value(), 0);
    apply({{cell(1, 0), "mitosis"}});
}

TEST_F(LabelStoreErrorsTest, AFullDiskStoresNothingAndTheNextTryWorks) {
    open();
    apply({{cell(1, 0), "mitosis"}});
    std::vector<LabelChange> many;
    for (int track = 0; track < 20000; ++track) many.push_back({cell(track, 7), "interphase"});

    std::signal(SIGXFSZ, SIG_IGN);
    rlimit before{};
    ::getrlimit(RLIMIT_FSIZE, &before);
    const rlimit tight{512 * 1024, before.rlim_max};
    ::setrlimit(RLIMIT_FSIZE, &tight);
    const auto full = store_->apply(kDivision, many, "ada");
    ::setrlimit(RLIMIT_FSIZE, &before);

    ASSERT_FALSE(full);
    EXPECT_EQ(full.error().code, ErrorCode::Io);
    EXPECT_THAT(full.error().message, HasSubstr("the disk is full"));
    EXPECT_EQ(store_->eventCount().value(), 1);
    apply(many);
    EXPECT_EQ(open().eventCount().value(), 20001);
}

TEST_F(LabelStoreErrorsTest, AReadOnlyFileOpensForReading) {
    open();
    apply({{cell(1, 0), "mitosis"}});
    close();
    std::filesystem::permissions(file_, std::filesystem::perms::owner_read);
    std::filesystem::permissions(folder_, std::filesystem::perms::owner_read | std::filesystem::perms::owner_exec);
    auto reader = LabelStore::openForReading(file_);
    auto writer = ::geteuid() == 0
                      ? Result<std::unique_ptr<LabelStore>>(fail(ErrorCode::Io, "root may write everywhere"))
                      : LabelStore::open(file_);
    std::filesystem::permissions(folder_, std::filesystem::perms::owner_all);
    ASSERT_TRUE(reader) << reader.error().text();
    EXPECT_EQ((*reader)->label(kDivision, cell(1, 0)).value(), "mitosis");
    EXPECT_FALSE(writer);
}

TEST_F(LabelStoreErrorsTest, ForeignNewerAndDamagedFilesAreRefusedWithAReason) {
    const auto reason = [&] {
        auto opened = LabelStore::open(file_);
        return opened ? std::string("opened") : opened.error().message;
    };
    std::ofstream(file_) << "fov_name,track_id\nA/1/0,3\n";
    EXPECT_THAT(reason(), HasSubstr("damaged or not a label file"));
    std::filesystem::remove(file_);
    runSql(file_, "CREATE TABLE notes(text)");
    EXPECT_THAT(reason(), HasSubstr("another program"));
    std::filesystem::remove(file_);
    open();
    close();
    runSql(file_, "PRAGMA user_version=99");
    EXPECT_THAT(reason(), HasSubstr("newer Driftscope (format 99"));
    auto reader = LabelStore::openForReading(file_);
    EXPECT_FALSE(reader);
}

TEST_F(LabelStoreErrorsTest, ADamagedPageIsFoundOnOpening) {
    open();
    std::vector<LabelChange> many;
    for (int track = 0; track < 5000; ++track) many.push_back({cell(track, 7), "interphase"});
    apply(many);
    close();
    const auto size = std::filesystem::file_size(file_);
    std::fstream file(file_, std::ios::in | std::ios::out | std::ios::binary);
    file.seekp(static_cast<std::streamoff>(size / 2 / 4096 * 4096));
    file << std::string(4096, '\x5a');
    file.close();
    const auto opened = LabelStore::open(file_);
    ASSERT_FALSE(opened);
    EXPECT_THAT(opened.error().message, HasSubstr("damaged"));
    EXPECT_THAT(opened.error().remedy, HasSubstr(".recover"));
}

}  // namespace
}  // namespace driftscope
