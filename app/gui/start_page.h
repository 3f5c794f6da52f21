#pragma once

#include <QWidget>
#include <utility>
#include <vector>

#include "app/gui/settings.h"

class QAction;
class QListWidget;
class QLabel;
class QPushButton;

namespace driftscope {

/// What is shown while no project is open: ways in, and the projects opened before.
class StartPage : public QWidget {
    Q_OBJECT
  public:
    /// One button per action; the first is the one a newcomer should press.
    explicit StartPage(const std::vector<QAction*>& waysIn, QWidget* parent = nullptr);

    /// Shows the buttons whose actions are visible.
    void refreshWaysIn();
    void setRecent(const std::vector<RecentProject>& projects);

  Q_SIGNALS:
    void openRequested(const QString& folder);
    void forgetRequested(const QString& folder);

  protected:
    void changeEvent(QEvent* event) override;

  private:
    QWidget* buildHead();
    QWidget* buildWaysIn(const std::vector<QAction*>& actions);
    void buildRecent();
    void restyle();

    std::vector<std::pair<QAction*, QPushButton*>> ways_;
    QLabel* tagline_;
    QLabel* hint_;
    QListWidget* recent_;
    QLabel* recentTitle_;
};

}  // namespace driftscope
