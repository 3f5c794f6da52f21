#pragma once

#include <QWidget>

namespace driftscope::drift {

class RunCatalog;

class StudyView : public QWidget {
    Q_OBJECT
  public:
    explicit StudyView(QWidget* parent = nullptr);
};

}  // namespace driftscope::drift
