#include "plugins/topics/rating_view.h"

#include <QFrame>
#include <QHBoxLayout>
#include <QKeyEvent>
#include <QLabel>
#include <QProgressBar>
#include <QPushButton>
#include <QVBoxLayout>
#include <algorithm>

#include "core/topics/view/judgement_tests.h"
#include "plugins/topics/judgements.h"
#include "plugins/topics/topic_data.h"

namespace driftscope::topics {
namespace {

constexpr int kCardWidth = 720;

}  // namespace

RatingView::RatingView(Judgements& judgements, Task task, QWidget* parent)
    : QWidget(parent), judgements_(judgements), task_(task), question_(new QLabel), words_(new QLabel), hint_(new QLabel), progressText_(new QLabel), back_(new QPushButton(tr("Back"))), skip_(new QPushButton(tr("Skip"))), progress_(new QProgressBar) {
    setObjectName(task == Task::Rating ? QStringLiteral("topicRating") : QStringLiteral("topicIntrusion"));
    setFocusPolicy(Qt::StrongFocus);
    auto* outer = new QVBoxLayout(this);
    auto* across = new QHBoxLayout;
    outer->addStretch(1);
    outer->addLayout(across);
    outer->addStretch(2);
    across->addStretch(1);
    across->addWidget(buildCard());
    across->addStretch(1);
    connect(&judgements_, &Judgements::raterChanged, this, &RatingView::restart);
    connect(&judgements_, &Judgements::changed, this, &RatingView::refresh);
    connect(&judgements_, &Judgements::moved, this, [this](const std::string& schema, std::uint32_t topic) {
        if ((schema == "topic_rating") == (task_ == Task::Rating)) goTo(topic);
    });
    restart();
}

QWidget* RatingView::buildCard() {
    auto* card = new QFrame;
    card->setFixedWidth(kCardWidth);
    auto* column = new QVBoxLayout(card);
    column->setSpacing(14);
    auto* top = new QHBoxLayout;
    progress_->setTextVisible(false);
    progress_->setFixedHeight(6);
    top->addWidget(progress_, 1);
    progressText_->setForegroundRole(QPalette::PlaceholderText);
    top->addWidget(progressText_);
    column->addLayout(top);
    QFont large = font();
    large.setPointSizeF(large.pointSizeF() * 1.25);
    question_->setFont(large);
    question_->setWordWrap(true);
    question_->setObjectName(objectName() + QStringLiteral("Question"));
    column->addWidget(question_);
    words_->setFont(large);
    words_->setWordWrap(true);
    words_->setAlignment(Qt::AlignCenter);
    words_->setMinimumHeight(90);
    words_->setTextInteractionFlags(Qt::TextSelectableByMouse);
    words_->setObjectName(objectName() + QStringLiteral("Words"));
    words_->setVisible(task_ == Task::Rating);
    column->addWidget(words_);
    auto* row = new QHBoxLayout;
    const int count = task_ == Task::Rating ? Judgements::kPoints : static_cast<int>(kIntrusionWords) + 1;
    for (int i = 0; i < count; ++i) {
        auto* button = new QPushButton;
        button->setFont(large);
        button->setMinimumHeight(fontMetrics().height() * 4);
        button->setCheckable(true);
        button->setFocusPolicy(Qt::NoFocus);  // keys 1 … 6 must keep reaching the question
        button->setObjectName(QStringLiteral("%1.%2").arg(objectName()).arg(i + 1));
        connect(button, &QPushButton::clicked, this, [this, i] { answer(i); });
        row->addWidget(button, 1);
        buttons_.push_back(button);
    }
    column->addLayout(row);
    auto* bottom = new QHBoxLayout;
    hint_->setForegroundRole(QPalette::PlaceholderText);
    hint_->setWordWrap(true);
    bottom->addWidget(hint_, 1);
    for (QPushButton* button : {back_, skip_}) {
        button->setFocusPolicy(Qt::NoFocus);
        bottom->addWidget(button);
    }
    connect(back_, &QPushButton::clicked, this, [this] { step(-1); });
    connect(skip_, &QPushButton::clicked, this, [this] { step(1); });
    column->addLayout(bottom);
    return card;
}

void RatingView::restart() {
    const auto& run = judgements_.run();
    shown_ = run;
    const std::string rater = judgements_.rater().toStdString();
    const std::size_t count = !run ? 0 : task_ == Task::Rating ? run->topics() : judgements_.items().size();
    order_ = raterOrder(count, judgements_.seed() + (task_ == Task::Rating ? 0 : 1), rater);
    at_ = 0;
    while (at_ < order_.size() && given(topic()) != Judgements::kNone) ++at_;
    refresh();
}

std::uint32_t RatingView::topic() const {
    if (isFinished()) return 0;
    return task_ == Task::Rating ? order_[at_] : judgements_.items()[order_[at_]].topic;
}

int RatingView::given(std::uint32_t topic) const {
    const std::string rater = judgements_.rater().toStdString();
    return task_ == Task::Rating ? judgements_.rating(topic, rater) : judgements_.answer(topic, rater);
}

int RatingView::answered() const {
    int count = 0;
    for (const std::uint32_t one : order_) count += given(task_ == Task::Rating ? one : judgements_.items()[one].topic) != Judgements::kNone;
    return count;
}

void RatingView::goTo(std::uint32_t topic) {
    const auto found = std::ranges::find_if(order_, [&](std::uint32_t one) { return (task_ == Task::Rating ? one : judgements_.items()[one].topic) == topic; });
    if (found == order_.end()) return;
    at_ = static_cast<std::size_t>(found - order_.begin());
    refresh();
}

void RatingView::step(int by) {
    if (by < 0 && at_ == 0) return;
    at_ = std::min(order_.size(), at_ + static_cast<std::size_t>(by < 0 ? -1 : 1));
    refresh();
}

void RatingView::refresh() {
    const bool rating = task_ == Task::Rating;
    // Another run was opened: its questions come.
    if (shown_ != judgements_.run()) {
        restart();
        return;
    }
    const int total = static_cast<int>(order_.size());
    progress_->setRange(0, std::max(1, total));
    progress_->setValue(answered());
    progressText_->setText(tr("%1 of %2 answered as %3").arg(answered()).arg(total).arg(judgements_.rater()));
    back_->setEnabled(at_ > 0);
    skip_->setEnabled(!isFinished());
    for (QPushButton* button : buttons_) button->setVisible(!isFinished());
    words_->setVisible(rating && !isFinished());
    if (isFinished()) {
        question_->setText(total == 0 ? tr("Open a run to judge its topics.") : tr("That was the last one. Thank you! The Results tab shows what raters think, and how far they agree."));
        hint_->clear();
        return;
    }
    question_->setText(rating ? tr("How related are these words to each other?") : tr("Which word does not belong with the others?"));
    hint_->setText(rating ? tr("Keys 1, 2, 3 · ← back · → skip · Ctrl+Z takes the last answer back") : tr("Keys 1 to 6 · ← back · → skip · Ctrl+Z takes it back · guessing finds 1 in 6"));
    refreshButtons();
}

void RatingView::refreshButtons() {
    const auto& run = judgements_.run();
    const int before = given(topic());
    if (task_ == Task::Rating) {
        words_->setText(run->gist(topic(), kRatedWords));
        const QString names[] = {tr("not very"), tr("somewhat"), tr("very related")};
        for (std::size_t i = 0; i < buttons_.size(); ++i) {
            buttons_[i]->setText(QStringLiteral("%1  %2").arg(i + 1).arg(names[i]));
            buttons_[i]->setChecked(before == static_cast<int>(i));
        }
        return;
    }
    const IntrusionItem& item = judgements_.items()[order_[at_]];
    const auto order = wordOrder(item, judgements_.seed(), judgements_.rater().toStdString());
    for (std::size_t i = 0; i < buttons_.size(); ++i) {
        const bool intruder = order[i] == Judgements::kIntruder;
        buttons_[i]->setText(QStringLiteral("%1\n%2").arg(run->word(intruder ? item.intruder : item.words[order[i]])).arg(i + 1));
        buttons_[i]->setChecked(before == static_cast<int>(order[i]));
    }
}

void RatingView::answer(int which) {
    if (isFinished()) return;
    const std::uint32_t about = topic();
    const std::size_t next = at_ + 1;
    Result<void> stored;
    if (task_ == Task::Rating) {
        stored = judgements_.rate(about, which);
    } else {
        const auto order = wordOrder(judgements_.items()[order_[at_]], judgements_.seed(), judgements_.rater().toStdString());
        stored = judgements_.choose(about, static_cast<int>(order[static_cast<std::size_t>(which)]));
    }
    if (!stored) {
        Q_EMIT failed(QString::fromStdString(stored.error().text()));
        refreshButtons();
        return;
    }
    at_ = std::min(next, order_.size());
    refresh();
}

void RatingView::keyPressEvent(QKeyEvent* event) {
    const int digit = event->key() - Qt::Key_1;
    if (event->modifiers().testFlag(Qt::ControlModifier) || event->modifiers().testFlag(Qt::AltModifier))
        QWidget::keyPressEvent(event);
    else if (digit >= 0 && digit < static_cast<int>(buttons_.size()))
        answer(digit);
    else if (event->key() == Qt::Key_Left)
        step(-1);
    else if (event->key() == Qt::Key_Right)
        step(1);
    else
        QWidget::keyPressEvent(event);
}

void RatingView::showEvent(QShowEvent* event) {
    QWidget::showEvent(event);
    setFocus();
}

}  // namespace driftscope::topics
