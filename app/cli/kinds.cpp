#include "app/cli/kinds.h"

// Each domain registers its own kinds; a domain that is not built yet is absent here and in CMakeLists.txt.
#ifdef DRIFTSCOPE_HAS_IO
#include "core/io/io_jobs.h"
#endif
#ifdef DRIFTSCOPE_HAS_EMBED
#include "core/embed/embed_jobs.h"
#endif
#ifdef DRIFTSCOPE_HAS_CELLS
#include "core/cells/cells_jobs.h"
#endif
#ifdef DRIFTSCOPE_HAS_CELL_ANALYSIS
#include "core/cells/analysis/analysis_jobs.h"
#endif
#ifdef DRIFTSCOPE_HAS_EXCHANGE
#include "core/cells/exchange/exchange_jobs.h"
#endif
#ifdef DRIFTSCOPE_HAS_DYNACLR
#include "core/cells/dynaclr/dynaclr_jobs.h"
#endif
#ifdef DRIFTSCOPE_HAS_LLM_TEXT
#include "core/llm/text/llm_text_jobs.h"
#endif
#ifdef DRIFTSCOPE_HAS_DEBATE
#include "core/debate/debate_jobs.h"
#endif
#ifdef DRIFTSCOPE_HAS_LLM_MODEL
#include "core/llm/model/model_jobs.h"
#endif
#ifdef DRIFTSCOPE_HAS_LLM_STUDY
#include "core/llm/study/study_jobs.h"
#endif
#ifdef DRIFTSCOPE_HAS_TOPICS
#include "core/topics/topics_jobs.h"
#endif
#ifdef DRIFTSCOPE_HAS_TOPICS_NEURAL
#include "core/topics/neural/neural_kinds.h"
#endif

namespace driftscope {

#ifdef DRIFTSCOPE_HAS_TOPICS
namespace {
std::vector<topics::TopicModelKind> topicModels() {
    std::vector<topics::TopicModelKind> models{topics::ldaKind(), topics::nmfKind()};
#ifdef DRIFTSCOPE_HAS_TOPICS_NEURAL
    for (topics::TopicModelKind& kind : topics::neuralKinds()) models.push_back(std::move(kind));
#endif
    return models;
}
}  // namespace
#endif

JobRegistry allKinds() {
    JobRegistry registry;
#ifdef DRIFTSCOPE_HAS_CELLS
    cells::registerCellJobs(registry);
#endif
#ifdef DRIFTSCOPE_HAS_CELL_ANALYSIS
    cells::registerAnalysisJobs(registry);
#endif
#ifdef DRIFTSCOPE_HAS_EXCHANGE
    cells::registerExchangeJobs(registry);
#endif
#ifdef DRIFTSCOPE_HAS_DYNACLR
    cells::registerDynaclrJobs(registry);
#endif
#ifdef DRIFTSCOPE_HAS_EMBED
    embed::registerEmbedJobs(registry);
#endif
#ifdef DRIFTSCOPE_HAS_LLM_TEXT
    llm::registerLlmTextJobs(registry);
#endif
#ifdef DRIFTSCOPE_HAS_DEBATE
    debate::registerDebateJobs(registry);
#endif
#ifdef DRIFTSCOPE_HAS_LLM_MODEL
    llm::registerModelJobs(registry);
#endif
#ifdef DRIFTSCOPE_HAS_LLM_STUDY
    llm::registerStudyJobs(registry);
#endif
#ifdef DRIFTSCOPE_HAS_TOPICS
    topics::registerTopicJobs(registry, topicModels());
#endif
#ifdef DRIFTSCOPE_HAS_IO
    io::registerTableJobs(registry);
#endif
    return registry;
}

}  // namespace driftscope
