#include "core/topics/study/study_report.h"

#include <algorithm>

namespace driftscope::topics {
namespace {

constexpr const char* kTitle = "Can these topic models be trusted?";
constexpr const char* kIntro =
    "The design of Hoyle, Goel, Sarkar and Resnik (2022), \"Are Neural Topic Models Broken?\": every model is trained several times on the same documents with other seeds. Stability asks whether another run would give the same "
    "topics; alignment asks whether the topics agree with categories that people made; an ensemble joins the runs.";
constexpr const char* kStyle =
    "body{font:15px/1.5 system-ui,sans-serif;max-width:76rem;margin:2rem auto;padding:0 1rem;color:#1b1b1b;background:#fff}table{border-collapse:collapse;font-size:13px;font-variant-numeric:tabular-nums;margin:.6rem 0 1.6rem}"
    "th,td{padding:.25rem .6rem;border-bottom:1px solid #ddd;text-align:left;white-space:nowrap}th{border-bottom:2px solid #888}tr:hover td{background:#f4f7fb}.note{color:#555;max-width:60rem}.plots{display:flex;flex-wrap:wrap;gap:1rem}"
    "pre{background:#f6f6f6;padding:.7rem;overflow:auto}.wide{overflow-x:auto}";

std::string counted(const Tally& tally) {
    return fmt::format("{} of {} comparisons ({} with an interval that leaves out 0, {} clearly the other way)", tally.better, tally.of, tally.clearlyBetter, tally.clearlyWorse);
}

std::string cellHtml(const std::string& text) {
    if (text.size() > 4 && text.rfind("**", 0) == 0) return "<b>" + escapedText(text.substr(2, text.size() - 4)) + "</b>";
    return escapedText(text);
}

std::string tableHtml(const ReportTable& table) {
    std::string html = fmt::format("<h2>{}</h2>\n<p class=\"note\">{}</p>\n<div class=\"wide\"><table><tr>", escapedText(table.title), escapedText(table.note));
    for (const std::string& name : table.header) html += "<th>" + escapedText(name) + "</th>";
    html += "</tr>\n";
    for (const auto& row : table.rows) {
        html += "<tr>";
        for (const std::string& cell : row) html += "<td>" + cellHtml(cell) + "</td>";
        html += "</tr>\n";
    }
    return html + "</table></div>\n";
}

std::string inMarkdown(std::string text) {
    std::size_t at = 0;
    while ((at = text.find('|', at)) != std::string::npos) text.replace(at, 1, "\\|"), at += 2;
    return text;
}

std::string tableMarkdown(const ReportTable& table) {
    std::string text = fmt::format("## {}\n\n{}\n\n|", table.title, table.note), rule = "|";
    for (const std::string& name : table.header) {
        text += " " + inMarkdown(name) + " |";
        rule += " --- |";
    }
    text += "\n" + rule + "\n";
    for (const auto& row : table.rows) {
        text += "|";
        for (const std::string& cell : row) text += " " + inMarkdown(cell) + " |";
        text += "\n";
    }
    return text + "\n";
}

std::vector<std::string> lostRuns(const StudyResult& result) {
    std::vector<std::string> lines;
    for (const StudyCell& cell : result.cells)
        for (const std::string& why : cell.lost) lines.push_back(fmt::format("{}, {}, K {}: {}", cell.corpus, cell.model, cell.topics, why));
    return lines;
}

/// The plots that belong in a report: the others can be drawn from the CSV.
bool isShown(const std::string& file) {
    return file == "word_distance" || file == "document_distance" || file.rfind("ari-", 0) == 0 || file.rfind("nmi-", 0) == 0 || file == "c_npmi";
}

}  // namespace

std::vector<std::string> findingSentences(const StudyFindings& f) {
    std::vector<std::string> lines;
    if (f.moreStable.of + f.betterAligned.of == 0)
        lines.push_back("Finding 1 needs classical models (lda, nmf) beside neural ones: this study has only one kind.");
    else {
        lines.push_back(fmt::format("Finding 1a, classical models are more stable than neural ones: {}. Lower topic-word and document-topic distances in {}.", verdict(f.moreStable), counted(f.moreStable)));
        lines.push_back(fmt::format("Finding 1b, classical models agree better with human categories: {}. Higher ARI and NMI in {}.", verdict(f.betterAligned), counted(f.betterAligned)));
    }
    for (const auto& [aggregate, tally] : f.ensembleOverMean) {
        const Tally& best = f.ensembleOverBest.at(aggregate);
        lines.push_back(fmt::format("Finding 2, an ensemble is better than its members ({} of theta): {}. ARI, NMI and P1 above the members' mean in {} of {} cases ({} above its interval, {} below), above the best member in {}.", aggregate, verdict(tally), tally.better, tally.of,
                                    tally.clearlyBetter, tally.clearlyWorse, best.better));
    }
    return lines;
}

std::string studyMarkdown(const StudyResult& result, const StudyAbout& about) {
    std::string text = fmt::format("# {}\n\n{}\n\n## What came out\n\n", kTitle, kIntro);
    for (const std::string& line : findingSentences(result.findings)) text += "- " + line + "\n";
    text += "\n## How\n\n    " + about.command + "\n\n";
    for (const std::string& line : about.corpora) text += "- " + line + "\n";
    for (const std::string& line : about.settings) text += "- " + line + "\n";
    for (const std::string& line : lostRuns(result)) text += "- left out: " + line + "\n";
    text += "\n";
    for (const auto& [file, plot] : reportPlots(result))
        if (isShown(file)) text += fmt::format("![{}](plots/{}.svg)\n", plot.title, file);
    text += "\n";
    for (const ReportTable& table : reportTables(result)) text += tableMarkdown(table);
    return text + fmt::format("Driftscope {}. Values of every run: `runs.csv`; means with intervals: `cells.csv`; `ensembles.csv`; `comparisons.csv`.\n", about.version);
}

std::string studyHtml(const StudyResult& result, const StudyAbout& about) {
    std::string html = fmt::format("<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width\"><title>{0}</title><style>{1}</style></head><body>\n<h1>{0}</h1>\n<p>{2}</p>\n<h2>What came out</h2>\n<ul>\n", escapedText(kTitle),
                                   kStyle, escapedText(kIntro));
    for (const std::string& line : findingSentences(result.findings)) html += "<li>" + escapedText(line) + "</li>\n";
    html += "</ul>\n<h2>How</h2>\n<pre>" + escapedText(about.command) + "</pre>\n<ul>\n";
    for (const auto& list : {about.corpora, about.settings})
        for (const std::string& line : list) html += "<li>" + escapedText(line) + "</li>\n";
    for (const std::string& line : lostRuns(result)) html += "<li>left out: " + escapedText(line) + "</li>\n";
    html += "</ul>\n<div class=\"plots\">\n";
    for (const auto& [file, plot] : reportPlots(result))
        if (isShown(file)) html += toSvg(plot);
    html += "</div>\n";
    for (const ReportTable& table : reportTables(result)) html += tableHtml(table);
    return html + fmt::format("<p class=\"note\">Driftscope {}</p>\n</body></html>\n", escapedText(about.version));
}

}  // namespace driftscope::topics
