#include <QApplication>
#include <QLabel>
#include <QMainWindow>

int main(int argc, char** argv) {
    QApplication application(argc, argv);
    QMainWindow window;
    window.setWindowTitle(QStringLiteral("Driftscope"));
    window.setCentralWidget(new QLabel(QStringLiteral("Driftscope " DRIFTSCOPE_VERSION)));
    window.resize(1280, 800);
    window.show();
    return QApplication::exec();
}
