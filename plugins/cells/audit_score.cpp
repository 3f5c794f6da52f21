#include "plugins/cells/audit_score.h"

#include <QCoreApplication>

#include "core/base/proportion.h"

namespace driftscope::cells {

QString AuditScore::text() const {
    if (total == 0) return {};
    const Interval interval = wilson(right, total);
    return QCoreApplication::translate("AuditScore", "%1 of %2 audits right (95 %: %3–%4 %)")
        .arg(right)
        .arg(total)
        .arg(100 * interval.low, 0, 'f', 0)
        .arg(100 * interval.high, 0, 'f', 0);
}

}  // namespace driftscope::cells
