#pragma once

#include <QWidget>

namespace driftscope {
struct HostContext;
}

namespace driftscope::drift {

class EstimateBox;
class GridBox;
class InputCheck;
class RunCatalog;
class SettingsBox;
class SourceBox;
class StudySetup;

/// The page that sets a study up: model and data, methods x ratios x seeds, settings, and what it will take.
class StudyView : public QWidget {
    Q_OBJECT
  public:
    StudyView(HostContext& host, RunCatalog& catalog, QWidget* parent = nullptr);

    StudySetup& setup() { return *setup_; }
    const StudySetup& setup() const { return *setup_; }
    /// Starts the study as a job, or says why not.
    void start();
    /// Starts a short run that measures the time of a step.
    void measure();
    void copyCommand();
    /// Brings the set-up of a study back.
    void adopt(const QJsonObject& params, bool demo);

  Q_SIGNALS:
    void started(const QString& jobId);
    void said(const QString& text);
    void failed(const QString& text);

  private:
    void build();
    QWidget* box(const QString& title, QWidget* content);

    HostContext& host_;
    StudySetup* setup_;
    InputCheck* check_;
    SourceBox* source_;
    GridBox* grid_;
    SettingsBox* settings_;
    EstimateBox* estimate_;
};

}  // namespace driftscope::drift
