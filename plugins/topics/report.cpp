// The comparison as a page that stands alone: pictures inside, and how everything was made.
#include <QCoreApplication>
#include <QDateTime>
#include <QFile>
#include <QTemporaryDir>

#include "core/base/atomic_file.h"
#include "plugins/topics/categories_view.h"
#include "plugins/topics/comparison.h"
#include "plugins/topics/ensemble_view.h"
#include "plugins/topics/explore_view.h"
#include "plugins/topics/exporter.h"
#include "plugins/topics/figures_table.h"
#include "plugins/topics/judgements.h"
#include "plugins/topics/match_grid.h"
#include "plugins/topics/people_view.h"
#include "plugins/topics/results_view.h"
#include "plugins/topics/runs_view.h"
#include "plugins/topics/scores_plot.h"
#include "plugins/topics/stability_view.h"
#include "plugins/topics/topic_labels.h"
#include "plugins/topics/workspace.h"

namespace driftscope::topics {
namespace {

constexpr const char* kStyle = "body{font:15px/1.5 system-ui,sans-serif;max-width:1000px;margin:2em auto;padding:0 1em;color:#222}h1{font-size:1.6em}h2{margin-top:2em;border-bottom:1px solid #ccc}"
                               "table{border-collapse:collapse;margin:1em 0;font-size:13px}td,th{padding:3px 10px;border-bottom:1px solid #e4e4e4;text-align:right}td:first-child,th:first-child,td.t{text-align:left}"
                               "img{max-width:100%;height:auto}.note{background:#fff6dd;padding:.6em 1em;border-left:4px solid #e69f00}code,pre{font-size:12px;background:#f4f4f4;overflow-wrap:anywhere;white-space:pre-wrap}"
                               "@media(prefers-color-scheme:dark){body{background:#1d1f21;color:#ddd}td,th{border-color:#444}.note{background:#3a3320}code,pre{background:#2a2c2e}img{background:#fff}}";

QString tr(const char* text) {
    return QCoreApplication::translate("driftscope::topics::Report", text);
}

QString table(const FiguresTable& figures) {
    if (figures.rowCount() == 0) return {};
    QString html = QStringLiteral("<table><tr>");
    for (int column = 0; column < figures.columnCount(); ++column) html += QStringLiteral("<th>%1</th>").arg(figures.horizontalHeaderItem(column)->text().toHtmlEscaped());
    html += QStringLiteral("</tr>");
    for (int row = 0; row < figures.rowCount(); ++row) {
        html += QStringLiteral("<tr>");
        for (int column = 0; column < figures.columnCount(); ++column) html += QStringLiteral("<td%1>%2</td>").arg(figures.item(row, column)->textAlignment() & Qt::AlignLeft ? QStringLiteral(" class=t") : QString(), figures.item(row, column)->text().toHtmlEscaped());
        html += QStringLiteral("</tr>");
    }
    return html + QStringLiteral("</table>");
}

/// A plot as an inline PNG; nothing while it is empty.
Result<QString> picture(const std::vector<Exportable>& all, const char* id) {
    for (const Exportable& one : all) {
        if (!one.picture || one.id != QLatin1String(id) || one.isEmpty()) continue;
        const QTemporaryDir folder;
        const QString path = folder.filePath(QStringLiteral("plot.png"));
        DS_TRY(one.write(path));
        DS_ASSIGN(const std::string bytes, readFile(path.toStdString()));
        return QStringLiteral("<p><img alt=\"%1\" src=\"data:image/png;base64,%2\"></p>").arg(one.title.toHtmlEscaped(), QString::fromLatin1(QByteArray::fromStdString(bytes).toBase64()));
    }
    return QString();
}

QString heading(const QString& text) {
    return QStringLiteral("<h2>%1</h2>").arg(text.toHtmlEscaped());
}

QString topicsSection(const Shown& shown) {
    const TopicData& run = *shown.workspace.run();
    QString html = heading(tr("Topics")) + QStringLiteral("<table><tr><th>#</th><th>%1</th><th>%2</th></tr>").arg(tr("share of tokens"), tr("name and words"));
    for (std::uint32_t k = 0; k < run.topics(); ++k) {
        if (shown.labels.groups().isHidden(k)) continue;
        const QString name = shown.labels.name(k), merged = shown.labels.groups().isMerged(k) ? tr(" (merged into %1)").arg(shown.labels.groups().root(k)) : QString();
        html += QStringLiteral("<tr><td>%1</td><td>%2 %</td><td class=t><b>%3</b>%4 %5</td></tr>").arg(k).arg(100 * run.shares[k], 0, 'f', 1).arg(name.toHtmlEscaped(), merged, run.gist(k, 12).toHtmlEscaped());
    }
    return html + QStringLiteral("</table>");
}

QString corpusSection(const Shown& shown) {
    const auto& corpus = shown.workspace.corpus();
    if (!corpus) return {};
    return heading(tr("Corpus")) + QStringLiteral("<p>%1</p><p>%2 <code>%3</code></p>")
                                       .arg(tr("%1 documents, %2 words, %3 tokens.").arg(corpus->corpus.documents()).arg(corpus->corpus.vocabulary.size()).arg(corpus->corpus.tokens()),
                                            tr("Folder and content hash:"), (corpus->folder + QStringLiteral(" ") + QString::fromStdString(corpus->hash)).toHtmlEscaped());
}

/// What a shell would have to be told to make the compared runs again.
QString commandsSection(const Shown& shown) {
    QString html = heading(tr("How to make it again")) + QStringLiteral("<pre>");
    QStringList folders;
    const auto add = [&](const QString& folder, const nlohmann::json& record) {
        folders << folder;
        if (record.value("model", std::string()) != "lda") return;
        html += QStringLiteral("driftscope-run topics.train --set corpus=%1 model=lda k=%2 seed=%3 iterations=%4 --out %5\n").arg(shown.workspace.corpus() ? shown.workspace.corpus()->folder : QStringLiteral("CORPUS")).arg(record.value("k", 0)).arg(record.value("seed", std::int64_t{0}))
                    .arg(record.value("iterations", 0)).arg(folder).toHtmlEscaped();
    };
    if (const auto& compared = shown.comparison.result())
        for (const ComparedRun& run : compared->runs) add(run.folder, run.run->record);
    else
        add(shown.workspace.run()->folder, shown.workspace.run()->run.record);
    if (folders.size() > 1) html += QStringLiteral("driftscope-run topics.stability --set runs=%1 --out stability\ndriftscope-run topics.ensemble --set runs=%1 --out ensemble\n").arg(folders.join(QLatin1Char(','))).toHtmlEscaped();
    return html + QStringLiteral("</pre>");
}

Result<QString> pageOf(const Shown& shown) {
    const std::vector<Exportable> all = exportables(shown);
    const auto& run = shown.workspace.run();
    QString html = QStringLiteral("<!doctype html><html lang=en><meta charset=utf-8><meta name=viewport content=\"width=device-width\"><title>%1</title><style>%2</style><h1>%1</h1><p>%3</p>")
                       .arg(tr("Topics of %1").arg(shown.workspace.corpus() ? shown.workspace.corpus()->name() : run->title).toHtmlEscaped(), QLatin1String(kStyle),
                            tr("Driftscope %1, %2. Run: %3.").arg(QStringLiteral(DRIFTSCOPE_VERSION), QDateTime::currentDateTime().toString(Qt::ISODate), run->title).toHtmlEscaped());
    html += corpusSection(shown);
    DS_ASSIGN(const QString map, picture(all, "map"));
    html += topicsSection(shown) + map;
    if (shown.comparison.result()) {
        DS_ASSIGN(const QString matches, picture(all, "matches"));
        DS_ASSIGN(const QString pairs, picture(all, "pairs"));
        DS_ASSIGN(const QString stable, picture(all, "topic_stability"));
        html += heading(tr("Stability of %1 runs").arg(shown.comparison.result()->runs.size())) + table(shown.runs.stability().table()) + pairs + stable;
        html += heading(tr("Topics that come back")) + QStringLiteral("<p>%1</p>").arg(tr("Rows are topics matched at a similarity of at least %1; a blank says that the run did not recover the topic.").arg(shown.runs.grid().threshold())) + matches;
    }
    if (shown.comparison.joined()) html += heading(tr("Ensemble")) + table(shown.runs.ensemble().scores()) + table(shown.runs.ensemble().table());
    if (!shown.categories.alignments().empty()) {
        DS_ASSIGN(const QString heat, picture(all, "topics_by_category"));
        DS_ASSIGN(const QString perK, picture(all, "scores_by_k"));
        html += heading(tr("Agreement with human categories")) + table(shown.categories.table()) + heat + perK;
    }
    if (!shown.judgements.raters().empty()) {
        DS_ASSIGN(const QString own, picture(all, "human_scores"));
        html += heading(tr("People")) + table(shown.people.results().raters()) + QStringLiteral("<p>%1</p>").arg(shown.people.results().own().summary()) + own;
    }
    html += QStringLiteral("<p class=note>%1</p>").arg(tr("Coherence metrics are weak proxies of human judgement: Spearman .28 to .43 for NPMI and C_v over 300 published topics (Hoyle et al. 2021)."));
    return html + commandsSection(shown) + QStringLiteral("</html>\n");
}

}  // namespace

Result<void> exportReport(const Shown& shown, const QString& path) {
    if (!shown.workspace.run()) return fail(ErrorCode::Usage, "There is no run to report on.", "Open one first.");
    DS_ASSIGN(const QString html, pageOf(shown));
    return writeFileAtomically(path.toStdString(), html.toStdString());
}

}  // namespace driftscope::topics
