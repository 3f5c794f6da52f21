#include <cstdio>
#include <cstdlib>

#include "core/label/label_store.h"

/// label_writer FILE FIRST [LAST]: labels target FIRST, FIRST + 1, … one by one; after each apply() prints its number.
/// Every tenth edit is an undo and a redo, so that a kill may also hit those.
int main(int argc, char** argv) {
    if (argc < 3) return 2;
    auto store = driftscope::LabelStore::open(argv[1]);
    if (!store) {
        std::fprintf(stderr, "%s\n", store.error().text().c_str());
        return 3;
    }
    const long first = std::atol(argv[2]);
    const long last = argc > 3 ? std::atol(argv[3]) : -1;
    for (long i = first; last < 0 || i <= last; ++i) {
        const driftscope::LabelTarget target{"plate.zarr", "A/1/0#" + std::to_string(i), i};
        if (!(*store)->apply("cell_division_state", {{target, i % 3 ? "interphase" : "mitosis"}}, "ada")) return 4;
        if (i % 10 == 0 && (!(*store)->undo("ada") || !(*store)->redo("ada"))) return 5;
        std::printf("%ld\n", i);
        std::fflush(stdout);
    }
    return 0;
}
