#include "plugins/drift/study_view.h"

namespace driftscope::drift {

StudyView::StudyView(QWidget* parent) : QWidget(parent) {}

}  // namespace driftscope::drift
