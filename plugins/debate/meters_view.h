#pragma once

#include <QWidget>
#include <array>

class QGridLayout;
class QLabel;

namespace driftscope::debate {

class PlayModel;

/// What every party has spent up to the round looked at, beside what it may spend in the whole game and what simply asking
/// the judge every question would cost.
class MetersView : public QWidget {
    Q_OBJECT
  public:
    explicit MetersView(PlayModel& game, QWidget* parent = nullptr);

  private:
    static constexpr int kRows = 4;     // Alice, Bob, Vera, direct
    static constexpr int kColumns = 4;  // judgements, of at most, steps, bits
    void build();
    void refresh();
    void setRow(int row, const QString& queries, const QString& most, const QString& steps, const QString& bits);
    QString breakEvenText() const;

    PlayModel& game_;
    QGridLayout* grid_;
    std::array<std::array<QLabel*, kColumns>, kRows> cells_{};
    QLabel* note_;
};

}  // namespace driftscope::debate
