#include <QLabel>
#include <QTest>
#include <memory>

#include "widgets/space/embedding_view_3d.h"

/// Qt's offscreen platform has no OpenGL: a context cannot be made there, so a label must come instead.
class Placeholder3DTest : public QObject {
    Q_OBJECT

  public:
    static void initMain() { qputenv("QT_QPA_PLATFORM", "offscreen"); }

  private Q_SLOTS:
    void aLabelSaysWhy() {
        const driftscope::View3DOrLabel made = driftscope::makeEmbeddingView3D();
        const std::unique_ptr<QWidget> owner(made.widget);
        QVERIFY(made.view == nullptr);
        const auto* label = qobject_cast<QLabel*>(made.widget);
        QVERIFY(label != nullptr && label->text().contains(QStringLiteral("OpenGL")));
        made.widget->show();
        QVERIFY(QTest::qWaitForWindowExposed(made.widget));
    }
};

QTEST_MAIN(Placeholder3DTest)
#include "placeholder_3d_test.moc"
