#pragma once

#include <QWidget>
#include <memory>

class QComboBox;
class QLabel;
class QVBoxLayout;

namespace driftscope::debate {

struct Arena;
class FactsView;
class OracleBox;
class ParametersBox;
class PlayersBox;
class SetupModel;

/// The left column: what is debated, by whom, under which parameters.
class SetupView : public QWidget {
    Q_OBJECT
  public:
    explicit SetupView(SetupModel& setup, QWidget* parent = nullptr);
    void setArena(std::shared_ptr<const Arena> arena);

  Q_SIGNALS:
    void editRequested();

  private:
    void addSection(const QString& title, QWidget* content);
    QWidget* buildComputation();
    QWidget* buildByHand();
    void refresh();

    SetupModel& setup_;
    QVBoxLayout* column_;
    QComboBox* computation_;
    QLabel* about_;
    FactsView* facts_;
    PlayersBox* players_;
    ParametersBox* parameters_;
    OracleBox* oracle_;
    QWidget *parametersTitle_ = nullptr, *byHand_;
};

}  // namespace driftscope::debate
