#pragma once

#include <QWidget>

class QStackedWidget;
class QTabBar;

namespace driftscope::cells {

/// Two places for the same cells: where they are seen and labelled, and where they are analysed.
class ReadyPage : public QWidget {
    Q_OBJECT
  public:
    ReadyPage(QWidget* explore, QWidget* analysis, QWidget* parent = nullptr);
    void showAnalysis(bool on);
    bool showsAnalysis() const;

  private:
    QTabBar* tabs_;
    QStackedWidget* pages_;
};

}  // namespace driftscope::cells
