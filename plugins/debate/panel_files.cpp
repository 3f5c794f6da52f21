// What enters and leaves the Debate panel as files, and what a person answers in the oracle's place.
#include <QFile>
#include <QFileDialog>
#include <QFileInfo>
#include <QJsonArray>
#include <QJsonDocument>
#include <QTabWidget>

#include "core/base/atomic_file.h"
#include "core/debate/transcript.h"
#include "plugins/debate/answers_table.h"
#include "plugins/debate/attacks_view.h"
#include "plugins/debate/claims_view.h"
#include "plugins/debate/debate_panel.h"
#include "plugins/debate/measure_view.h"
#include "plugins/debate/oracle_dialog.h"
#include "plugins/debate/play_view.h"
#include "plugins/debate/scale_view.h"
#include "plugins/debate/tradeoff_view.h"
#include "widgets/plot/scatter_plot.h"
#include "widgets/session/edit_stack.h"
#include "widgets/session/json_bridge.h"
#include "widgets/session/project.h"
#include "widgets/space/embedding_view_2d.h"

namespace driftscope::debate {
namespace {

constexpr qint64 kLargestFile = 400 << 20;

}  // namespace

bool DebatePanel::openPath(const QString& path) {
    const QFileInfo info(path);
    if (info.suffix() == QLatin1String("h5ad")) {
        if (!claims_->openTable(path)) return false;
        if (setup_.isEmpty()) setup_.setComputation(claims_->computation());
        tabs_->setCurrentIndex(tabs_->indexOf(claims_));
        return true;
    }
    if (info.isDir() && QFileInfo::exists(path + QStringLiteral("/transcript.json"))) return openPath(path + QStringLiteral("/transcript.json"));
    QFile file(path);
    if (info.size() > kLargestFile || !file.open(QIODevice::ReadOnly)) return false;
    QJsonParseError problem{};
    const QJsonObject content = QJsonDocument::fromJson(file.readAll(), &problem).object();
    if (content.isEmpty()) {
        if (info.suffix() == QLatin1String("json")) complain(tr("%1 is no JSON object: %2.").arg(info.fileName(), problem.errorString()));
        return false;
    }
    if (content.contains(QStringLiteral("winner"))) return openTranscript(content);
    const auto machine = readComputation(fromQt(content));
    if (!machine) {
        complain(tr("%1: %2").arg(info.fileName(), QString::fromStdString(machine.error().text())));
        return false;
    }
    setup_.setComputation(content);
    say(tr("%1 is open.").arg(info.fileName()));
    return true;
}

bool DebatePanel::openTranscript(const QJsonObject& document) {
    const QJsonObject people = document[QStringLiteral("people")].toObject();
    QJsonObject values = document[QStringLiteral("params")].toObject();
    values[QStringLiteral("protocol")] = document[QStringLiteral("protocol")].toString(QStringLiteral("stochastic"));
    // Checks the whole file before anything changes here.
    const auto replay = replayTranscript(fromQt(document));
    if (!replay) {
        complain(QString::fromStdString(replay.error().text()));
        return false;
    }
    expected_ = document;
    pendingPlay_ = {{QStringLiteral("moves"), people[QStringLiteral("moves")]}, {QStringLiteral("rounds"), -1}};
    setup_.restore({{QStringLiteral("computation"), document[QStringLiteral("computation")]}, {QStringLiteral("values"), values}, {QStringLiteral("people"), people[QStringLiteral("seats")]}});
    tabs_->setCurrentWidget(playView_);
    return true;
}

void DebatePanel::compareWithFile() {
    const QJsonObject expected = std::exchange(expected_, {});
    if (expected.isEmpty() || !game_.play()) return;
    const std::vector<std::string> differences = transcriptDifferences(fromQt(expected), game_.play()->toJson());
    if (differences.empty())
        say(tr("Replayed: the same game as in the file, to the last digit."));
    else
        complain(tr("The replay differs from the file. %1").arg(QString::fromStdString(differences.front())));
}

void DebatePanel::playClaim(const QJsonObject& values, int position, bool adopt) {
    const QJsonObject before = setup_.save();
    pendingPlay_ = {{QStringLiteral("rounds"), -1}, {QStringLiteral("position"), position}};
    if (adopt) {
        QJsonObject all = claims_->params();
        for (auto it = values.begin(); it != values.end(); ++it) all[it.key()] = it.value();
        setup_.restore({{QStringLiteral("computation"), claims_->computation()}, {QStringLiteral("values"), all}});
    } else {
        setup_.set(values, Seats{});
    }
    if (setup_.save() != before) return;  // the arena comes, and the game with it
    pendingPlay_ = {};
    game_.finish();
    game_.goTo(position);
}

void DebatePanel::askOracle(const QString& question) {
    const std::string prefix = game_.prefix();
    oracle_->ask(question, prefix.empty() ? QString() : tr("Answers drawn so far: %1").arg(QString::fromStdString(prefix)));
}

void DebatePanel::takeAnswer(const QString& question, double probability, double seconds) {
    pendingPlay_ = game_.save();  // the game goes on where it stood
    pendingPlay_[QStringLiteral("go_on")] = true;
    setup_.setComputation(withAnswer(setup_.computation(), question, probability, host_.edits.annotator(), seconds));
}

nlohmann::json DebatePanel::document() const {
    return transcriptDocument(*game_.arena(), game_.options(), *game_.play(), fromQt(setup_.computation()), fromQt(setup_.withDefaults()));
}

QString DebatePanel::suggestPath(const QString& suffix) const {
    return host_.project.folder() + QLatin1Char('/') + (setup_.title().isEmpty() ? QStringLiteral("debate") : QString(setup_.title()).replace(QLatin1Char('/'), QLatin1Char('-'))) + suffix;
}

void DebatePanel::openFile() {
    const QString file = QFileDialog::getOpenFileName(root_.get(), tr("Open a computation, a transcript or a table of claims"), host_.project.folder(), tr("Debates (*.json *.h5ad)"));
    if (!file.isEmpty()) openPath(file);
}

void DebatePanel::exportTranscript() {
    if (!game_.play() || game_.rounds() == 0) {
        complain(tr("There is no game to export yet: play one first (D, or P)."));
        return;
    }
    const QString file = QFileDialog::getSaveFileName(root_.get(), tr("Export the transcript"), suggestPath(QStringLiteral(".json")), tr("Transcript to replay (*.json);;Table (*.csv);;Report (*.md)"));
    if (file.isEmpty()) return;
    const nlohmann::json content = document();
    const std::string text = file.endsWith(QLatin1String(".csv")) ? transcriptCsv(content) : file.endsWith(QLatin1String(".md")) ? transcriptMarkdown(content) : content.dump(2) + "\n";
    const auto written = writeFileAtomically(file.toStdString(), text);
    written ? say(tr("%1 written.").arg(file)) : complain(QString::fromStdString(written.error().text()));
}

plot::PlotWidget* DebatePanel::shownPlot() const {
    const QWidget* shown = tabs_->currentWidget();
    if (shown == measure_) return &measure_->plot();
    if (shown == attacks_) return &attacks_->plot();
    if (shown == scale_) return &scale_->plot();
    if (shown == tradeoff_) return &tradeoff_->plot();
    return nullptr;
}

void DebatePanel::exportPlot() {
    const bool map = tabs_->currentWidget() == claims_;
    plot::PlotWidget* plot = shownPlot();
    if (!plot && !map) {
        complain(tr("There is no plot in this tab: Measure, Attacks, Scaling, Trade-off and Claims have one."));
        return;
    }
    const QString file = QFileDialog::getSaveFileName(root_.get(), tr("Save the plot"), suggestPath(QStringLiteral("-plot.png")), map ? tr("Pictures (*.png *.svg)") : tr("Pictures and data (*.png *.svg *.pdf *.csv)"));
    if (file.isEmpty()) return;
    const auto written = map ? claims_->map().exportImage(file, claims_->provenance()) : plot->exportTo(file);
    written ? say(tr("%1 written.").arg(file)) : complain(QString::fromStdString(written.error().text()));
}

}  // namespace driftscope::debate
