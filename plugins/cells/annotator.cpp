#include "plugins/cells/annotator.h"

#include <algorithm>
#include <utility>

#include "plugins/cells/cursor.h"
#include "plugins/cells/label_model.h"
#include "plugins/cells/predictor.h"
#include "widgets/session/selection_hub.h"

namespace driftscope::cells {

Annotator::Annotator(Cursor& cursor, LabelModel& labels, Predictor& predictor, SelectionHub& selection, QObject* parent)
    : QObject(parent), cursor_(cursor), labels_(labels), predictor_(predictor), selection_(selection), keeper_(new QueueKeeper(this)) {
    connect(keeper_, &QueueKeeper::changed, this, &Annotator::queueChanged);
    connect(&predictor_, &Predictor::changed, this, &Annotator::refreshQueue);
    connect(&labels_, &LabelModel::schemaChanged, this, &Annotator::refreshQueue);
    connect(&labels_, &LabelModel::edited, this, [this] {
        if (!storedMessage_.isEmpty()) Q_EMIT message(std::exchange(storedMessage_, QString()));
    });
    connect(&cursor_, &Cursor::trackChanged, this, &Annotator::clearInterval);
    connect(&cursor_, &Cursor::frameChanged, this, [this] {
        if (!marking_) return;
        const std::int64_t start = *marking_;
        setInterval(start, cursor_.frame());
        marking_ = start;
    });
}

void Annotator::setData(std::shared_ptr<const CellsData> data) {
    data_ = std::move(data);
    clearInterval();
    audits_ = {};
    keeper_->setData(data_);
    refreshQueue();
}

std::vector<std::uint32_t> Annotator::targets() const {
    const IdSet selected = selection_.get(SelectionLayer::Select, ElementKind::Cell);
    if (selected.size() > 1) return {selected.ids().begin(), selected.ids().end()};
    if (const auto row = cursor_.row()) return {*row};
    return {};
}

void Annotator::report(const Result<void>& result) {
    if (!result) Q_EMIT failed(QString::fromStdString(result.error().text()));
}

void Annotator::labelRows(const std::vector<std::uint32_t>& rows, int classIndex) {
    if (!labels_.schema() || classIndex < 0 || classIndex >= static_cast<int>(labels_.schema()->classes.size())) return;
    report(labels_.assign(rows, classIndex));
}

void Annotator::labelAndGoOn(int classIndex) {
    if (!labels_.schema() || classIndex < 0 || classIndex >= static_cast<int>(labels_.schema()->classes.size())) return;
    const std::vector<std::uint32_t> rows = targets();
    if (rows.empty()) {
        Q_EMIT message(tr("No cell is chosen: click one in the image or the map, or press U."));
        return;
    }
    const auto stored = labels_.assign(rows, classIndex, originOf(rows, classIndex));
    report(stored);
    if (!stored) return;
    const QString name = QString::fromStdString(labels_.schema()->classes[static_cast<std::size_t>(classIndex)].name);
    const QString done = rows.size() > 1 ? tr("%1 cells labelled %2").arg(rows.size()).arg(name)
                                         : tr("%1, frame %2: %3").arg(QString::fromStdString(data_->entity(rows.front()))).arg(data_->detection(rows.front()).t).arg(name);
    storedMessage_ = labels_.isStoring() ? done : QString();
    Q_EMIT message(labels_.isStoring() ? tr("Storing %n label(s)…", nullptr, static_cast<int>(rows.size())) : done);
    if (rows.size() == 1) goOn();
}

void Annotator::goOn() {
    if (queueMode_) {
        // The queue is chosen again in the background; until then the next of the old one that is still open.
        refreshQueue();
        const auto open = std::ranges::find_if(queue(), [this](const embed::QueueItem& item) { return labels_.label(item.row) == LabelModel::kUnlabelled; });
        if (open != queue().end()) cursor_.goToRow(open->row);
        return;
    }
    const auto row = cursor_.row();
    if (!row) return;
    const Trajectory& track = data_->tracks()[data_->trackOf(*row)];
    const auto here = std::ranges::find(track.rows, *row);
    if (here + 1 != track.rows.end()) cursor_.goToRow(*(here + 1));
}

void Annotator::labelInterval(int classIndex) {
    if (!data_ || !cursor_.track() || !labels_.schema() || classIndex < 0 || classIndex >= static_cast<int>(labels_.schema()->classes.size())) return;
    const Trajectory& track = data_->tracks()[*cursor_.track()];
    const auto [first, last] = interval_ ? *interval_ : sinceLastLabel(track);
    std::vector<std::uint32_t> rows;
    for (std::size_t i = 0; i < track.rows.size(); ++i)
        if (track.steps[i] >= first && track.steps[i] <= last) rows.push_back(track.rows[i]);
    const auto stored = labels_.assign(rows, classIndex);
    report(stored);
    if (!stored) return;
    Q_EMIT message(tr("Frames %1 to %2 labelled %3").arg(first).arg(last).arg(
        QString::fromStdString(labels_.schema()->classes[static_cast<std::size_t>(classIndex)].name)));
    clearInterval();
}

std::pair<std::int64_t, std::int64_t> Annotator::sinceLastLabel(const Trajectory& track) const {
    const std::int64_t last = cursor_.frame();
    std::int64_t first = last;
    for (std::size_t i = track.rows.size(); i-- > 0;) {
        if (track.steps[i] > last) continue;
        if (track.steps[i] < last && labels_.label(track.rows[i]) != LabelModel::kUnlabelled) break;
        first = track.steps[i];
    }
    return {first, last};
}

void Annotator::removeLabel() {
    const std::vector<std::uint32_t> rows = targets();
    if (!rows.empty()) report(labels_.assign(rows, LabelModel::kUnlabelled));
}

void Annotator::setMark() {
    if (!cursor_.row()) return;
    marking_ = cursor_.frame();
    setInterval(cursor_.frame(), cursor_.frame());
    marking_ = cursor_.frame();
    Q_EMIT message(tr("Interval starts at frame %1: go to its end and press Shift with the label's key.").arg(cursor_.frame()));
}

void Annotator::setInterval(std::int64_t first, std::int64_t last) {
    marking_.reset();
    const auto wanted = std::minmax(first, last);
    if (interval_ == std::pair(wanted.first, wanted.second)) return;
    interval_ = {wanted.first, wanted.second};
    Q_EMIT markChanged();
}

void Annotator::clearInterval() {
    marking_.reset();
    if (!interval_) return;
    interval_.reset();
    Q_EMIT markChanged();
}

void Annotator::nextUnlabelled() {
    if (!data_ || data_->tracks().empty()) return;
    if (queueMode_) {
        goOn();
        return;
    }
    const std::size_t tracks = data_->tracks().size();
    const std::size_t first = cursor_.track().value_or(0);
    for (std::size_t k = 0; k <= tracks; ++k) {
        const Trajectory& track = data_->tracks()[(first + k) % tracks];
        for (std::size_t i = 0; i < track.rows.size(); ++i) {
            const bool passed = k == 0 && cursor_.track() && track.steps[i] <= cursor_.frame();
            if (passed || labels_.label(track.rows[i]) != LabelModel::kUnlabelled) continue;
            cursor_.goToRow(track.rows[i]);
            return;
        }
    }
    Q_EMIT message(tr("Every cell has a label."));
}

void Annotator::setQueueMode(bool on) {
    if (on == queueMode_) return;
    queueMode_ = on;
    refreshQueue();
    if (on && !queue().empty()) cursor_.goToRow(queue().front().row);
    Q_EMIT queueChanged();
}

void Annotator::refreshQueue() {
    if (data_ && labels_.schema()) keeper_->refresh({labels_.labels().begin(), labels_.labels().end()}, predictor_.predictions());
}

std::string Annotator::originOf(const std::vector<std::uint32_t>& rows, int classIndex) {
    if (!queueMode_ || rows.size() != 1) return "manual";
    const auto item = std::ranges::find(queue(), rows.front(), &embed::QueueItem::row);
    if (item == queue().end() || item->reason != embed::QueueReason::Audit) return "manual";
    if (const auto predictions = predictor_.predictions(); predictions && labels_.label(rows.front()) == LabelModel::kUnlabelled)
        audits_.add(predictions->best[rows.front()] == classIndex);
    return "audit";
}

}  // namespace driftscope::cells
