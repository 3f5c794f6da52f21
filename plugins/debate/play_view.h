#pragma once

#include <QWidget>

class QLabel;
class QSlider;
class QSpinBox;
class QTableView;
class QToolButton;

namespace driftscope::debate {

class ClaimScale;
class MetersView;
class MoveBar;
class PlayModel;
class SetupModel;
class TranscriptModel;

/// One game, step by step: what is said now, the transcript, what it cost, and going back and forth.
class PlayView : public QWidget {
    Q_OBJECT
  public:
    PlayView(PlayModel& game, SetupModel& setup, QWidget* parent = nullptr);

    MoveBar& moves() { return *moves_; }
    QTableView& transcript() { return *table_; }

  protected:
    bool eventFilter(QObject* watched, QEvent* event) override;
    void changeEvent(QEvent* event) override;

  private:
    QWidget* buildTransport();
    QToolButton* tool(const QString& text, const QString& help);
    void buildTable();
    void refresh();
    void refreshScale();
    int currentRow() const;
    void newGame();
    void drawPlay();

    PlayModel& game_;
    SetupModel& setup_;
    MoveBar* moves_;
    ClaimScale* scale_;
    MetersView* meters_;
    QTableView* table_;
    TranscriptModel* transcript_;
    QToolButton *first_ = nullptr, *back_ = nullptr, *play_ = nullptr, *forward_ = nullptr, *last_ = nullptr, *takeBack_ = nullptr;
    QSlider* slider_ = nullptr;
    QLabel* where_ = nullptr;
    QSpinBox* gameNumber_ = nullptr;
};

}  // namespace driftscope::debate
