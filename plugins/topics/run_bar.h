#pragma once

#include <QWidget>

class QComboBox;
class QLabel;
class QProgressBar;
class QToolButton;

namespace driftscope::topics {

class Workspace;

/// One line above the tabs: which corpus and which run are looked at, how the run was made, and whether something is being read.
class RunBar : public QWidget {
    Q_OBJECT
  public:
    explicit RunBar(Workspace& workspace, QWidget* parent = nullptr);
    void step(int by);  ///< the next or previous run

  private:
    void refreshList();
    void refreshFacts();

    Workspace& workspace_;
    QComboBox *corpora_, *runs_;
    QLabel* facts_;
    QProgressBar* busy_;
};

}  // namespace driftscope::topics
