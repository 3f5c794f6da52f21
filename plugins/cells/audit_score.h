#pragma once

#include <QString>
#include <cstdint>

namespace driftscope::cells {

/// How often the probe was right about cells drawn at random, before it learnt their label: an unbiased accuracy, while
/// accuracy on what the queue chose is not.
struct AuditScore {
    std::int64_t right = 0;
    std::int64_t total = 0;

    void add(bool correct) {
        ++total;
        right += correct;
    }
    /// "9 of 10 audits right (95 %: 60–98 %)"; empty before the first.
    QString text() const;
};

}  // namespace driftscope::cells
