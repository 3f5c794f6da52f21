#pragma once

#include <QWidget>
#include <map>

class QCheckBox;
class QGridLayout;
class QLabel;
class QLineEdit;

namespace driftscope::drift {

class StudySetup;

/// Methods x poison ratios x seeds: what a study compares. Common values are checked, others typed.
class GridBox : public QWidget {
    Q_OBJECT
  public:
    explicit GridBox(StudySetup& setup, QWidget* parent = nullptr);
    /// What is typed and not understood; empty when all is well.
    QString problem() const { return problem_; }

  private:
    void buildMethods(QGridLayout& grid);
    QLineEdit* buildNumbers(QGridLayout& grid, int row, const QString& title, const QString& help, const std::vector<double>& common, std::map<double, QCheckBox*>& boxes, const char* name);
    void take();
    void refresh();

    StudySetup& setup_;
    std::map<QString, QCheckBox*> methods_;
    std::map<double, QCheckBox*> ratios_, seeds_;
    QLineEdit *moreRatios_, *moreSeeds_;
    QString problem_;
    bool taking_ = false;
};

}  // namespace driftscope::drift
