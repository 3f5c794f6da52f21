#include "plugins/debate/play_model.h"

#include <QElapsedTimer>
#include <QJsonArray>
#include <algorithm>
#include <utility>

#include "widgets/session/json_bridge.h"

namespace driftscope::debate {
namespace {

constexpr int kPlayIntervalMs = 350;
constexpr qint64 kSliceMs = 30;
constexpr std::size_t kPrefixShown = 60;

}  // namespace

PlayModel::PlayModel(QObject* parent) : QObject(parent) {
    timer_.setInterval(kPlayIntervalMs);
    slices_.setInterval(0);
    connect(&slices_, &QTimer::timeout, this, &PlayModel::finishSlice);
    connect(&timer_, &QTimer::timeout, this, [this] {
        stepForward();
        if (prompt() || (over() && atEnd())) setPlaying(false);
    });
}

void PlayModel::start(std::shared_ptr<const Arena> arena, const PlayOptions& options, const std::vector<Move>& moves, std::int64_t rounds) {
    setPlaying(false);
    arena_ = std::move(arena);
    options_ = options;
    rebuild(moves, rounds);
    waiting_ = false;
    Q_EMIT gameChanged();
    Q_EMIT changed();
    switch (std::exchange(wish_, Wish::None)) {
        case Wish::None: break;
        case Wish::Step: stepForward(); break;
        case Wish::Finish: finish(); break;
        case Wish::Play: setPlaying(true); break;
    }
}

void PlayModel::rebuild(const std::vector<Move>& moves, std::int64_t rounds) {
    slices_.stop();
    play_.reset();
    problem_.clear();
    position_ = 0;
    if (!arena_) return;
    auto made = makePlay(arena_, options_);
    if (!made) {
        problem_ = QString::fromStdString(made.error().text());
        return;
    }
    play_ = std::move(*made);
    play_->replay(moves, rounds);
    position_ = this->rounds();
}

const Round* PlayModel::current() const {
    return play_ && position_ > 0 ? &play_->rounds()[static_cast<std::size_t>(position_) - 1] : nullptr;
}

const Prompt* PlayModel::prompt() const {
    return play_ && atEnd() && play_->prompt() ? &*play_->prompt() : nullptr;
}

Meters PlayModel::meters() const {
    if (!play_) return {};
    if (atEnd()) return play_->meters();
    return current() ? current()->after : Meters{};
}

std::string PlayModel::prefix() const {
    if (!play_ || options_.protocol != "stochastic") return {};
    const auto known = static_cast<std::size_t>(prompt() ? position_ : std::max(0, position_ - 1));
    std::string answers;
    for (std::size_t i = known > kPrefixShown ? known - kPrefixShown : 0; i < known; ++i) answers += play_->rounds()[i].answer ? '1' : '0';
    return known > kPrefixShown ? "…" + answers : answers;
}

void PlayModel::stepForward() {
    if (waiting_) wish_ = Wish::Step;
    if (!play_ || waiting_) return;
    if (!atEnd()) {
        goTo(position_ + 1);
        return;
    }
    if (play_->over() || play_->prompt() || waitsForAnswer()) return;
    play_->advance();
    position_ = rounds();
    Q_EMIT changed();
}

QString PlayModel::openQuestion() const {
    if (!play_ || play_->over() || arena_->unanswered.empty()) return {};
    // The deterministic protocols speak about the whole trace, and need every answer before they start.
    if (options_.protocol != "stochastic") return QString::fromStdString(arena_->unanswered.front());
    const std::string next = arena_->setup.machine->question(rounds());
    const bool open = std::ranges::find(arena_->unanswered, next) != arena_->unanswered.end();
    return open ? QString::fromStdString(next) : QString();
}

bool PlayModel::waitsForAnswer() {
    const QString question = openQuestion();
    if (question.isEmpty()) return false;
    setPlaying(false);
    Q_EMIT answerNeeded(question);
    return true;
}

void PlayModel::goTo(int position) {
    slices_.stop();
    const int wanted = std::clamp(position, 0, rounds());
    if (wanted == position_) return;
    position_ = wanted;
    Q_EMIT changed();
}

void PlayModel::finish() {
    if (waiting_) wish_ = Wish::Finish;
    if (!play_ || waiting_) return;
    finishSlice();
}

void PlayModel::finishSlice() {
    slices_.stop();
    if (!play_ || waiting_) return;
    QElapsedTimer clock;
    clock.start();
    bool more = true;
    while (more && clock.elapsed() < kSliceMs) {
        more = !play_->over() && !play_->prompt() && !waitsForAnswer();
        if (more) play_->advance();
    }
    position_ = rounds();
    if (more) slices_.start();
    Q_EMIT changed();
}

void PlayModel::restart() {
    setPlaying(false);
    rebuild({}, 0);
    Q_EMIT changed();
}

void PlayModel::takeBack() {
    if (!play_) return;
    setPlaying(false);
    const std::vector<Move> moves = play_->moves();
    // A claim stated but not yet answered is taken back first, then whole rounds.
    const bool halfDone = play_->prompt() && play_->prompt()->party != Party::Alice && options_.seats.alice;
    const std::int64_t kept = halfDone ? rounds() : rounds() - 1;
    rebuild(moves, std::max<std::int64_t>(0, kept));
    Q_EMIT changed();
}

void PlayModel::move(Move move) {
    const Prompt* asked = prompt();
    if (!asked || waiting_) return;
    move.party = asked->party;
    const auto done = play_->move(move);
    if (!done) {
        Q_EMIT failed(QString::fromStdString(done.error().text()));
        return;
    }
    // On to the end of this round, so that the answer to the move is seen at once.
    const int before = rounds();
    while (!play_->over() && !play_->prompt() && rounds() == before) play_->advance();  // this question is answered already
    position_ = rounds();
    Q_EMIT changed();
}

void PlayModel::setPlaying(bool on) {
    if (on && waiting_) wish_ = Wish::Play;
    if (on == isPlaying() || (on && waiting_)) return;
    if (on && (!play_ || (over() && atEnd()))) return;
    on ? timer_.start() : timer_.stop();
    Q_EMIT playingChanged(on);
}

QJsonObject PlayModel::save() const {
    if (!play_ || (rounds() == 0 && play_->moves().empty())) return {};
    nlohmann::json moves = nlohmann::json::array();
    for (const Move& move : play_->moves()) moves.push_back(move.toJson());
    return toQt({{"moves", moves}, {"rounds", rounds()}, {"position", position_}});
}

}  // namespace driftscope::debate
