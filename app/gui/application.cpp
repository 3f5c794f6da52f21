#include "app/gui/application.h"

#include <exception>

namespace driftscope {

bool Application::notify(QObject* receiver, QEvent* event) {
    try {
        return QApplication::notify(receiver, event);
    } catch (const std::exception& error) {
        Q_EMIT failed(tr("Something went wrong inside: %1").arg(QString::fromUtf8(error.what())));
    } catch (...) {
        Q_EMIT failed(tr("Something went wrong inside, and it does not say what."));
    }
    return false;
}

}  // namespace driftscope
