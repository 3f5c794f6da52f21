// How long after asking for a frame the right frame is on screen: 1024 x 1024 uint16 with masks, Blosc zstd, from
// cache, while stepping with a held key, and at random with the disk cache dropped. Budgets: 16 ms from cache, 50 ms
// cold.
//   tests/support/under_xvfb.sh build/release/bin/scrub_bench [frames=1000]
#include <fcntl.h>
#include <unistd.h>

#include <QApplication>
#include <QElapsedTimer>
#include <QEventLoop>
#include <QProcess>
#include <QTemporaryDir>
#include <QTimer>
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <filesystem>
#include <random>

#include "core/io/plate_writer.h"
#include "core/io/time_lapse.h"
#include "widgets/image/time_lapse_canvas.h"

using namespace driftscope;
namespace fs = std::filesystem;

namespace {

constexpr int kSize = 1024;

struct Cell {
    double x, y, radius;
};

std::vector<Cell> cells() {
    std::mt19937 random(7);
    std::vector<Cell> all;
    for (int row = 0; row < 14; ++row)
        for (int column = 0; column < 14; ++column)
            all.push_back({40.0 + column * 72 + static_cast<double>(random() % 14),
                           40.0 + row * 72 + static_cast<double>(random() % 14), 14.0 + random() % 10});
    return all;
}

io::TimeLapseInfo describe(int frames, const char* channel, const char* type) {
    io::TimeLapseInfo info;
    info.name = "A/1/0";
    info.shape = {frames, 1, 1, kSize, kSize};
    info.channels = {{channel, 0xFFFFFF, 100, 3000}};
    info.scale = {5, 1, 1, 0.325, 0.325};
    info.unit = {"minute", "", "micrometer", "micrometer", "micrometer"};
    info.pixelType = type;
    return info;
}

void require(const Result<void>& result) {
    if (!result) {
        std::fprintf(stderr, "%s\n", result.error().text().c_str());
        std::exit(1);
    }
}

/// Blobs that drift, on camera noise: about 2:1 under zstd, like real data.
void writePlates(const fs::path& images, const fs::path& masks, int frames) {
    auto pixels = *io::PlateWriter::create(images, "A/1/0", describe(frames, "nuclei", "uint16"), "uint16");
    auto labels = *io::PlateWriter::create(masks, "A/1/0", describe(frames, "labels", "uint32"), "uint32");
    const std::vector<Cell> all = cells();
    std::mt19937 random(1);
    io::FloatImage noise(kSize, kSize);
    for (float& pixel : noise.pixels) pixel = 200.0F + static_cast<float>(random() % 64);
    for (int t = 0; t < frames; ++t) {
        io::FloatImage image = noise;
        io::LabelImage mask(kSize, kSize);
        for (std::size_t i = 0; i < all.size(); ++i) {
            const double x = all[i].x + 6 * std::sin(t * 0.05 + static_cast<double>(i)),
                         y = all[i].y + 6 * std::cos(t * 0.04 + static_cast<double>(i));
            const int reach = static_cast<int>(all[i].radius);
            for (int dy = -reach; dy <= reach; ++dy)
                for (int dx = -reach; dx <= reach; ++dx) {
                    const int px = static_cast<int>(x) + dx, py = static_cast<int>(y) + dy;
                    if (!mask.contains(py, px) || dx * dx + dy * dy > reach * reach) continue;
                    mask.at(py, px) = static_cast<std::uint32_t>(i + 1);
                    image.at(py, px) += 1500.0F + static_cast<float>((px * 31 + py * 17) % 200);
                }
        }
        require(pixels->writePlane(t, 0, 0, image));
        require(labels->writeLabels(t, 0, 0, mask));
        if (t % 100 == 0) std::fprintf(stderr, "writing frame %d of %d\n", t, frames);
    }
}

/// Takes the files out of the operating system's cache, so that the disk is read.
void dropFromCache(const fs::path& folder) {
    for (const auto& entry : fs::recursive_directory_iterator(folder)) {
        if (!entry.is_regular_file()) continue;
        const int file = ::open(entry.path().c_str(), O_RDONLY);
        if (file < 0) continue;
        ::fdatasync(file);
        ::posix_fadvise(file, 0, 0, POSIX_FADV_DONTNEED);
        ::close(file);
    }
}

class Meter {
  public:
    explicit Meter(image::TimeLapseCanvas& canvas) : canvas_(canvas) {
        QObject::connect(&canvas, &image::TimeLapseCanvas::framePainted, &canvas, [this](int frame) {
            if (frame == wanted_ && canvas_.shown()->labels) loop_.quit();
        });
        giveUp_.setSingleShot(true);
        QObject::connect(&giveUp_, &QTimer::timeout, &loop_, &QEventLoop::quit);
    }

