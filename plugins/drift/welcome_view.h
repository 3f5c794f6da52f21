#pragma once

#include <QWidget>

class QPushButton;
class QVBoxLayout;

namespace driftscope::drift {

/// The first page, before there is a run: what the panel is for, and the ways in.
class WelcomeView : public QWidget {
    Q_OBJECT
  public:
    explicit WelcomeView(QWidget* parent = nullptr);

  Q_SIGNALS:
    void demoRequested();
    void studyRequested();
    void openRequested();

  private:
    QPushButton* addWay(QVBoxLayout* column, const char* name, const QString& title, const QString& about);
};

}  // namespace driftscope::drift
