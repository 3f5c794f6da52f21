#pragma once

#include "plugins/drift/view_frame.h"

class QLabel;
class QToolButton;

namespace driftscope::drift {

class InspectModel;
class InspectedRun;
class TokenHeat;
struct TokenStrip;

/// One sample from within: its tokens with their drift in every layer, and what the model answers before and after.
class TokenView : public ViewFrame {
    Q_OBJECT
  public:
    explicit TokenView(InspectModel& model, QWidget* parent = nullptr);

    TokenHeat& heat() { return *heat_; }
    QString answers() const;
    Result<void> exportTo(const QString& path) override;

  private:
    void refresh();
    void go(int by);
    void showAnswers(std::uint32_t sample);
    bool addStrip(std::vector<TokenStrip>& strips, const InspectedRun& run, std::uint32_t sample) const;

    InspectModel& model_;
    TokenHeat* heat_;
    QLabel* answers_;
};

}  // namespace driftscope::drift
