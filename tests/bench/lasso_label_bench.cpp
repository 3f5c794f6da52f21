// How long the window is held when a lasso labels many cells, and when they are on disk: stored at once as small edits
// are, and later. FOLDER should lie on the disk that projects lie on.
//   lasso_label_bench [FOLDER] [labels=100000]
#include <QApplication>
#include <QElapsedTimer>
#include <QEventLoop>
#include <QTimer>
#include <algorithm>
#include <cstdio>
#include <filesystem>

#include "widgets/session/edit_stack.h"

using namespace driftscope;

namespace {

/// The longest time between two turns of the event loop.
class Gap : public QObject {
  public:
    Gap() {
        connect(&timer_, &QTimer::timeout, this, [this] { longest_ = std::max(longest_, since_.restart()); });
        timer_.start(0);
        since_.start();
    }
    qint64 longest() const { return std::max(longest_, since_.elapsed()); }

  private:
    QTimer timer_;
    QElapsedTimer since_;
    qint64 longest_ = 0;
};

std::vector<LabelChange> changes(int count, const char* label) {
    std::vector<LabelChange> all;
    for (int i = 0; i < count; ++i) all.push_back({{"plate.zarr", "A/1/0#" + std::to_string(i / 50), i % 50}, label});
    return all;
}

void report(const char* what, qint64 onDisk, qint64 held) {
    std::printf("%-34s on disk and shown after %6lld ms, window held for %6lld ms\n", what,
                static_cast<long long>(onDisk), static_cast<long long>(held));
}

}  // namespace

int main(int argc, char** argv) {
    qputenv("QT_QPA_PLATFORM", "offscreen");
    QApplication app(argc, argv);  // undo and redo are actions
    const std::filesystem::path file =
        std::filesystem::path(argc > 1 ? argv[1] : ".") / "lasso_label_bench.sqlite";
    const int count = argc > 2 ? std::max(1, std::atoi(argv[2])) : 100000;
    std::filesystem::remove(file);
    auto stack = EditStack::open(QString::fromStdString(file.string()), QStringLiteral("ada"));
    if (!stack || !(*stack)->putSchema(referenceSchemas()[0])) {
        std::fprintf(stderr, "%s\n", stack ? "no schema" : stack.error().text().c_str());
        return 3;
    }
    EditStack& edits = **stack;
    const std::string schema = referenceSchemas()[0].name;
    std::printf("%d labels\n", count);
    const auto first = changes(count, "mitosis"), second = changes(count, "interphase");
    QElapsedTimer timer;
    timer.start();
    if (!edits.apply(schema, first)) return 3;
    report("stored at once", timer.elapsed(), timer.elapsed());
    const auto later = [&](const char* what, const auto& start) {
        Gap gap;
        QEventLoop loop;
        QObject::connect(&edits, &EditStack::storingChanged, &loop, [&](bool storing) {
            if (!storing) loop.quit();
        });
        timer.restart();
        start();
        if (edits.isStoring()) loop.exec();
        report(what, timer.elapsed(), gap.longest());
    };
    later("stored later", [&] { edits.applyLater(schema, second); });
    later("taken back", [&] { edits.undo(); });
    stack->reset();
    for (const char* ending : {"", ".lock", "-wal", "-shm"}) std::filesystem::remove(file.string() + ending);
    return 0;
}
