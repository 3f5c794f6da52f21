#pragma once

#include <QPointer>
#include <QWidget>
#include <map>

class QComboBox;
class QLabel;
class QPushButton;
class QSpinBox;
class QVBoxLayout;

namespace driftscope::form {
class ParamForm;
}

namespace driftscope::topics {

class Workspace;

/// Starts one or several trainings on the open corpus: model, its parameters, and how many seeds.
class TrainBox : public QWidget {
    Q_OBJECT
  public:
    explicit TrainBox(Workspace& workspace, QWidget* parent = nullptr);
    void start();
    QJsonObject saveState() const;
    void restoreState(const QJsonObject& state);

  Q_SIGNALS:
    void started(const QStringList& ids);
    void failed(const QString& text);

  private:
    void fill();
    void showModel();
    void refresh();

    Workspace& workspace_;
    QComboBox* model_;
    QLabel *about_, *problem_;
    QSpinBox *runs_, *seed_;
    QPushButton* start_;
    QVBoxLayout* formColumn_;
    QPointer<form::ParamForm> form_;
    std::map<QString, QJsonObject> values_;  ///< of each model, as they were typed
    QString shown_;                          ///< the model of the form
};

}  // namespace driftscope::topics
