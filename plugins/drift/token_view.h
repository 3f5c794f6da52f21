#pragma once

#include "plugins/drift/view_frame.h"

namespace driftscope::drift {

class InspectModel;
class InspectedRun;
class TokenHeat;
struct TokenStrip;

/// One sample from within: its tokens with their drift in every layer, of the run and of the one beside it.
class TokenView : public ViewFrame {
    Q_OBJECT
  public:
    explicit TokenView(InspectModel& model, QWidget* parent = nullptr);

    TokenHeat& heat() { return *heat_; }
    Result<void> exportTo(const QString& path) override;

  private:
    void refresh();
    void go(int by);
    bool addStrip(std::vector<TokenStrip>& strips, const InspectedRun& run, std::uint32_t sample) const;

    InspectModel& model_;
    TokenHeat* heat_;
};

}  // namespace driftscope::drift
