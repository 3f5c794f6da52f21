#pragma once

#include <QString>
#include <QStringList>

namespace driftscope::test {

/// Collects what makes a test program fail at its end: Qt, or our code through Qt warning unexpectedly. qWarning() is how a
/// wrong connection, a missing layout or a bad model tells about itself.
class StrictMessages {
  public:
    StrictMessages();
    ~StrictMessages();  ///< prints the list when there were any
    StrictMessages(const StrictMessages&) = delete;
    StrictMessages& operator=(const StrictMessages&) = delete;

    /// From now on messages containing `part` are fine.
    static void expect(const QString& part);
    static QStringList unexpected();
};

}  // namespace driftscope::test

/// main() of a widget test: a QApplication, isolated settings, and no unexpected warning.
#define DRIFTSCOPE_GUI_TEST_MAIN(TestClass)                        \
    int main(int argc, char** argv) {                              \
        driftscope::test::StrictMessages messages;                 \
        QStandardPaths::setTestModeEnabled(true);                  \
        QApplication application(argc, argv);                      \
        TestClass test;                                            \
        const int failures = QTest::qExec(&test, argc, argv);      \
        return failures + (messages.unexpected().isEmpty() ? 0 : 1); \
    }
