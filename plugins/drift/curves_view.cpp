#include "plugins/drift/curves_view.h"

namespace driftscope::drift {

CurvesView::CurvesView(QWidget* parent) : QWidget(parent) {}

}  // namespace driftscope::drift
