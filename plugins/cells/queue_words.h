#pragma once

#include <QString>

#include "core/embed/label_queue.h"

namespace driftscope::cells {

class Annotator;

/// Why a cell is offered, under its crop: "unsure 55 %".
QString queueCaption(const embed::QueueItem& item);
/// The same as a sentence, for its tooltip.
QString queueReason(const embed::QueueItem& item);
/// The line above the queue.
QString queueTitle(const Annotator& annotator, bool predicted);

}  // namespace driftscope::cells
