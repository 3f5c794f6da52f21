#pragma once

#include <QWidget>

namespace driftscope::drift {

class RunCatalog;

class CurvesView : public QWidget {
    Q_OBJECT
  public:
    explicit CurvesView(QWidget* parent = nullptr);
};

}  // namespace driftscope::drift
