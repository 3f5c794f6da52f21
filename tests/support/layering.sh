#!/bin/sh
# Fails when a folder includes what the dependency rules forbid (README, "Who may include whom").
cd "$1" || exit 2
bad=0
forbid() { # message, pattern, paths...
  message=$1; pattern=$2; shift 2
  hits=$(grep -rnE --include='*.h' --include='*.cpp' "$pattern" "$@" 2>/dev/null)
  if [ -n "$hits" ]; then printf '%s:\n%s\n' "$message" "$hits"; bad=1; fi
}
forbid "Qt in core" '#include *[<"]Q[A-Z]' core
forbid "VTK in core" '#include *<vtk' core
forbid "widgets, plugins or app in core" '#include *"(widgets|plugins|app)/' core
forbid "plugins or app in widgets" '#include *"(plugins|app)/' widgets
forbid "app in plugins" '#include *"app/' plugins
forbid "torch in widgets, plugins or the GUI" '#include *<(torch|ATen|c10)/' widgets plugins app/gui
forbid "torch below the border" '#include *<(torch|ATen|c10)/' core/base core/table core/io core/job core/label core/embed
forbid "OpenCV's highgui links Qt 5" 'opencv2/highgui' core widgets plugins app
forbid "VTK's Qt module links Qt 5" 'QVTK|GUISupportQt' widgets plugins app
for domain in cells llm topics debate; do
  for other in cells llm topics debate; do
    [ "$domain" = "$other" ] || forbid "core/$domain includes core/$other" "#include *\"core/$other/" "core/$domain"
  done
done
for plugin in cells drift topics debate; do
  for other in cells drift topics debate; do
    [ "$plugin" = "$other" ] || forbid "plugins/$plugin includes plugins/$other" "#include *\"plugins/$other/" "plugins/$plugin"
  done
done
# torch headers may stand in public headers of core/tensor only; a domain's private headers end in _torch.h.
hits=$(grep -rnE --include='*.h' '#include *<(torch|ATen|c10)/' core | grep -vE '^core/tensor/|_torch\.h:')
if [ -n "$hits" ]; then printf 'torch in a public header:\n%s\n' "$hits"; bad=1; fi
exit $bad
