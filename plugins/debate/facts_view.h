#pragma once

#include <QWidget>
#include <vector>

class QGridLayout;
class QLabel;

namespace driftscope::debate {

struct Arena;

/// T, S, l, P(yes) and the Lipschitz constants of a computation, each with where it comes from and which one is used.
class FactsView : public QWidget {
    Q_OBJECT
  public:
    explicit FactsView(QWidget* parent = nullptr);
    void setArena(const Arena* arena);

  private:
    QLabel* row(const QString& name, const QString& help);

    QGridLayout* grid_;
    QLabel *steps_, *space_, *length_, *accept_, *states_, *used_, *firstOrder_, *certified_, *sampled_, *repeatable_;
};

}  // namespace driftscope::debate
