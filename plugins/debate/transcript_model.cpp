#include "plugins/debate/transcript_model.h"

#include <QApplication>
#include <QColor>
#include <QFont>
#include <QPalette>
#include <cmath>

#include "plugins/debate/play_model.h"
#include "plugins/debate/words.h"
#include "widgets/style/palette.h"

namespace driftscope::debate {

TranscriptModel::TranscriptModel(PlayModel& game, QObject* parent) : QAbstractTableModel(parent), game_(game) {
    connect(&game_, &PlayModel::gameChanged, this, &TranscriptModel::chooseColumns);
    connect(&game_, &PlayModel::changed, this, &TranscriptModel::refresh);
    chooseColumns();
}

bool TranscriptModel::hidesTruth() const {
    const Seats& seats = game_.options().seats;
    return !game_.over() && (seats.alice || seats.bob || seats.vera);
}

void TranscriptModel::chooseColumns() {
    beginResetModel();
    columns_.clear();
    rows_ = 0;
    if (game_.play()) {
        const std::string& protocol = game_.options().protocol;
        protocol == "stochastic" ? addStochastic() : protocol == "cross_examined" ? addTrace() : addBisection();
        rows_ = game_.rounds();
    }
    endResetModel();
}

void TranscriptModel::addStochastic() {
    const auto question = [this](const Round& r) { return QString::fromStdString(game_.arena()->setup.machine->question(r.step)); };
    columns_ = {{tr("Step"), tr("Number of the question"), [](const Round& r) { return countText(r.step + 1); }},
                {tr("Question"), tr("What the oracle is asked, given the answers before"), question},
                {tr("Claim"), tr("Alice: the probability of \"yes\""), [](const Round& r) { return probabilityText(r.claim); }},
                {tr("Bob"), tr("Bob's own estimate; – when he did not look"), [](const Round& r) { return probabilityText(r.bobEstimate); }},
                {tr("Gap"), tr("Distance of claim and estimate; Bob challenges from his threshold on"),
                 [](const Round& r) { return probabilityText(std::abs(r.claim - r.bobEstimate)); }},
                {tr("Challenge"), tr("Whether Bob called Vera"), [this](const Round& r) { return r.challenged ? tr("challenged") : QString(); }},
                {tr("Vera"), tr("Vera's estimate, after a challenge"), [](const Round& r) { return probabilityText(r.veraEstimate); }},
                {tr("Answer"), tr("Drawn from the claim by a public coin; after a challenge, Vera's verdict"),
                 [this](const Round& r) { return r.challenged ? (r.veraAccepts ? tr("claim stands") : tr("claim fails")) : r.answer ? tr("yes") : tr("no"); }},
                {tr("Truth"), tr("The oracle's probability; hidden while a person plays"), [this](const Round& r) { return hidesTruth() ? QString() : probabilityText(r.truth); }}};
}

void TranscriptModel::addBisection() {
    const auto interval = [](const Round& r) { return QStringLiteral("%1 – %2").arg(r.from).arg(r.to); };
    const auto verdict = [this](const Round& r) {
        if (r.to - r.from == 1 && std::isfinite(r.truth)) return r.veraAccepts ? tr("right") : tr("wrong");
        return r.challenged ? tr("disputes %1").arg(r.step) : tr("accepts %1").arg(r.step);
    };
    columns_ = {{tr("Disputed steps"), tr("Alice and Bob agree on the configuration before, and differ on the one after"), interval},
                {tr("At step"), tr("The middle, whose configuration Alice states"), [](const Round& r) { return countText(r.step); }},
                {tr("Configuration"), tr("What the machine remembers there, and the answer just given"), [](const Round& r) { return QString::fromStdString(r.stated); }},
                {tr("Bob"), tr("Disputing goes on to the left, accepting to the right"), verdict}};
}

void TranscriptModel::addTrace() {
    const auto question = [this](const Round& r) { return QString::fromStdString(game_.arena()->setup.machine->question(r.step)); };
    columns_ = {{tr("Step"), tr("Number of the question"), [](const Round& r) { return countText(r.step + 1); }},
                {tr("Question"), tr("What the oracle is asked there"), question},
                {tr("Alice says"), tr("Her committed answer"), [this](const Round& r) { return r.answer ? tr("yes") : tr("no"); }},
                {tr("Configuration after"), tr("Her committed configuration"), [](const Round& r) { return QString::fromStdString(r.stated); }},
                {tr("Oracle"), tr("Its answer where Alice says she stood; hidden while a person plays"),
                 [this](const Round& r) { return hidesTruth() ? QString() : r.truth > 0.5 ? tr("yes") : tr("no"); }},
                {tr("Named"), tr("The step that Bob names, and what Vera found"),
                 [this](const Round& r) { return !r.challenged ? QString() : r.veraAccepts ? tr("named: right") : tr("named: wrong"); }}};
}

void TranscriptModel::refresh() {
    const int wanted = game_.play() ? game_.rounds() : 0;
    if (wanted > rows_) {
        beginInsertRows({}, rows_, wanted - 1);
        rows_ = wanted;
        endInsertRows();
    } else if (wanted < rows_) {
        beginRemoveRows({}, wanted, rows_ - 1);
        rows_ = wanted;
        endRemoveRows();
    }
    if (rows_ > 0) Q_EMIT dataChanged(index(0, 0), index(rows_ - 1, columnCount() - 1));
}

int TranscriptModel::rowCount(const QModelIndex& parent) const {
    return parent.isValid() ? 0 : rows_;
}

int TranscriptModel::columnCount(const QModelIndex& parent) const {
    return parent.isValid() ? 0 : static_cast<int>(columns_.size());
}

QVariant TranscriptModel::colour(const Round& round, int row) const {
    const QPalette palette = QApplication::palette();
    if (row >= game_.position()) return style::subtleText(palette);
    if (round.challenged && game_.options().protocol != "bisection" && game_.options().protocol != "witness")
        return style::mix(palette.color(QPalette::Text), QColor(round.veraAccepts ? QStringLiteral("#009E73") : QStringLiteral("#D55E00")), 0.75);
    return {};
}

QVariant TranscriptModel::data(const QModelIndex& index, int role) const {
    if (!index.isValid() || !game_.play() || index.row() >= game_.rounds()) return {};
    const Round& round = game_.play()->rounds()[static_cast<std::size_t>(index.row())];
    const Column& column = columns_[static_cast<std::size_t>(index.column())];
    if (role == Qt::DisplayRole || role == Qt::ToolTipRole) return column.text(round);
    if (role == Qt::ForegroundRole) return colour(round, index.row());
    return {};
}

QVariant TranscriptModel::headerData(int section, Qt::Orientation orientation, int role) const {
    if (orientation != Qt::Horizontal || section >= columnCount()) return {};
    const Column& column = columns_[static_cast<std::size_t>(section)];
    if (role == Qt::DisplayRole) return column.title;
    if (role == Qt::ToolTipRole) return column.help;
    if (role == Qt::TextAlignmentRole) return QVariant(Qt::AlignLeft | Qt::AlignVCenter);
    return {};
}

}  // namespace driftscope::debate
