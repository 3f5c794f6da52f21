#pragma once

#include <QString>
#include <QStringList>

#include "core/base/error.h"

namespace driftscope {

/// What the command line of the GUI says.
struct Options {
    QString open;       ///< a project, or data to be opened
    QString project;    ///< where to put a new project for `open`, or for the demo
    QString panel;      ///< opened at the start
    bool demo = false;
    QString report;     ///< write the demo's report here and quit
    bool quitAfterStart = false;
    QString runner;     ///< driftscope-run
    QString plugins;    ///< folder of panel plugins
    QString settings;   ///< folder of the settings; empty: the usual place
    QString output;     ///< what --help or --version print; the program ends then
};

Result<Options> parseOptions(const QStringList& arguments, const QString& programFolder);

}  // namespace driftscope
