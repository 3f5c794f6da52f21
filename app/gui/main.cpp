#include <QElapsedTimer>
#include <QTimer>
#include <cstdio>

#include "app/gui/application.h"
#include "app/gui/main_window.h"
#include "app/gui/options.h"
#include "app/gui/plugin_host.h"
#include "app/gui/session.h"
#include "app/gui/settings.h"
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

void openWhatWasAsked(MainWindow& window, const Options& options) {
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
    window.show();
    if (options->quitAfterStart) new FirstPaint(*window.centralWidget(), clock);
    QTimer::singleShot(0, &window, [&] { openWhatWasAsked(window, *options); });
    return QApplication::exec();
}
