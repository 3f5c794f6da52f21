// Frame times of the embedding views beside VTK's, in one run. Needs a display: run it with
// tests/support/under_xvfb.sh.
//   space_bench [points] [tracks] [vtk] [3d]      parts to measure; all without a name
#include <vtkActor.h>
#include <vtkCamera.h>
#include <vtkCellArray.h>
#include <vtkNew.h>
#include <vtkPointData.h>
#include <vtkPointGaussianMapper.h>
#include <vtkPoints.h>
#include <vtkPolyData.h>
#include <vtkPolyDataMapper.h>
#include <vtkProperty.h>
#include <vtkRenderWindow.h>
#include <vtkRenderer.h>
#include <vtkSmartPointer.h>
#include <vtkUnsignedCharArray.h>
#include <QApplication>
#include <QKeyEvent>
#include <QLocale>
#include <QMouseEvent>
#include <QWindow>

#include <chrono>
#include <cmath>
#include <cstdio>
#include <ctime>
#include <fstream>
#include <functional>
#include <random>
#include <string>

#include "widgets/space/embedding_view_2d.h"
#include "widgets/space/embedding_view_3d.h"
#include "widgets/space/polygon_mask.h"

using namespace driftscope;
using Clock = std::chrono::steady_clock;

namespace {

constexpr int kFrames = 15;

struct Times {
    std::vector<double> wall, cpu;  // ms
};

double processCpu() {
    timespec now{};
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return static_cast<double>(now.tv_sec) * 1e3 + static_cast<double>(now.tv_nsec) * 1e-6;
}

double quantile(std::vector<double> values, double q) {
    std::sort(values.begin(), values.end());
    return values[static_cast<std::size_t>(std::lround(q * static_cast<double>(values.size() - 1)))];
}

void measure(Times& times, const std::function<void()>& work) {
    const auto start = Clock::now();
    const double cpu = processCpu();
    work();
    times.cpu.push_back(processCpu() - cpu);
    times.wall.push_back(std::chrono::duration<double, std::milli>(Clock::now() - start).count());
}

void report(const std::string& what, const Times& times, const std::string& note = {}) {
    std::printf("%-58s median %8.2f ms  p95 %8.2f ms  cpu %8.2f ms  %s\n", what.c_str(), quantile(times.wall, 0.5),
                quantile(times.wall, 0.95), quantile(times.cpu, 0.5), note.c_str());
    std::fflush(stdout);
}

struct Points {
    std::vector<float> x, y, z;
    std::vector<int> group;
};

Points blobs(std::size_t count) {
    std::mt19937 random(1);
    std::normal_distribution<float> spread(0, 0.6F);
    Points points;
    for (std::size_t i = 0; i < count; ++i) {
        const int k = static_cast<int>(random() % 30);
        points.group.push_back(k);
        points.x.push_back(spread(random) + static_cast<float>(k % 6) * 3);
        points.y.push_back(spread(random) + static_cast<float>(k / 6) * 2);
        points.z.push_back(spread(random) + static_cast<float>(k % 5) * 2);
    }
    return points;
}

QStringList names() {
    QStringList list;
    for (int k = 0; k < 30; ++k) list << QStringLiteral("group %1").arg(k);
    return list;
}

void waitUntil(const std::function<bool()>& done) {
    while (!done()) QApplication::processEvents(QEventLoop::AllEvents, 20);
}

void show(QWidget& widget) {
    widget.resize(1920, 1080);
    widget.show();
    for (int i = 0; i < 20; ++i) QApplication::processEvents(QEventLoop::AllEvents, 20);
    waitUntil([&] { return widget.windowHandle() != nullptr && widget.windowHandle()->isExposed(); });
}

Times pan(EmbeddingView2D& view) {
    Times times;
    for (int frame = 0; frame < kFrames + 3; ++frame) {
        view.setView(view.view().panned({3, frame % 2 ? 2.0 : -2.0}));
        Times one;
        measure(one, [&] { view.repaint(); });
        if (frame < 3) continue;  // the first frames learn the cost of a point
        times.wall.push_back(one.wall.front());
        times.cpu.push_back(one.cpu.front());
    }
    return times;
}

QPolygonF flower() {
    QPolygonF outline;
    for (int i = 0; i < 300; ++i) {
        const double angle = i * 0.0209, radius = 330 + 70 * std::sin(7 * angle);
        outline << QPointF(960 + 1.6 * radius * std::cos(angle), 540 + radius * std::sin(angle));
    }
    return outline;
}

void benchInteraction(EmbeddingView2D& view, const Points& points, const std::string& label) {
    Times hover, lasso, recolour, select;
    std::size_t inside = 0;
    const auto& scene = view.scene();
    for (int i = 0; i < kFrames; ++i) {
        const QPointF at(300 + i * 60, 400 + i * 11);
        QMouseEvent move(QEvent::MouseMove, at, view.mapToGlobal(at), Qt::NoButton, Qt::NoButton, Qt::NoModifier);
        measure(hover, [&] {
            QApplication::sendEvent(&view, &move);
            QApplication::processEvents();
        });
        measure(lasso, [&] {
            inside = space::idsInside(*scene.cloud(), scene.raster().style().words(), space::kHidden, view.view(),
                                      view.size(), flower(), &scene.team())
                         .size();
        });
    }
    std::vector<float> values(points.x.begin(), points.x.end());
    for (int i = 0; i < 9; ++i) {
        auto copy = values;
        measure(recolour, [&] {
            view.setContinuous(std::move(copy), QStringLiteral("x"));
            view.repaint();
        });
        waitUntil([&] { return scene.settled(); });
        std::vector<std::uint32_t> ids;
        for (std::uint32_t id = static_cast<std::uint32_t>(i); id < points.x.size(); id += 10) ids.push_back(id);
        const IdSet set(std::move(ids));
        measure(select, [&] {
            view.setSelection(set);
            view.repaint();
        });
    }
    view.setSelection({});
    report(label + " hover, with repaint", hover);
    report(label + " lasso of 300 corners", lasso,
           QLocale::c().toString(static_cast<qulonglong>(inside)).toStdString() + " points inside");
    report(label + " new colour column, with frame", recolour);
    report(label + " select every tenth, with frame", select);
}

void benchPoints(std::size_t count) {
    const Points points = blobs(count);
    const std::string label = "2-D " + QLocale::c().toString(static_cast<qulonglong>(count)).toStdString();
    EmbeddingView2D view;
    show(view);
    Times arrange;
    measure(arrange, [&] {
        view.setPoints(points.x, points.y);
        waitUntil([&] { return !view.isArranging(); });
    });
    view.setCategories(points.group, {}, names(), QStringLiteral("group"));
    view.repaint();
    waitUntil([&] { return view.scene().settled(); });
    report(label + " arrange (once, background)", arrange);
    const Times moving = pan(view);
    report(label + " pan, as seen while moving", moving,
           std::to_string(100 * view.scene().raster().drawn() / count) + " % of points");
    view.setFrameBudget(std::chrono::hours(1));
    report(label + " pan, every point", pan(view));
    waitUntil([&] { return view.isComplete() && view.scene().settled(); });
    benchInteraction(view, points, label);
}

void benchTracks() {
    constexpr std::size_t kTracks = 100000, kSteps = 50;
    std::mt19937 random(2);
    std::normal_distribution<float> spread(0, 1);
    std::vector<float> x, y;
    std::vector<std::vector<std::uint32_t>> rows(kTracks);
    std::vector<std::int64_t> steps;
    for (std::size_t t = 0; t < kTracks; ++t) {
        const std::uint32_t k = random() % 30;
        float px = spread(random) * 0.6F + static_cast<float>(k % 6) * 3,
              py = spread(random) * 0.6F + static_cast<float>(k / 6) * 2;
        for (std::size_t s = 0; s < kSteps; ++s) {
            rows[t].push_back(static_cast<std::uint32_t>(x.size()));
            x.push_back(px += spread(random) * 0.03F);
            y.push_back(py += spread(random) * 0.03F);
            steps.push_back(static_cast<std::int64_t>(s));
        }
    }
    EmbeddingView2D view;
    show(view);
    view.setPoints(x, y);
    waitUntil([&] { return !view.isArranging(); });
    view.setTrajectories(rows, steps);
    view.setTrackScope(EmbeddingView2D::TrackScope::All);
    view.setFrameBudget(std::chrono::milliseconds(25));
    report("2-D 100,000 tracks x 50 and points, while moving", pan(view));
    view.setCurrentStep(25, {{10, 0}});
    report("2-D the same, window of 10 steps, while moving", pan(view));
    view.setFrameBudget(std::chrono::hours(1));
    report("2-D the same, window of 10 steps, everything", pan(view));
    view.setCurrentStep({});
    report("2-D 100,000 tracks x 50 and points, everything", pan(view));
}

vtkSmartPointer<vtkPolyData> vtkPointsOf(const Points& points, bool flat) {
    auto data = vtkSmartPointer<vtkPolyData>::New();
    vtkNew<vtkPoints> positions;
    vtkNew<vtkCellArray> cells;
    vtkNew<vtkUnsignedCharArray> colours;
    colours->SetNumberOfComponents(3);
    positions->SetDataTypeToFloat();
    cells->InsertNextCell(static_cast<vtkIdType>(points.x.size()));
    for (std::size_t i = 0; i < points.x.size(); ++i) {
        cells->InsertCellPoint(positions->InsertNextPoint(points.x[i], points.y[i], flat ? 0 : points.z[i]));
        const auto level = static_cast<unsigned char>(points.group[i] * 8);
        const unsigned char rgb[3] = {level, static_cast<unsigned char>(255 - level), 128};
        colours->InsertNextTypedTuple(rgb);
    }
    data->SetPoints(positions);
    data->SetVerts(cells);
    data->GetPointData()->SetScalars(colours);
    return data;
}

void benchVtk2D(const Points& points) {
    const vtkSmartPointer<vtkPolyData> data = vtkPointsOf(points, true);
    for (const bool gaussian : {false, true}) {
        vtkNew<vtkRenderWindow> window;
        window->SetOffScreenRendering(1);
        window->SetMultiSamples(0);
        window->SetSize(1920, 1080);
        vtkNew<vtkRenderer> renderer;
        window->AddRenderer(renderer);
        vtkSmartPointer<vtkPolyDataMapper> mapper;
        if (gaussian) {
            auto splats = vtkSmartPointer<vtkPointGaussianMapper>::New();
            splats->SetScaleFactor(0);
            splats->EmissiveOff();
            mapper = splats;
        } else {
            mapper = vtkSmartPointer<vtkPolyDataMapper>::New();
        }
        mapper->SetInputData(data);
        mapper->SetColorModeToDirectScalars();
        vtkNew<vtkActor> actor;
        actor->SetMapper(mapper);
        actor->GetProperty()->LightingOff();
        renderer->AddActor(actor);
        renderer->GetActiveCamera()->ParallelProjectionOn();
        renderer->ResetCamera();
        window->Render();
        Times times;
        for (int frame = 0; frame < kFrames; ++frame) {
            double focus[3], position[3];
            renderer->GetActiveCamera()->GetFocalPoint(focus);
            renderer->GetActiveCamera()->GetPosition(position);
            renderer->GetActiveCamera()->SetFocalPoint(focus[0] + 0.02, focus[1], focus[2]);
            renderer->GetActiveCamera()->SetPosition(position[0] + 0.02, position[1], position[2]);
            measure(times, [&] {
                window->Render();
                window->WaitForCompletion();
            });
        }
        report(gaussian ? "VTK 2-D 1,000,000 vtkPointGaussianMapper" : "VTK 2-D 1,000,000 vtkPolyDataMapper", times);
    }
}

void bench3D(const Points& points) {
    const View3DOrLabel made = makeEmbeddingView3D();
    const std::unique_ptr<QWidget> owner(made.widget);
    if (made.view == nullptr) {
        std::printf("3-D: no OpenGL on this display\n");
        return;
    }
    show(*made.view);
    made.view->setPoints(points.x, points.y, points.z);
    made.view->setCategories(points.group, {}, names(), QStringLiteral("group"));
    auto* surface = made.view->findChild<QWidget*>(QStringLiteral("scene"));
    surface->repaint();
    Times moving, rest, pick;
    for (int frame = 0; frame < kFrames; ++frame) {
        QKeyEvent turn(QEvent::KeyPress, Qt::Key_Right, Qt::NoModifier);
        QApplication::sendEvent(made.view, &turn);
        measure(moving, [&] { surface->repaint(); });
    }
    for (int frame = 0; frame < 9; ++frame) {
        waitUntil([start = Clock::now()] { return Clock::now() - start > std::chrono::milliseconds(250); });
        QKeyEvent turn(QEvent::KeyPress, Qt::Key_Right, Qt::NoModifier);
        QApplication::sendEvent(made.view, &turn);
        measure(rest, [&] { (void)made.view->image(); });
        QMouseEvent move(QEvent::MouseMove, QPointF(600 + frame * 40, 500), QPointF(), Qt::NoButton, Qt::NoButton,
                         Qt::NoModifier);
        measure(pick, [&] { QApplication::sendEvent(surface, &move); });
    }
    report("3-D 1,000,000 orbit, as seen while moving", moving);
    report("3-D 1,000,000 at rest, every point", rest);
    report("3-D 1,000,000 hover pick", pick);
}

}  // namespace

int main(int argc, char** argv) {
    QApplication application(argc, argv);
    std::string load;
    std::getline(std::ifstream("/proc/loadavg"), load);
    std::printf("Driftscope %s, 1920x1080, load %s\n", DRIFTSCOPE_VERSION, load.c_str());
    const QStringList parts = QApplication::arguments().mid(1);
    const auto chosen = [&](const char* part) { return parts.isEmpty() || parts.contains(QLatin1String(part)); };
    if (chosen("points"))
        for (std::size_t count : {std::size_t{100000}, std::size_t{1000000}, std::size_t{10000000}}) benchPoints(count);
    if (chosen("tracks")) benchTracks();
    const Points million = blobs(1000000);
    if (chosen("vtk")) benchVtk2D(million);
    if (chosen("3d")) bench3D(million);
    return 0;
}
