#include "core/label/label_schema.h"

namespace driftscope {

// Columns, values and other spellings as found in napari-iohub's cell state annotator and the files around VisCy. Colours
// are Okabe and Ito's; the two classes of a schema differ in hue and in lightness.
std::vector<LabelSchema> referenceSchemas() {
    return {
        {"cell_division_state",
         "Cell division",
         {{"interphase", "#56B4E9", "1", {"0", "G1", "S", "G2"}},
          {"mitosis", "#E69F00", "2", {"2", "M", "prophase", "prometaphase", "metaphase", "anaphase", "telophase"}}},
         "frame",
         {"unknown", "-1", "nan"}},
        {"infection_state",
         "Infection",
         {{"uninfected", "#009E73", "1", {"1"}}, {"infected", "#E69F00", "2", {"2"}}},
         "onset",
         {"unknown", "-1", "0", "nan"}},
        {"organelle_state",
         "Organelle",
         {{"noremodel", "#999999", "1", {"nonremodel", "no_remodel", "noremodeled"}},
          {"remodel", "#CC79A7", "2", {"remodeled", "remodeling"}}},
         "onset",
         {"unknown", "-1", "nan"}},
        {"cell_death_state",
         "Cell death",
         {{"alive", "#F0E442", "1", {"live"}}, {"dead", "#D55E00", "2", {"apoptotic"}}},
         "onset",
         {"unknown", "-1", "nan"}},
    };
}

}  // namespace driftscope
