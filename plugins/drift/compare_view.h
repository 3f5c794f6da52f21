#pragma once

#include <QWidget>

namespace driftscope::drift {

class RunCatalog;

class CompareView : public QWidget {
    Q_OBJECT
  public:
    explicit CompareView(QWidget* parent = nullptr);
};

}  // namespace driftscope::drift
