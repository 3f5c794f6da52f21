#pragma once

#include <QJsonObject>
#include <QObject>
#include <QString>
#include <QStringList>
#include <QTimer>
#include <functional>
#include <vector>

#include "core/base/error.h"

namespace driftscope {

class MainWindow;
class Report;

/// The demo project: its data copied beside project.json, so that the folder can be moved and kept.
struct DemoProject {
    QString folder;
    QJsonObject request;  ///< what the panel is asked to prepare (Panel::restoreState)
    QString panel;        ///< "cells"
};

/// Makes the demo project in `folder` (or finds the one already there) from resources/demo/NAME.
Result<DemoProject> makeDemoProject(const QString& resources, const QString& name, const QString& folder);

/// Walks the real window through the demo as a person would, keeps a screenshot of every state, and writes report.html.
/// Each step waits for its condition; a step that never comes true ends the walk with an error.
class DemoTour : public QObject {
    Q_OBJECT
  public:
    DemoTour(MainWindow& window, DemoProject project, QString reportFolder, QObject* parent = nullptr);
    void start();

  Q_SIGNALS:
    void finished(bool ok, const QString& message);

  private:
    struct Step {
        QString what;
        std::function<bool()> ready;
        std::function<void()> act;
        int timeoutSeconds;
    };
    void plan();
    void planPreparation();
    void planViews();
    void planLabels();
    void tick();
    void shoot(const QString& file, const QString& caption);
    void trigger(const QString& action);
    QJsonObject panelState() const;
    QString stage() const;
    bool writeReport();

    MainWindow& window_;
    DemoProject project_;
    QString folder_;
    std::vector<Step> steps_;
    std::size_t next_ = 0;
    double waited_ = 0;
    QTimer timer_;
    std::vector<std::pair<QString, QString>> pictures_;
};

}  // namespace driftscope
