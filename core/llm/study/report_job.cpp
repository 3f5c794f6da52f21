#include "core/job/job_context.h"
#include "core/llm/study/job_kinds.h"
#include "core/llm/study/study_report.h"

namespace driftscope::llm {
namespace {

using nlohmann::json;

Result<json> runReport(JobContext& job) {
    DS_ASSIGN(const StudyResults results, StudyResults::read(job.params().text("study")));
    DS_TRY(writeStudyReport(results, job.out()));
    return json{{"report", "report.html"}, {"table", "table.csv"}, {"latex", "table.tex"}, {"runs", results.runs.size()}};
}

}  // namespace

JobKind reportKind() {
    return {"llm.report", "Report a study", "Writes table.csv, table.tex (booktabs) and report.html, a page that stands alone: tables with spreads over seeds, curves, definitions and provenance.",
            {{.name = "study", .type = ParamType::Path, .help = "Folder of llm.study, llm.demo or llm.finetune, finished or not."}}, runReport};
}

}  // namespace driftscope::llm