    /// Milliseconds from asking until the right frame has been painted; NaN after 5 s.
    double go(int frame) {
        if (frame == canvas_.frame()) frame = frame > 0 ? frame - 1 : 1;  // asking for what is shown paints nothing
        wanted_ = frame;
        QElapsedTimer timer;
        timer.start();
        canvas_.setFrame(frame);
        const double blocked = static_cast<double>(timer.nsecsElapsed()) * 1e-6;
        longestBlock_ = std::max(longestBlock_, blocked);
        giveUp_.start(5000);
        loop_.exec();
        giveUp_.stop();
        return canvas_.shownFrame() == frame ? static_cast<double>(timer.nsecsElapsed()) * 1e-6 : std::nan("");
    }
    double longestBlock() const { return longestBlock_; }

  private:
    image::TimeLapseCanvas& canvas_;
    QEventLoop loop_;
    QTimer giveUp_;
    int wanted_ = -1;
    double longestBlock_ = 0;
};

void pause(int ms) {
    QEventLoop loop;
    QTimer::singleShot(ms, &loop, &QEventLoop::quit);
    loop.exec();
}

void print(const char* what, std::vector<double> ms, double budget) {
    std::sort(ms.begin(), ms.end());
    const double median = ms[ms.size() / 2], p95 = ms[ms.size() * 95 / 100];
    std::printf("%-58s median %6.1f ms  p95 %6.1f ms  max %6.1f ms  n %4zu  budget %.0f ms  %s\n", what, median, p95,
                ms.back(), ms.size(), budget, p95 <= budget ? "kept" : "MISSED");
}

void printPeer(const fs::path& images, const fs::path& masks, int frames) {
    const char* script =
        "import sys, time, random, zarr, numpy\n"
        "a = zarr.open(sys.argv[1], 'r')['A/1/0/0']; b = zarr.open(sys.argv[2], 'r')['A/1/0/0']; random.seed(1); ms = "
        "[]\n"
        "for _ in range(60):\n"
        "    t = random.randrange(int(sys.argv[3])); s = time.perf_counter(); a[t, 0, 0]; b[t, 0, 0]; ms.append(1e3 * "
        "(time.perf_counter() - s))\n"
        "ms.sort(); print('zarr-python %s, decode only, disk cache warm: median %.1f ms  p95 %.1f ms' % "
        "(zarr.__version__, ms[30], ms[57]))\n";
    QProcess python;
    python.setProcessChannelMode(QProcess::ForwardedErrorChannel);
    python.start(QStringLiteral("/usr/bin/python3"),
                 {QStringLiteral("-c"), QString::fromLatin1(script), QString::fromStdString(images.string()),
                  QString::fromStdString(masks.string()), QString::number(frames)});
    python.waitForFinished(120000);
    std::printf("%s", python.readAllStandardOutput().constData());
}

}  // namespace

int main(int argc, char** argv) {
    QApplication app(argc, argv);
    const int frames = argc > 1 ? std::max(100, std::atoi(argv[1])) : 1000;
    const QTemporaryDir folder;
    const fs::path root = folder.path().toStdString(), images = root / "images.zarr", masks = root / "masks.zarr";
    writePlates(images, masks, frames);

    image::TimeLapseCanvas canvas;
    canvas.resize(1280, 1000);
    canvas.setSource(*io::openTimeLapse(images));
    require(canvas.setLabels(*io::openTimeLapse(masks)));
    canvas.setCellColors([](std::uint32_t id) { return QColor::fromHsv(static_cast<int>(id * 37 % 360), 180, 240); });
    canvas.show();
    Meter meter(canvas);
    pause(1500);

    std::mt19937 random(2);
    std::vector<double> cold, diskWarm, held, cached;
    dropFromCache(root);
    for (int i = 0; i < 150; ++i) cold.push_back(meter.go(static_cast<int>(random() % static_cast<unsigned>(frames))));
    for (int t = 0; t < frames; t += frames / 60) diskWarm.push_back(meter.go(t));
    meter.go(0);
    pause(500);
    for (int i = 1; i < 240 && i < frames; ++i) {  // a held key repeats 30 times a second
        held.push_back(meter.go(i));
        pause(std::max(1, 33 - static_cast<int>(held.back())));
    }
    const int last = canvas.frame();
    for (int i = 0; i < 400; ++i) cached.push_back(meter.go(last - 1 - static_cast<int>(random() % 30)));

    std::printf("%d frames of %d x %d px uint16 with %zu masks, window %d x %d\n", frames, kSize, kSize, cells().size(),
                canvas.width(), canvas.height());
    print("from cache, random among 30 decoded frames", cached, 16);
    print("held key, 30 steps/s, decoded ahead", held, 16);
    print("random frame, disk cache warm", diskWarm, 50);
    print("random frame, disk cache dropped", cold, 50);
    std::printf("longest time setFrame() held the window: %.2f ms\n", meter.longestBlock());
    printPeer(images, masks, frames);
    return 0;
}
