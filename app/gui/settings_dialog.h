#pragma once

#include <QDialog>

namespace driftscope {

class Settings;

/// Settings take effect as they are changed; there is nothing to apply or cancel.
class SettingsDialog : public QDialog {
    Q_OBJECT
  public:
    explicit SettingsDialog(Settings& settings, QWidget* parent = nullptr);

  Q_SIGNALS:
    void changed();

  private:
    QWidget* buildForm();

    Settings& settings_;
};

}  // namespace driftscope
