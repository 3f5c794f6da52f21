#pragma once

#include <QApplication>
#include <QPalette>
#include <QTemporaryDir>
#include <QTest>
#include <QWidget>
#include <memory>
#include <stdexcept>

#include "widgets/session/edit_stack.h"

namespace driftscope {

/// A project's label file with the division and the infection schema.
struct Labels {
    QTemporaryDir folder;
    std::unique_ptr<EditStack> edits;

    static void must(const Result<void>& done) {
        if (!done) throw std::runtime_error(done.error().text());
    }
    Labels() {
        edits = EditStack::open(folder.filePath(QStringLiteral("labels.sqlite")), QStringLiteral("ada")).value();
        must(edits->putSchema(referenceSchemas()[0]));
        must(edits->putSchema(referenceSchemas()[1]));
    }
    static LabelTarget cell(int track, int frame) { return {"plate", "A/1/0#" + std::to_string(track), frame}; }
    void apply(int track, int frame, const std::string& label) {
        must(edits->apply("cell_division_state", {{cell(track, frame), label}}));
    }
};

/// Shows a window so that it gets keys on a bare X display, where no window manager gives the focus.
inline bool showActive(QWidget& window) {
    window.show();
    window.activateWindow();
    return QTest::qWaitForWindowActive(&window);
}

inline QPalette darkPalette() {
    QPalette dark(QColor(45, 45, 48));
    dark.setColor(QPalette::Window, QColor(37, 37, 40));
    dark.setColor(QPalette::Base, QColor(28, 28, 30));
    dark.setColor(QPalette::AlternateBase, QColor(34, 34, 37));
    for (const auto role : {QPalette::WindowText, QPalette::Text, QPalette::ButtonText})
        dark.setColor(role, QColor(225, 225, 225));
    dark.setColor(QPalette::Highlight, QColor(64, 132, 214));
    dark.setColor(QPalette::HighlightedText, Qt::white);
    dark.setColor(QPalette::PlaceholderText, QColor(150, 150, 150));
    return dark;
}

/// Writes pictures of the widget in light and dark into the folder named by DRIFTSCOPE_SCREENSHOTS, if that is set.
inline void picture(QWidget& widget, const QString& name) {
    const QString folder = qEnvironmentVariable("DRIFTSCOPE_SCREENSHOTS");
    if (folder.isEmpty()) return;
    const QPalette light = QApplication::palette();
    widget.grab().save(folder + QLatin1Char('/') + name + QStringLiteral("-light.png"));
    QApplication::setPalette(darkPalette());
    QApplication::processEvents();
    widget.grab().save(folder + QLatin1Char('/') + name + QStringLiteral("-dark.png"));
    QApplication::setPalette(light);
    QApplication::processEvents();
}

}  // namespace driftscope
