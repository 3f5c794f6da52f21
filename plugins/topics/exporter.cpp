#include "plugins/topics/exporter.h"

#include <QDir>

#include "core/base/atomic_file.h"
#include "core/topics/data/topic_run.h"
#include "core/topics/measure/alignment.h"
#include "core/topics/measure/ensemble.h"
#include "core/topics/measure/stability.h"
#include "core/topics/view/topic_words.h"
#include "plugins/topics/categories_view.h"
#include "plugins/topics/comparison.h"
#include "plugins/topics/data_view.h"
#include "plugins/topics/documents_view.h"
#include "plugins/topics/ensemble_view.h"
#include "plugins/topics/explore_view.h"
#include "plugins/topics/figures_table.h"
#include "plugins/topics/judgements.h"
#include "plugins/topics/match_grid.h"
#include "plugins/topics/people_view.h"
#include "plugins/topics/results_view.h"
#include "plugins/topics/runs_view.h"
#include "plugins/topics/scores_plot.h"
#include "plugins/topics/space_view.h"
#include "plugins/topics/stability_view.h"
#include "plugins/topics/topic_labels.h"
#include "plugins/topics/topic_map_view.h"
#include "plugins/topics/topic_table.h"
#include "plugins/topics/training_view.h"
#include "plugins/topics/word_bars.h"
#include "plugins/topics/workspace.h"
#include "widgets/plot/line_plot.h"
#include "widgets/plot/matrix_plot.h"
#include "widgets/plot/scatter_plot.h"
#include "widgets/space/embedding_view_2d.h"

