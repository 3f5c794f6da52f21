#pragma once

#include <QWidget>
#include <vector>

class QVBoxLayout;

namespace driftscope {

struct PluginInfo;

/// What a project shows while no panel is open: every panel there is, with what it is for.
class PanelChooser : public QWidget {
    Q_OBJECT
  public:
    explicit PanelChooser(QWidget* parent = nullptr);
    /// One button per panel, in this order; refused ones say why and cannot be chosen.
    void setPanels(const std::vector<PluginInfo>& plugins);

  Q_SIGNALS:
    void chosen(const QString& id);

  private:
    QVBoxLayout* buttons_;
};

}  // namespace driftscope
