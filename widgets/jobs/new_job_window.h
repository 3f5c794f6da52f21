#pragma once

#include <QDialog>
#include <QJsonObject>

class QComboBox;
class QLabel;
class QLineEdit;
class QPushButton;
class QScrollArea;

namespace driftscope {
class JobRunner;
namespace form {
class ParamForm;
}
}  // namespace driftscope

namespace driftscope::jobs {

/// Starts a job of any kind: what it does, a form for its parameters, and the same request as a command for a shell.
/// Stays beside the window; nothing waits for it.
class NewJobWindow : public QDialog {
    Q_OBJECT
  public:
    explicit NewJobWindow(JobRunner& jobs, QWidget* parent = nullptr);

    void setKind(const QString& kind, const QJsonObject& params = {});
    QString kind() const;
    form::ParamForm* form() const { return form_; }

  Q_SIGNALS:
    void started(const QString& id);

  private:
    void buildLayout();
    void fillKinds();
    void rebuildForm();
    void refresh();
    void start();

    JobRunner& jobs_;
    QComboBox* kind_;
    QLabel* help_;
    QLineEdit* title_;
    QScrollArea* scroll_;
    form::ParamForm* form_ = nullptr;
    QLineEdit* command_;
    QLabel* problem_;
    QPushButton* start_;
};

}  // namespace driftscope::jobs
