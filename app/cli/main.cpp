#include "app/cli/kinds.h"
#include "app/cli/run_main.h"

int main(int argc, char** argv) {
    return driftscope::runMain(driftscope::allKinds(), argc, argv);
}
