#include "plugins/drift/compare_view.h"

namespace driftscope::drift {

CompareView::CompareView(QWidget* parent) : QWidget(parent) {}

}  // namespace driftscope::drift
