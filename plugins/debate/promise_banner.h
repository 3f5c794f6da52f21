#pragma once

#include <QFrame>

class QLabel;

namespace driftscope::debate {

struct Arena;
struct PlayOptions;

/// Whether a theorem speaks about this debate, to whom, and if not why: never a guarantee that does not hold.
class PromiseBanner : public QFrame {
    Q_OBJECT
  public:
    explicit PromiseBanner(QWidget* parent = nullptr);
    void showPromise(const Arena& arena, const PlayOptions& options);
    void showProblem(const QString& text);  ///< there is no debate, because…
    void showBusy();

  protected:
    void paintEvent(QPaintEvent* event) override;

  private:
    enum class Tone { Holds, Outside, Wrong, Quiet };
    void set(Tone tone, const QString& text, const QString& tip = {});

    QLabel* text_;
    Tone tone_ = Tone::Quiet;
};

}  // namespace driftscope::debate
