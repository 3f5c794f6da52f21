#include <QDir>
#include <QElapsedTimer>
#include <QTimer>
#include <cstdio>

#include "app/gui/application.h"
#include "app/gui/demo.h"
#include "app/gui/main_window.h"
#include "app/gui/options.h"
#include "app/gui/plugin_host.h"
#include "app/gui/session.h"
#include "app/gui/settings.h"
#include "plugins/api/panel_plugin.h"
#include "widgets/session/project.h"

using namespace driftscope;

namespace {

/// Prints when the window has painted for the first time, then ends the program.
class FirstPaint : public QObject {
  public:
    FirstPaint(QWidget& page, const QElapsedTimer& clock) : QObject(&page), clock_(clock) { page.installEventFilter(this); }

  protected:
    bool eventFilter(QObject* watched, QEvent* event) override {
        if (event->type() == QEvent::Paint) {
            watched->removeEventFilter(this);
            QTimer::singleShot(0, this, [this] {
                std::printf("%lld ms to the first page\n", static_cast<long long>(clock_.elapsed()));
                QCoreApplication::quit();
            });
        }
        return QObject::eventFilter(watched, event);
    }

  private:
    const QElapsedTimer& clock_;
};

QString demoFolder(const Options& options) {
    return options.project.isEmpty() ? QDir::homePath() + QStringLiteral("/Driftscope/demo") : options.project;
}

/// Makes the demo project if need be, opens it, and lets its panel prepare what is missing.
void openDemo(MainWindow& window, const Options& options) {
    auto demo = makeDemoProject(QStringLiteral(DRIFTSCOPE_RESOURCES), QStringLiteral("cells"), demoFolder(options));
    if (!demo) {
        window.showError(demo.error());
        return;
    }
    if (!window.openProject(demo->folder)) return;
    Panel* panel = window.openPanel(demo->panel);
    if (!panel || !panel->saveState()[QStringLiteral("images")].toString().isEmpty()) return;
    if (const auto started = panel->restoreState(demo->request); !started) window.showError(started.error());
}

/// Walks through the demo, leaves its report and ends the program: 0 when every step happened.
void tourDemo(MainWindow& window, const Options& options) {
    auto demo = makeDemoProject(QStringLiteral(DRIFTSCOPE_RESOURCES), QStringLiteral("cells"), demoFolder(options));
    if (!demo) {
        std::fprintf(stderr, "driftscope: %s\n", demo.error().text().c_str());
        QCoreApplication::exit(exitCode(demo.error().code));
        return;
    }
    auto* tour = new DemoTour(window, std::move(*demo), options.report, &window);
    QObject::connect(tour, &DemoTour::finished, &window, [](bool ok, const QString& message) {
        std::fprintf(ok ? stdout : stderr, "%s\n", qPrintable(message));
        QCoreApplication::exit(ok ? 0 : exitCode(ErrorCode::Internal));
    });
    tour->start();
}

void openWhatWasAsked(MainWindow& window, const Options& options) {
    if (options.demo) {
        options.report.isEmpty() ? openDemo(window, options) : tourDemo(window, options);
        return;
    }
    if (!options.project.isEmpty()) {
        const bool isThere = Project::isProject(options.project);
        if (!(isThere ? window.openProject(options.project) : window.createProject(options.project))) return;
    }
    if (!options.open.isEmpty()) window.openPath(options.open);
    if (!options.panel.isEmpty() && window.project()) window.openPanel(options.panel);
}

}  // namespace

int main(int argc, char** argv) {
    QElapsedTimer clock;
    clock.start();
    Application application(argc, argv);
    QCoreApplication::setApplicationName(QStringLiteral("driftscope"));
    QCoreApplication::setApplicationVersion(QStringLiteral(DRIFTSCOPE_VERSION));
    const auto options = parseOptions(QCoreApplication::arguments(), QCoreApplication::applicationDirPath());
    if (!options) {
        std::fprintf(stderr, "driftscope: %s\n", options.error().text().c_str());
        return exitCode(options.error().code);
    }
    if (!options->output.isEmpty()) {
        std::printf("%s", qPrintable(options->output));
        return 0;
    }
    Settings settings(options->settings);
    applyTheme(settings.theme());
    PluginHost host;
    host.scan(options->plugins);
    Session session(options->runner, settings.annotator(), settings.cacheBytes());
    MainWindow window(settings, host, session);
    QObject::connect(&application, &Application::failed, &window, [&window](const QString& message) { window.showError(message); });
    window.setDemo([&window, &options] { openDemo(window, *options); });
    window.show();
    if (options->quitAfterStart) new FirstPaint(*window.centralWidget(), clock);
    QTimer::singleShot(0, &window, [&] { openWhatWasAsked(window, *options); });
    return QApplication::exec();
}
