#!/bin/sh
# Installs what is missing, builds everything and runs every test, GUI tests on a private X display.
# Usage: tests/run.sh [ctest arguments, for example -R cells or -LE gui]
set -eu
here=$(cd "$(dirname "$0")/.." && pwd)
"$here/app/install_dependencies.sh" --tests
cmake -S "$here" -B "$here/build/release" -G Ninja -DCMAKE_BUILD_TYPE=Release -DDRIFTSCOPE_TESTS=ON
cmake --build "$here/build/release"
cd "$here/build/release"
exec ctest --output-on-failure "$@"
