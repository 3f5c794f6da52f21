#include "core/topics/data/stop_words.h"

#include <sstream>

#include "core/topics/data/read_formats.h"

namespace driftscope::topics {
namespace {

constexpr const char* kEnglish = R"(
a an the this that these those such same other another each every either neither both all any some no none few little many much more most several
i me my mine myself we us our ours ourselves you your yours yourself yourselves he him his himself she her hers herself it its itself
they them their theirs themselves one ones who whom whose which what whoever whatever whichever
anybody anyone anything everybody everyone everything nobody nothing somebody someone something
about above across after against along among around at before behind below beneath beside besides between beyond by despite down during except for
from in inside into like near of off on onto out outside over per since than through throughout till to toward towards under until up upon via
with within without
and but or nor so yet if because although though unless while whereas whether as when whenever where wherever why how
am is are was were be been being do does did doing done have has had having can could may might must shall should will would ought
need dare get gets got getting
not never ever only just also too very quite rather almost already always again further then once here there now still even else perhaps maybe
however therefore thus hence moreover furthermore otherwise instead meanwhile well
isn't aren't wasn't weren't don't doesn't didn't haven't hasn't hadn't can't cannot couldn't mightn't mustn't shan't shouldn't won't wouldn't needn't
i'm you're he's she's it's we're they're i've you've we've they've i'd you'd he'd she'd we'd they'd i'll you'll he'll she'll we'll they'll
let's that's who's what's here's there's where's how's why's ain't
)";

}  // namespace

const std::set<std::string>& englishStopWords() {
    static const std::set<std::string> words = [] {
        std::istringstream text(kEnglish);
        std::set<std::string> out;
        for (std::string word; text >> word;) out.insert(word);
        return out;
    }();
    return words;
}

Result<std::set<std::string>> stopWords(const std::string& which) {
    if (which.empty() || which == "none") return std::set<std::string>{};
    if (which == "english") return englishStopWords();
    if (!std::filesystem::is_regular_file(which))
        return fail(ErrorCode::NotFound, fmt::format("There is no stop-word list '{}'.", which), "Use none, english, or a file with one word a line.");
    DS_ASSIGN(std::vector<std::string> lines, readLines(which));
    std::set<std::string> words;
    for (std::size_t i = 0; i < lines.size(); ++i) {
        DS_ASSIGN(std::string line, checkedText(std::move(lines[i]), fmt::format("{}, line {}", which, i + 1), {}));
        line.resize(std::min(line.find('#'), line.size()));
        std::istringstream text(line);
        for (std::string word; text >> word;) words.insert(word);
    }
    return words;
}

}  // namespace driftscope::topics
