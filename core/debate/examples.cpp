#include "core/debate/computation.h"

namespace driftscope::debate {

using nlohmann::json;

json exampleComputations() {
    json checklist{{"title", "Protocol checklist"}, {"about", "A trial is sound only if all twelve items are met; one clear failure decides."},
                   {"type", "list"}, {"steps", 12}, {"probability", 0.98}, {"combine", "and"}, {"question", "Is item {i} of the checklist met?"}};
    json panel{{"title", "Panel of nine"}, {"about", "Nine independent readers vote; the majority decides."},
               {"type", "majority"}, {"votes", 9}, {"vote_probability", 0.65}};
    json review{{"title", "Screen, then weigh"}, {"about", "A study counts if it is relevant and two of three quality judgements agree."}, {"type", "dag"},
                {"questions", json::array({{{"id", "relevant"}, {"text", "Is the study relevant?"}, {"probability", 0.95}},
                                           {{"id", "blind"}, {"text", "Was it blinded?"}, {"probability", 0.8}},
                                           {{"id", "powered"}, {"text", "Was the sample large enough?"}, {"probability", 0.85}},
                                           {{"id", "reported"}, {"text", "Are all outcomes reported?"}, {"probability", 0.9}}})},
                {"gates", json::array({{{"id", "quality"}, {"op", "majority"}, {"inputs", {"blind", "powered", "reported"}}},
                                       {{"id", "include"}, {"op", "and"}, {"inputs", {"relevant", "quality"}}}})},
                {"output", "include"}};
    json survey{{"title", "Meta-analysis"}, {"about", "Every one of twelve studies is screened and weighed by the same formula; most must count."},
                {"type", "list"}, {"steps", 12}, {"each", "relevant and majority(blind, powered, reported)"}, {"combine", "majority"},
                {"questions", json::array({{{"id", "relevant"}, {"text", "Is study {i} relevant?"}, {"probability", 0.95}},
                                           {{"id", "blind"}, {"text", "Was study {i} blinded?"}, {"probability", 0.85}},
                                           {{"id", "powered"}, {"text", "Was the sample of study {i} large enough?"}, {"probability", 0.9}},
                                           {{"id", "reported"}, {"text", "Are all outcomes of study {i} reported?"}, {"probability", 0.9}}})}};
    json score{{"title", "Weighted score"}, {"about", "Signs of mitosis with weights, against a threshold; a veto overrules them."}, {"type", "expression"},
               {"expression", "2*condensed + plate + 0.5*round >= 2 and not debris"},
               {"questions", json::array({{{"id", "condensed"}, {"text", "Is the chromatin condensed?"}, {"probability", 0.9}},
                                          {{"id", "plate"}, {"text", "Is there a metaphase plate?"}, {"probability", 0.7}},
                                          {{"id", "round"}, {"text", "Is the cell round?"}, {"probability", 0.8}},
                                          {{"id", "debris"}, {"text", "Is it debris?"}, {"probability", 0.05}}})}};
    json opinion{{"title", "Drifting opinion"}, {"about", "An opinion moves up or down with each new piece of evidence; it must end at 5 or more of 8."},
                 {"type", "birth_death"}, {"steps", 20}, {"start", 4}, {"probability", 0.6}, {"cap", 8}, {"accept_at_least", 5}};
    json colony{{"title", "Does the colony survive?"}, {"about", "Every cell divides or dies; the colony survives if any is left after five generations."},
                {"type", "branching"}, {"generations", 5}, {"start", 2}, {"offspring", 2}, {"cap", 8}, {"probability", 0.7}, {"accept_at_least", 1},
                {"question", "Does cell {i} divide?"}};
    json parity{{"title", "Noisy parity"}, {"about", "Is the number of yes answers odd? Every noisy answer hides those before it, so that K stays below 3 however many there are."},
                {"type", "list"}, {"steps", 10}, {"probability", 0.7}, {"combine", "parity"}};
    json single{{"title", "One judgement"}, {"about", "A single question: K is 1, the theorem's simplest case."}, {"type", "majority"},
                {"votes", 1}, {"vote_probability", 0.8}, {"result_bit", false}};
    return {{"checklist", checklist}, {"panel", panel}, {"review", review}, {"survey", survey}, {"score", score}, {"opinion", opinion},
            {"colony", colony}, {"parity", parity}, {"single", single}};
}

}  // namespace driftscope::debate
