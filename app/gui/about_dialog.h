#pragma once

#include <QDialog>

namespace driftscope {

class PluginHost;

/// Version, licence, the panels found (and why one is refused), and every library with version and licence.
class AboutDialog : public QDialog {
    Q_OBJECT
  public:
    explicit AboutDialog(const PluginHost& host, QWidget* parent = nullptr);
};

}  // namespace driftscope
