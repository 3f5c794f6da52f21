#pragma once

#include <optional>

#include "plugins/drift/joint_map.h"
#include "plugins/drift/latest.h"
#include "plugins/drift/view_frame.h"

class QCheckBox;
class QComboBox;

namespace driftscope {
class EmbeddingView2D;
class IdSet;
}

namespace driftscope::drift {

class DriftLabels;
class InspectModel;

/// The samples' vectors before and at the chosen step in one map, with arrows from before to after and the way between. The
/// axes are made of all steps and stay while the step moves.
class MapView : public ViewFrame {
    Q_OBJECT
  public:
    MapView(InspectModel& model, DriftLabels& labels, QWidget* parent = nullptr);

    EmbeddingView2D& map() { return *view_; }
    const JointMap* shown() const { return map_ ? &*map_ : nullptr; }
    bool busy() const { return worker_.busy(); }
    Result<void> exportTo(const QString& path) override;

  private:
    void buildControls();
    void link();
    void request();
    void adopt(JointMap map);
    void showStep();
    void showColours();
    void showSelection();
    void choose(const IdSet& picked, Qt::KeyboardModifiers modifiers);
    std::optional<std::uint32_t> sampleOf(std::uint32_t point) const;  ///< among the samples of the run
    QString describe(std::uint32_t point) const;
    QString csv() const;

    InspectModel& model_;
    DriftLabels& labels_;
    EmbeddingView2D* view_;
    QComboBox *projection_, *colour_;
    QCheckBox *allLayers_, *tracks_;
    std::optional<JointMap> map_;
    MapRequest requested_;
    Latest<JointMap> worker_;
};

}  // namespace driftscope::drift
