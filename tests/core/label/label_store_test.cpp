#include <chrono>

#include "tests/core/label/store_fixture.h"

namespace driftscope {
namespace {

using LabelStoreTest = StoreFixture;

/// What the events add up to; must always equal the table of current labels.
std::map<std::pair<std::string, LabelTarget>, std::string> replayed(const LabelStore& store) {
    std::map<std::pair<std::string, LabelTarget>, std::string> state;
    const auto events = store.events().value();
    for (const LabelEvent& event : events) {
        auto& value = state[{event.schema, event.target}];
        EXPECT_EQ(value, event.before) << "event " << event.id;
        value = event.after;
    }
    std::erase_if(state, [](const auto& entry) { return entry.second.empty(); });
    return state;
}

void expectConsistent(const LabelStore& store) {
    std::map<std::pair<std::string, LabelTarget>, std::string> current;
    const auto schemas = store.schemas().value();
    for (const LabelSchema& schema : schemas) {
        const auto labels = store.labels(schema.name).value();
        for (const Label& label : labels) current[{schema.name, label.target}] = label.label;
    }
    EXPECT_EQ(current, replayed(store));
}

TEST_F(LabelStoreTest, KeepsLabelsWithTheirAuthorOverReopening) {
    open();
    apply({{cell(1, 0), "mitosis"}, {cell(1, 1), "interphase"}});
    LabelStore& store = open();
    const auto labels = store.labels(kDivision).value();
    ASSERT_EQ(labels.size(), 2u);
    EXPECT_EQ(labels[0].target, cell(1, 0));
    EXPECT_EQ(labels[0].label, "mitosis");
    EXPECT_EQ(labels[0].annotator, "ada");
    EXPECT_EQ(labels[0].origin, "manual");
    EXPECT_GT(labels[0].time, 1.7e9);
    EXPECT_EQ(now(cell(1, 2)), "");
    EXPECT_EQ(store.counts(kDivision).value(),
              (std::map<std::string, std::int64_t>{{"interphase", 1}, {"mitosis", 1}}));
    EXPECT_TRUE(store.labels("infection_state").value().empty());
}

TEST_F(LabelStoreTest, UndoAndRedoWorkAcrossRestarts) {
    open();
    apply({{cell(1, 0), "mitosis"}});
    apply({{cell(1, 0), "interphase"}, {cell(2, 0), "mitosis"}});
    const auto undone = open().undo("ada").value();
    ASSERT_TRUE(undone);
    ASSERT_EQ(undone->size(), 2u);
    EXPECT_EQ(undone->front().origin, "undo");
    EXPECT_EQ(now(cell(1, 0)), "mitosis");
    EXPECT_EQ(now(cell(2, 0)), "");
    ASSERT_TRUE(open().undo("ada").value());
    EXPECT_EQ(now(cell(1, 0)), "");
    EXPECT_FALSE(store_->canUndo().value());
    EXPECT_FALSE(store_->undo("ada").value());

    ASSERT_TRUE(open().redo("ada").value());
    EXPECT_EQ(now(cell(1, 0)), "mitosis");
    EXPECT_EQ(now(cell(2, 0)), "");
    ASSERT_TRUE(open().redo("ada").value());
    EXPECT_EQ(now(cell(1, 0)), "interphase");
    EXPECT_EQ(now(cell(2, 0)), "mitosis");
    EXPECT_FALSE(store_->canRedo().value());
    ASSERT_TRUE(store_->undo("ada").value());
    EXPECT_EQ(now(cell(1, 0)), "mitosis");
    expectConsistent(*store_);
    EXPECT_EQ(store_->eventCount().value(), 3 + 2 + 1 + 1 + 2 + 2);
}

TEST_F(LabelStoreTest, ANewLabelForgetsWhatCouldBeRedone) {
    open();
    apply({{cell(1, 0), "mitosis"}});
    ASSERT_TRUE(store_->undo("ada").value());
    EXPECT_TRUE(store_->canRedo().value());
    apply({{cell(2, 0), "mitosis"}});
    EXPECT_FALSE(store_->canRedo().value());
    EXPECT_FALSE(store_->redo("ada").value());
    ASSERT_TRUE(store_->undo("ada").value());
    EXPECT_EQ(now(cell(2, 0)), "");
    EXPECT_FALSE(store_->canUndo().value()) << "the first batch was undone before";
    expectConsistent(*store_);
}

TEST_F(LabelStoreTest, LabelsThatComeBackKeepTheirAuthor) {
    open();
    apply({{cell(1, 0), "mitosis"}}, "ada");
    apply({{cell(1, 0), "interphase"}}, "bob");
    EXPECT_EQ(store_->labels(kDivision).value()[0].annotator, "bob");
    ASSERT_TRUE(store_->undo("cleo").value());
    const Label label = store_->labels(kDivision).value()[0];
    EXPECT_EQ(label.label, "mitosis");
    EXPECT_EQ(label.annotator, "ada");
    EXPECT_EQ(label.origin, "manual");
    const auto history = store_->history(kDivision, cell(1, 0)).value();
    ASSERT_EQ(history.size(), 3u);
    EXPECT_EQ(history[2].annotator, "cleo");
    EXPECT_EQ(history[2].before, "interphase");
    EXPECT_EQ(history[2].after, "mitosis");
    EXPECT_EQ(history[2].tool, "driftscope " DRIFTSCOPE_VERSION);
    EXPECT_EQ(history[1].origin, "manual");
}

TEST_F(LabelStoreTest, RepetitionsAreNotEventsButConfirmationsAre) {
    open();
    ASSERT_TRUE(store_->apply(kDivision, {{cell(1, 0), "mitosis"}}, "probe", "predicted"));
    EXPECT_GT(store_->apply(kDivision, {{cell(1, 0), "mitosis"}}, "ada").value(), 0)
        << "a person confirms a prediction";
    EXPECT_EQ(store_->apply(kDivision, {{cell(1, 0), "mitosis"}, {cell(9, 9), ""}}, "ada").value(), 0);
    EXPECT_EQ(store_->eventCount().value(), 2);
    EXPECT_EQ(store_->labels(kDivision).value()[0].origin, "manual");
}

TEST_F(LabelStoreTest, OneTargetTwiceInABatchIsUndoneWhole) {
    open();
    apply({{cell(1, 0), "mitosis"}, {cell(1, 0), "interphase"}, {cell(1, 0), ""}});
    EXPECT_EQ(now(cell(1, 0)), "");
    ASSERT_TRUE(store_->undo("ada").value());
    EXPECT_EQ(now(cell(1, 0)), "");
    ASSERT_TRUE(store_->redo("ada").value());
    EXPECT_EQ(now(cell(1, 0)), "");
    expectConsistent(*store_);
}

TEST_F(LabelStoreTest, AliasesAreStoredUnderTheirClass) {
    open();
    apply({{cell(1, 0), "Metaphase"}, {cell(2, 0), "0"}});
    EXPECT_EQ(now(cell(1, 0)), "mitosis");
    EXPECT_EQ(now(cell(2, 0)), "interphase");
}

TEST_F(LabelStoreTest, RenamedClassesTakeLabelsAndHistoryAlong) {
    open();
    apply({{cell(1, 0), "mitosis"}, {cell(2, 0), "interphase"}});
    LabelSchema schema = referenceSchemas()[0];
    std::swap(schema.classes[0].name, schema.classes[1].name);
    schema.classes[0].aliases = schema.classes[1].aliases = {};
    ASSERT_TRUE(store_->putSchema(schema, {{"mitosis", "interphase"}, {"interphase", "mitosis"}}));
    EXPECT_EQ(now(cell(1, 0)), "interphase") << "names were swapped";
    EXPECT_EQ(store_->history(kDivision, cell(2, 0)).value()[0].after, "mitosis");
    ASSERT_TRUE(open().undo("ada").value());
    EXPECT_EQ(now(cell(1, 0)), "");
}

TEST_F(LabelStoreTest, ClassesInUseCannotVanishAndUnusedOnesCanReturn) {
    open();
    apply({{cell(1, 0), "mitosis"}});
    LabelSchema without = referenceSchemas()[0];
    without.classes.pop_back();
    const auto refused = store_->putSchema(without);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().message, "The class \"mitosis\" of \"cell_division_state\" still has 1 labels.");
    EXPECT_EQ(store_->schemas().value()[0].classes.size(), 2u) << "a refused change leaves the schema";

