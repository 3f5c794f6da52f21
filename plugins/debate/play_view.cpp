#include "plugins/debate/play_view.h"

#include <QEvent>
#include <QHBoxLayout>
#include <QHeaderView>
#include <QKeyEvent>
#include <QLabel>
#include <QSignalBlocker>
#include <QSlider>
#include <QSpinBox>
#include <QSplitter>
#include <QTableView>
#include <QToolButton>
#include <QVBoxLayout>
#include <algorithm>

#include "plugins/debate/claim_scale.h"
#include "plugins/debate/icons.h"
#include "plugins/debate/meters_view.h"
#include "plugins/debate/move_bar.h"
#include "plugins/debate/play_model.h"
#include "plugins/debate/setup_model.h"
#include "plugins/debate/transcript_model.h"

namespace driftscope::debate {
namespace {

constexpr int kMetersWidth = 330;

}  // namespace

PlayView::PlayView(PlayModel& game, SetupModel& setup, QWidget* parent)
    : QWidget(parent), game_(game), setup_(setup), moves_(new MoveBar(game)), scale_(new ClaimScale), meters_(new MetersView(game)),
      table_(new QTableView), transcript_(new TranscriptModel(game, this)) {
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(8, 8, 8, 6);
    auto* top = new QHBoxLayout;
    auto* now = new QVBoxLayout;
    now->addWidget(moves_);
    now->addStretch(1);
    now->addWidget(scale_);
    top->addLayout(now, 1);
    top->addSpacing(16);
    meters_->setMaximumWidth(kMetersWidth);
    top->addWidget(meters_);
    layout->addLayout(top);
    buildTable();
    layout->addWidget(table_, 1);
    layout->addWidget(buildTransport());
    connect(&game_, &PlayModel::changed, this, &PlayView::refresh);
    connect(&game_, &PlayModel::gameChanged, this, &PlayView::newGame);
    connect(&game_, &PlayModel::playingChanged, this, &PlayView::drawPlay);
    newGame();
    refresh();
}

void PlayView::buildTable() {
    table_->setModel(transcript_);
    table_->setObjectName(QStringLiteral("debateTranscript"));
    table_->setAccessibleName(tr("Transcript"));
    table_->setSelectionBehavior(QAbstractItemView::SelectRows);
    table_->setSelectionMode(QAbstractItemView::SingleSelection);
    table_->setEditTriggers(QAbstractItemView::NoEditTriggers);
    table_->setShowGrid(false);
    table_->setWordWrap(false);
    table_->setFrameShape(QFrame::NoFrame);
    table_->verticalHeader()->hide();
    table_->verticalHeader()->setDefaultSectionSize(fontMetrics().height() + 8);
    table_->horizontalHeader()->setHighlightSections(false);
    table_->setTabKeyNavigation(false);
    table_->installEventFilter(this);
    connect(table_, &QTableView::clicked, this, [this](const QModelIndex& index) {
        moves_->setNamedStep(index.row());
        if (game_.options().protocol != "cross_examined") game_.goTo(index.row() + 1);
    });
}

QToolButton* PlayView::tool(const QString& text, const QString& help) {
    auto* button = new QToolButton;
    button->setText(text);
    button->setToolTip(help);
    button->setAccessibleName(help);
    button->setAutoRaise(true);
    return button;
}

QWidget* PlayView::buildTransport() {
    auto* bar = new QWidget;
    auto* row = new QHBoxLayout(bar);
    row->setContentsMargins(0, 0, 0, 0);
    first_ = tool({}, tr("To the start (Ctrl+Home)"));
    back_ = tool({}, tr("One round back (A)"));
    play_ = tool({}, tr("Play or pause (P)"));
    forward_ = tool({}, tr("One round on (D)"));
    last_ = tool({}, tr("To the end, or to a person's move (Ctrl+End)"));
    takeBack_ = tool(tr("Take back"), tr("Forget the last round and play it differently (U)"));
    play_->setObjectName(QStringLiteral("debatePlay"));
    slider_ = new QSlider(Qt::Horizontal);
    slider_->setAccessibleName(tr("Round"));
    where_ = new QLabel;
    gameNumber_ = new QSpinBox;
    gameNumber_->setRange(0, 999'999'999);
    gameNumber_->setPrefix(tr("game "));
    gameNumber_->setAccessibleName(tr("Number of the game"));
    gameNumber_->setToolTip(tr("Another number is another game with other random draws; the same number is always the same game (N: the next)"));
    for (QWidget* widget : std::initializer_list<QWidget*>{first_, back_, play_, forward_, last_}) row->addWidget(widget);
    row->addWidget(slider_, 1);
    for (QWidget* widget : std::initializer_list<QWidget*>{where_, takeBack_, gameNumber_}) row->addWidget(widget);
    connect(first_, &QToolButton::clicked, this, [this] { game_.goTo(0); });
    connect(back_, &QToolButton::clicked, &game_, &PlayModel::stepBack);
    connect(play_, &QToolButton::clicked, this, [this] { game_.setPlaying(!game_.isPlaying()); });
    connect(forward_, &QToolButton::clicked, &game_, &PlayModel::stepForward);
    connect(last_, &QToolButton::clicked, &game_, &PlayModel::finish);
    connect(takeBack_, &QToolButton::clicked, &game_, &PlayModel::takeBack);
    connect(slider_, &QSlider::valueChanged, &game_, &PlayModel::goTo);
    connect(gameNumber_, &QSpinBox::valueChanged, this, [this](int number) { setup_.set(QStringLiteral("game"), number); });
    drawPlay();
    return bar;
}

void PlayView::drawPlay() {
    const std::pair<QToolButton*, Glyph> icons[] = {{first_, Glyph::First}, {back_, Glyph::Back}, {play_, game_.isPlaying() ? Glyph::Pause : Glyph::Play},
                                                    {forward_, Glyph::Forward}, {last_, Glyph::Last}};
    for (const auto& [button, which] : icons) button->setIcon(glyph(which, palette(), devicePixelRatioF()));
}

void PlayView::changeEvent(QEvent* event) {
    QWidget::changeEvent(event);
    if (event->type() == QEvent::PaletteChange) drawPlay();
}

void PlayView::newGame() {
    // Columns differ by protocol; the texts take what is left.
    auto* header = table_->horizontalHeader();
    for (int column = 0; column < transcript_->columnCount(); ++column) {
        const QString title = transcript_->headerData(column, Qt::Horizontal, Qt::DisplayRole).toString();
        const bool wide = title == tr("Question") || title.startsWith(tr("Configuration"));
        header->setSectionResizeMode(column, wide ? QHeaderView::Stretch : QHeaderView::Interactive);
        if (!wide) table_->setColumnWidth(column, std::max(title == tr("Step") ? 56 : 92, fontMetrics().horizontalAdvance(title) + 24));
    }
    const QSignalBlocker quiet(gameNumber_);
    gameNumber_->setValue(static_cast<int>(game_.options().game));
}

void PlayView::refresh() {
    const QSignalBlocker quiet(slider_);
    slider_->setRange(0, game_.rounds());
    slider_->setValue(game_.position());
    const bool there = game_.play() != nullptr;
    const bool more = there && !game_.over() && !game_.play()->prompt();
    first_->setEnabled(game_.position() > 0);
    back_->setEnabled(game_.position() > 0);
    forward_->setEnabled(there && (!game_.atEnd() || more));
    last_->setEnabled(there && (!game_.atEnd() || more));
    play_->setEnabled(there && (!game_.atEnd() || more));
    takeBack_->setEnabled(there && (game_.rounds() > 0 || !game_.play()->moves().empty()));
    slider_->setEnabled(game_.rounds() > 0);
    gameNumber_->setEnabled(setup_.isStochastic());
    const std::int64_t most = there ? game_.arena()->setup.machine->steps() : 0;
    where_->setText(!there || game_.options().protocol == "cross_examined" ? QString() : setup_.isStochastic() ? tr("step %1 of %2").arg(game_.position()).arg(most) : tr("round %1").arg(game_.position()));
    if (const int row = currentRow(); row >= 0) {
        table_->selectRow(row);
        table_->scrollTo(transcript_->index(row, 0));
    } else {
        table_->clearSelection();
    }
    refreshScale();
}

int PlayView::currentRow() const {
    if (game_.options().protocol != "cross_examined" || !game_.play()) return game_.position() - 1;
    const auto& rounds = game_.play()->rounds();  // a trace: the step that Bob named
    const auto named = std::ranges::find_if(rounds, &Round::challenged);
    return named == rounds.end() ? -1 : static_cast<int>(named - rounds.begin());
}

void PlayView::refreshScale() {
    const bool shown = game_.play() && game_.options().protocol == "stochastic";
    scale_->setVisible(shown);
    if (!shown) return;
    const Plan& plan = game_.arena()->setup.plan;
    ClaimScale::Marks marks{kNothing, kNothing, plan.bobThreshold, kNothing, plan.veraThreshold, kNothing};
    if (const Prompt* asked = game_.prompt()) {
        marks.claim = asked->claim;
        if (asked->party == Party::Bob) marks.bob = asked->estimate;
        if (asked->party == Party::Vera) marks.vera = asked->estimate;
    } else if (const Round* round = game_.current()) {
        marks.claim = round->claim;
        marks.bob = round->bobEstimate;
        marks.vera = round->veraEstimate;
        const Seats& seats = game_.options().seats;
        if (game_.over() || !(seats.alice || seats.bob || seats.vera)) marks.truth = round->truth;
    }
    scale_->setMarks(marks);
}

bool PlayView::eventFilter(QObject* watched, QEvent* event) {
    if (watched == table_ && event->type() == QEvent::KeyPress) {
        const int key = static_cast<QKeyEvent*>(event)->key();
        if (key == Qt::Key_Right || key == Qt::Key_Down) {
            game_.stepForward();
            return true;
        }
        if (key == Qt::Key_Left || key == Qt::Key_Up) {
            game_.stepBack();
            return true;
        }
        if (key == Qt::Key_Space) {
            game_.setPlaying(!game_.isPlaying());
            return true;
        }
    }
    return QWidget::eventFilter(watched, event);
}

}  // namespace driftscope::debate
