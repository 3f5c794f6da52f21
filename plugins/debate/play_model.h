#pragma once

#include <QJsonObject>
#include <QObject>
#include <QTimer>
#include <memory>

#include "core/debate/play.h"

namespace driftscope::debate {

/// One game as it is watched and played: where it stands, and which round is looked at. Going back only looks; a person's
/// move after going back is not possible, taking back is.
class PlayModel : public QObject {
    Q_OBJECT
  public:
    explicit PlayModel(QObject* parent = nullptr);

    /// A new game; null removes it. Recorded moves are played again up to `rounds` (all when negative).
    void start(std::shared_ptr<const Arena> arena, const PlayOptions& options, const std::vector<Move>& moves = {}, std::int64_t rounds = 0);
    const std::shared_ptr<const Arena>& arena() const { return arena_; }
    const PlayOptions& options() const { return options_; }
    const Play* play() const { return play_.get(); }
    QString problem() const { return problem_; }  ///< why there is no game

    int rounds() const { return play_ ? static_cast<int>(play_->rounds().size()) : 0; }
    /// How many rounds are behind the person who looks: 0 before the first.
    int position() const { return position_; }
    const Round* current() const;  ///< the round just looked at; null at the start
    bool atEnd() const { return position_ == rounds(); }
    /// The question that a person must answer next, or nothing.
    QString openQuestion() const;
    bool over() const { return play_ && play_->over(); }
    /// What a person must do now; nothing while looking back.
    const Prompt* prompt() const;
    Meters meters() const;  ///< at the position
    std::string prefix() const;  ///< answers before the current round, shortened at the front

    /// Another game is on its way (the next start()): what is asked for meanwhile happens then.
    void setWaiting() { waiting_ = true; }
    void stepForward();
    void stepBack() { goTo(position_ - 1); }
    void goTo(int position);
    void finish();    ///< to the end, or to a person's move
    void restart();   ///< the same game from its first step, without anybody's moves
    void takeBack();  ///< the last round, or a half-finished one
    void move(Move move);
    bool isPlaying() const { return timer_.isActive(); }
    void setPlaying(bool on);

    QJsonObject save() const;

  Q_SIGNALS:
    void gameChanged();      ///< another game
    void changed();          ///< rounds, position or whose turn it is
    void playingChanged(bool on);
    void failed(const QString& text);
    /// The game cannot go on before a person has answered this question.
    void answerNeeded(const QString& question);

  private:
    bool waitsForAnswer();
    void rebuild(const std::vector<Move>& moves, std::int64_t rounds);
    void finishSlice();

    std::shared_ptr<const Arena> arena_;
    PlayOptions options_;
    std::unique_ptr<Play> play_;
    QString problem_;
    enum class Wish { None, Step, Finish, Play };
    bool waiting_ = false;
    Wish wish_ = Wish::None;
    int position_ = 0;
    QTimer timer_;
    QTimer slices_;  ///< goes on with finish() when the window has answered
};

}  // namespace driftscope::debate