namespace driftscope::topics {
namespace {

constexpr QSize kPlotSize{720, 480};
constexpr std::size_t kWordsPerTopic = 30;

QString provenance(const Shown& shown) {
    const auto& run = shown.workspace.run();
    return run ? QStringLiteral("Driftscope %1, run %2").arg(QStringLiteral(DRIFTSCOPE_VERSION), run->folder) : QStringLiteral("Driftscope " DRIFTSCOPE_VERSION);
}

Exportable plotOf(const char* id, const QString& title, plot::PlotWidget& plot) {
    return {QLatin1String(id), title, true, [&plot] { return plot.isEmpty(); }, [&plot](const QString& path) { return plot.exportTo(path, kPlotSize); }};
}

Exportable pictureOf(const char* id, const QString& title, PictureView& view, const QString& about) {
    return {QLatin1String(id), title, true, [&view] { return view.isEmpty(); }, [&view, about](const QString& path) { return view.exportTo(path, about); }};
}

Exportable tableOf(const char* id, const QString& title, std::function<bool()> isEmpty, std::function<QString()> csv) {
    return {QLatin1String(id), title, false, std::move(isEmpty), [csv = std::move(csv)](const QString& path) { return writeFileAtomically(path.toStdString(), csv().toStdString()); }};
}

Exportable figuresOf(const char* id, const QString& title, FiguresTable& table) {
    return tableOf(id, title, [&table] { return table.rowCount() == 0; }, [&table] { return table.csv(); });
}

/// The first words of every topic by relevance.
QString wordsCsv(const Shown& shown) {
    QString out = QStringLiteral("topic,rank,word,lambda,relevance,probability,lift,saliency\n");
    const TopicData& run = *shown.workspace.run();
    for (std::uint32_t k = 0; k < run.topics(); ++k) {
        int rank = 0;
        for (const RankedWord& word : relevantWords(run.run.beta.row(k), run.wordShares, shown.explore.lambda(), kWordsPerTopic)) {
            const double phi = run.run.beta(k, word.word);
            out += QStringLiteral("%1,%2,%3,%4,%5,%6,%7,%8\n").arg(k).arg(++rank).arg(csvField(run.word(word.word))).arg(shown.explore.lambda()).arg(word.relevance, 0, 'g', 9).arg(phi, 0, 'g', 9)
                       .arg(phi / run.wordShares[word.word], 0, 'g', 9).arg(run.saliency[word.word], 0, 'g', 9);
        }
    }
    return out;
}

void addTables(const Shown& shown, std::vector<Exportable>& out) {
    const auto noRun = [&shown = shown.workspace] { return !shown.run(); };
    out.push_back(tableOf("topics", QObject::tr("topics, with names, codes and words"), noRun, [&table = shown.explore.table()] { return table.csv(); }));
    out.push_back(tableOf("words", QObject::tr("words of all topics by relevance"), noRun, [shown] { return wordsCsv(shown); }));
    out.push_back(tableOf("documents", QObject::tr("documents as listed"), noRun, [&view = shown.explore.documents()] { return view.csv(); }));
    out.push_back(tableOf("map", QObject::tr("places of topics on the map"), noRun, [&map = shown.explore.map()] { return map.csv(); }));
    out.push_back(tableOf("matches", QObject::tr("matched topics of runs"), [&grid = shown.runs.grid()] { return grid.isEmpty(); }, [&grid = shown.runs.grid()] { return grid.csv(); }));
    out.push_back(figuresOf("stability", QObject::tr("measures of stability"), shown.runs.stability().table()));
    out.push_back(figuresOf("ensemble", QObject::tr("topics of the ensemble"), shown.runs.ensemble().table()));
    out.push_back(figuresOf("ensemble_scores", QObject::tr("agreement of members and ensemble"), shown.runs.ensemble().scores()));
    out.push_back(figuresOf("scores", QObject::tr("agreement with categories"), shown.categories.table()));
    out.push_back(tableOf("topics_by_category", QObject::tr("topics by categories"), [&heat = shown.categories.heat()] { return heat.isEmpty(); }, [&heat = shown.categories.heat()] { return heat.csv(); }));
    out.push_back(tableOf("space", QObject::tr("points of the Space tab"), [&space = shown.space] { return space.map().pointCount() == 0; }, [&space = shown.space] { return space.csv(); }));
    out.push_back(tableOf("judgements", QObject::tr("answers of raters"), [&judged = shown.judgements] { return judged.raters().empty(); }, [&judged = shown.judgements] { return judged.csv(); }));
}

Result<void> writeJsonFile(const QString& path, const nlohmann::json& content) {
    return writeFileAtomically(path.toStdString(), content.dump(2, ' ', false, nlohmann::json::error_handler_t::replace) + "\n");
}

/// Matrices and measures of what is open. Returns how many files.
Result<int> writeNumbers(const Shown& shown, const QString& folder) {
    int written = 0;
    const auto& run = shown.workspace.run();
    DS_TRY(writeMatrix((folder + QStringLiteral("/theta.npy")).toStdString(), run->run.theta));
    DS_TRY(writeMatrix((folder + QStringLiteral("/beta.npy")).toStdString(), run->run.beta));
    DS_TRY(writeJsonFile(folder + QStringLiteral("/run.json"), run->run.record));
    written += 3;
    if (const auto& compared = shown.comparison.result(); compared && compared->stability) {
        nlohmann::json json = toJson(*compared->stability);
        for (const ComparedRun& one : compared->runs) json["folders"].push_back(one.folder.toStdString());
        DS_TRY(writeJsonFile(folder + QStringLiteral("/stability.json"), json));
        ++written;
    }
    if (const auto& joined = shown.comparison.joined()) {
        DS_TRY(writeJsonFile(folder + QStringLiteral("/ensemble.json"), toJson(joined->ensemble)));
        ++written;
    }
    if (!shown.categories.alignments().empty()) {
        nlohmann::json levels = nlohmann::json::array();
        for (const LevelAlignment& level : shown.categories.alignments()) levels.push_back(toJson(level));
        DS_TRY(writeJsonFile(folder + QStringLiteral("/alignment.json"), levels));
        ++written;
    }
    return written;
}

}  // namespace

std::vector<Exportable> exportables(const Shown& shown) {
    const QString about = provenance(shown);
    EmbeddingView2D& space = shown.space.map();
    std::vector<Exportable> out{
        plotOf("training", QObject::tr("curves of training"), shown.data.training().plot()),
        pictureOf("map", QObject::tr("topic map"), shown.explore.map(), about),
        pictureOf("words", QObject::tr("words of the topic"), shown.explore.bars(), about),
        pictureOf("matches", QObject::tr("matched topics of runs"), shown.runs.grid(), about),
        plotOf("pairs", QObject::tr("pairs of runs"), shown.runs.stability().pairs()),
        plotOf("topic_stability", QObject::tr("stability of topics"), shown.runs.stability().topics()),
        plotOf("topics_by_category", QObject::tr("topics by categories"), shown.categories.heat()),
        plotOf("scores_by_k", QObject::tr("scores of runs by K"), shown.categories.perK()),
        {QStringLiteral("space"), QObject::tr("map of the Space tab"), true, [&space] { return space.pointCount() == 0; }, [&space, &view = shown.space](const QString& path) { return space.exportImage(path, view.provenance()); }},
        plotOf("human_scores", QObject::tr("human scores of this run"), shown.people.results().own().plot()),
        plotOf("published_scores", QObject::tr("published human scores"), shown.people.results().published().plot())};
    addTables(shown, out);
    return out;
}

Result<int> exportEverything(const Shown& shown, const QString& folder) {
    if (!shown.workspace.run()) return fail(ErrorCode::Usage, "There is no run to export.", "Open one first.");
    DS_TRY(makeFolder(folder.toStdString()));
    int written = 0;
    for (const Exportable& one : exportables(shown)) {
        if (one.isEmpty()) continue;
        const QString stem = folder + QLatin1Char('/') + one.id;
        const QStringList suffixes = one.picture ? QStringList{QStringLiteral(".png"), QStringLiteral(".svg")} : QStringList{QStringLiteral(".csv")};
        for (const QString& suffix : suffixes) {
            DS_TRY(one.write(stem + suffix));
            ++written;
        }
    }
    DS_ASSIGN(const int numbers, writeNumbers(shown, folder));
    DS_TRY(exportReport(shown, folder + QStringLiteral("/report.html")));
    return written + numbers + 1;
}

}  // namespace driftscope::topics
