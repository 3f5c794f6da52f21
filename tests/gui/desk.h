#pragma once

#include <QAction>
#include <QApplication>
#include <QFileDialog>
#include <QJsonObject>
#include <QLineEdit>
#include <QTest>
#include <QTimer>
#include <memory>

#include "app/gui/main_window.h"
#include "app/gui/plugin_host.h"
#include "app/gui/session.h"
#include "app/gui/settings.h"
#include "plugins/api/panel_plugin.h"

namespace driftscope::test {

inline constexpr int kPreparationMs = 600'000;
inline const QString kBin = QStringLiteral(DRIFTSCOPE_BINARY_DIR "/bin/");

/// The window with everything it needs, as main() builds it.
struct Desk {
    explicit Desk(const QString& settingsFolder)
        : settings(settingsFolder), session(kBin + QStringLiteral("driftscope-run"), QStringLiteral("tester"), 256u << 20), host() {
        host.scan(QStringLiteral(DRIFTSCOPE_BINARY_DIR "/lib/plugins"));
        window = std::make_unique<MainWindow>(settings, host, session);
        window->resize(1400, 900);
        window->show();
    }
    Panel* panel() const { return window->panel(QStringLiteral("cells")); }
    QJsonObject state() const { return panel() ? panel()->saveState() : QJsonObject(); }
    int labelled() const { return state()[QStringLiteral("labelled")].toInt(); }
    bool ready() const { return state()[QStringLiteral("stage")].toString() == QLatin1String("ready"); }
    template <class W>
    W* find() const {
        for (W* found : panel()->widget()->findChildren<W*>())
            if (found->isVisible()) return found;
        return nullptr;
    }

    Settings settings;
    Session session;
    PluginHost host;
    std::unique_ptr<MainWindow> window;
};

/// Types a path into the next file dialog and accepts it.
inline void answerFileDialog(const QString& path) {
    auto* timer = new QTimer(qApp);
    QObject::connect(timer, &QTimer::timeout, timer, [timer, path] {
        auto* dialog = qobject_cast<QFileDialog*>(QApplication::activeModalWidget());
        if (!dialog) return;
        timer->deleteLater();
        dialog->findChild<QLineEdit*>(QStringLiteral("fileNameEdit"))->setText(path);
        QTest::keyClick(dialog->findChild<QLineEdit*>(QStringLiteral("fileNameEdit")), Qt::Key_Return);
    });
    timer->start(100);
}

}  // namespace driftscope::test
