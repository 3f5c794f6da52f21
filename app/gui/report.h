#pragma once

#include <QString>
#include <QStringList>
#include <vector>

#include "core/base/error.h"

namespace driftscope {

/// A page of sections with numbers and pictures, written as report.html beside its pictures: opens in any browser, needs
/// no network.
class Report {
  public:
    explicit Report(QString title);

    void section(const QString& title, const QString& text = {});
    /// A picture already in the report's folder.
    void picture(const QString& file, const QString& caption);
    /// Rows of name and value.
    void table(const std::vector<std::pair<QString, QString>>& rows);
    /// A curve as inline SVG; each series is a name with its points in order.
    struct Series {
        QString name;
        std::vector<std::pair<double, double>> points;
    };
    void curves(const QString& xLabel, const QString& yLabel, const std::vector<Series>& series);

    Result<void> write(const QString& folder) const;

  private:
    QString title_;
    QString body_;
};

}  // namespace driftscope
