#pragma once

#include <QWidget>

class QComboBox;
class QDoubleSpinBox;
class QLabel;
class QPushButton;
class QSpinBox;

namespace driftscope::topics {

struct EnsembleSettings;
class Comparison;
class FiguresTable;
class Workspace;

/// Joins the compared runs into one: its topics with the members that support them, and whether it agrees with human categories
/// better than they do.
class EnsembleView : public QWidget {
    Q_OBJECT
  public:
    EnsembleView(Workspace& workspace, Comparison& comparison, QWidget* parent = nullptr);
    FiguresTable& table() const { return *table_; }
    FiguresTable& scores() const { return *scores_; }
    void join();
    /// Starts topics.ensemble with the same settings, whose result is a run like any other.
    void keep();

  Q_SIGNALS:
    void said(const QString& text);
    void openRequested(const QString& folder);

  private:
    QWidget* buildSettings();
    EnsembleSettings settings() const;
    void refresh();
    void chooseMember(std::size_t row);

    Workspace& workspace_;
    Comparison& comparison_;
    QComboBox *distance_, *linkage_, *aggregate_;
    QSpinBox *clusters_, *support_;
    QDoubleSpinBox* threshold_;
    QPushButton *join_, *keep_;
    QLabel* summary_;
    FiguresTable *scores_, *table_;
    QString kept_;  ///< job whose run is opened when it is done
};

}  // namespace driftscope::topics