    apply({{cell(1, 0), ""}});
    ASSERT_TRUE(store_->putSchema(without));
    const auto blocked = store_->undo("ada");
    ASSERT_FALSE(blocked);
    EXPECT_NE(blocked.error().message.find("mitosis"), std::string::npos);
    ASSERT_TRUE(store_->putSchema(referenceSchemas()[0]));
    ASSERT_TRUE(store_->undo("ada").value());
    EXPECT_EQ(now(cell(1, 0)), "mitosis");
}

TEST_F(LabelStoreTest, ARemovedSchemaComesBackWithItsLabels) {
    open();
    apply({{cell(1, 0), "mitosis"}});
    ASSERT_TRUE(store_->removeSchema(kDivision));
    EXPECT_EQ(store_->schemas().value().size(), 3u);
    EXPECT_FALSE(store_->labels(kDivision));
    EXPECT_FALSE(store_->canUndo().value()) << "what is hidden is not undone";
    ASSERT_TRUE(store_->putSchema(referenceSchemas()[0]));
    EXPECT_EQ(now(cell(1, 0)), "mitosis");
    EXPECT_TRUE(store_->canUndo().value());
}

TEST_F(LabelStoreTest, SchemasRoundTripThroughTheFile) {
    open();
    const auto stored = open().schemas().value();
    const auto given = referenceSchemas();
    ASSERT_EQ(stored.size(), given.size());
    for (std::size_t i = 0; i < given.size(); ++i) EXPECT_EQ(stored[i].toJson(), given[i].toJson());
}

TEST_F(LabelStoreTest, AHundredThousandLabelsInOneBatch) {
    open();
    std::vector<LabelChange> changes;
    for (int track = 0; track < 1000; ++track)
        for (int frame = 0; frame < 100; ++frame)
            changes.push_back({cell(track, frame), frame % 10 ? "interphase" : "mitosis"});
    const auto begin = std::chrono::steady_clock::now();
    apply(changes);
    const auto stored = std::chrono::steady_clock::now();
    EXPECT_EQ(store_->labels(kDivision).value().size(), 100000u);
    const auto read = std::chrono::steady_clock::now();
    ASSERT_TRUE(store_->undo("ada").value());
    const auto undone = std::chrono::steady_clock::now();
    EXPECT_TRUE(store_->labels(kDivision).value().empty());
    const auto seconds = [](auto a, auto b) { return std::chrono::duration<double>(b - a).count(); };
    fmt::print("100,000 labels: stored in {:.2f} s, read in {:.2f} s, undone in {:.2f} s\n", seconds(begin, stored),
               seconds(stored, read), seconds(read, undone));
    EXPECT_LT(seconds(begin, stored), 10.0) << "a batch must stay one transaction";
}

}  // namespace
}  // namespace driftscope
