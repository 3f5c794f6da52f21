#pragma once

#include <QSize>
#include <QString>
#include <functional>
#include <vector>

#include "core/base/error.h"

namespace driftscope::topics {

class CategoriesView;
class Comparison;
class DataView;
class ExploreView;
class Judgements;
class PeopleView;
class RunsView;
class SpaceView;
class TopicLabels;
class Workspace;

/// What the panel shows, for whoever writes it to files.
struct Shown {
    Workspace& workspace;
    TopicLabels& labels;
    Comparison& comparison;
    Judgements& judgements;
    DataView& data;
    ExploreView& explore;
    RunsView& runs;
    CategoriesView& categories;
    SpaceView& space;
    PeopleView& people;
};

/// One plot or table of the panel.
struct Exportable {
    QString id;     ///< stem of its file
    QString title;
    bool picture = false;
    std::function<bool()> isEmpty;
    /// Pictures: .png or .svg by the suffix; tables: CSV.
    std::function<Result<void>(const QString& path)> write;
};

/// Every plot and every table, in the order of the tabs.
std::vector<Exportable> exportables(const Shown& shown);

/// Writes everything there is into a folder: plots as PNG and SVG, tables as CSV, theta and beta as NPY, what was measured as JSON,
/// and report.html. Returns how many files. Errors name the file.
Result<int> exportEverything(const Shown& shown, const QString& folder);

/// The comparison as one HTML page that needs no other file.
Result<void> exportReport(const Shown& shown, const QString& path);

}  // namespace driftscope::topics
