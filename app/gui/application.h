#pragma once

#include <QApplication>

namespace driftscope {

/// An exception in an event handler, for example of a panel plugin, becomes a message instead of the end of the program.
class Application : public QApplication {
    Q_OBJECT
  public:
    using QApplication::QApplication;
    bool notify(QObject* receiver, QEvent* event) override;

  Q_SIGNALS:
    void failed(const QString& message);
};

}  // namespace driftscope
