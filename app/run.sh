#!/bin/sh
# Installs what is missing, builds, and opens the demo project. Without a display the same demo runs headless and
# leaves report.html with screenshots in build/demo-report. Extra arguments go to the program.
set -eu
here=$(cd "$(dirname "$0")/.." && pwd)
"$here/app/install_dependencies.sh"
echo "Building (the first time takes about 10 minutes on 2 cores; later only what changed)…"
cmake -S "$here" -B "$here/build/release" -G Ninja -DCMAKE_BUILD_TYPE=Release -DDRIFTSCOPE_TESTS=OFF >"$here/build-configure.log" 2>&1 ||
  { cat "$here/build-configure.log"; exit 1; }
rm -f "$here/build-configure.log"
cmake --build "$here/build/release"
if [ -n "${DISPLAY:-}${WAYLAND_DISPLAY:-}" ]; then
  exec "$here/build/release/bin/driftscope" --demo "$@"
fi
echo "No display: running the demo headless."
"$here/tests/support/under_xvfb.sh" "$here/build/release/bin/driftscope" --demo --report "$here/build/demo-report" "$@"
echo "Report: $here/build/demo-report/report.html"
