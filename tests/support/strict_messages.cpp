#include "tests/support/strict_messages.h"

#include <QtGlobal>
#include <cstdio>
#include <mutex>

namespace driftscope::test {
namespace {

std::mutex mutex;
QStringList expectedParts;
QStringList found;
QtMessageHandler previous = nullptr;

void handle(QtMsgType type, const QMessageLogContext& context, const QString& message) {
    if (type == QtWarningMsg || type == QtCriticalMsg) {
        const std::lock_guard lock(mutex);
        bool expected = false;
        for (const QString& part : expectedParts) expected |= message.contains(part);
        if (!expected) found.append(message);
    }
    if (previous)
        previous(type, context, message);
    else
        std::fprintf(stderr, "%s\n", qPrintable(message));
}

}  // namespace

StrictMessages::StrictMessages() {
    // Software displays have no settings service and some fonts fewer; neither says anything about us.
    expectedParts = {QStringLiteral("propagateSizeHints"), QStringLiteral("XDG_RUNTIME_DIR"), QStringLiteral("QStandardPaths: ")};
    previous = qInstallMessageHandler(handle);
}

StrictMessages::~StrictMessages() {
    qInstallMessageHandler(previous);
    for (const QString& message : found) std::fprintf(stderr, "FAIL: unexpected warning: %s\n", qPrintable(message));
}

void StrictMessages::expect(const QString& part) {
    const std::lock_guard lock(mutex);
    expectedParts.append(part);
}

QStringList StrictMessages::unexpected() {
    const std::lock_guard lock(mutex);
    return found;
}

}  // namespace driftscope::test
