#pragma once

#include <QTableWidget>

#include "core/base/error.h"
#include "core/io/csv.h"

namespace driftscope::cells {

/// A table of results as it is on disk; the numbers are shown with four digits and copied and exported in full.
class CsvView : public QTableWidget {
    Q_OBJECT
  public:
    explicit CsvView(const io::CsvTable& csv, QWidget* parent = nullptr);
    /// .csv in full, or .png of what is seen. Errors name the file.
    Result<void> exportTo(const QString& path);
    const io::CsvTable& table() const { return csv_; }

  Q_SIGNALS:
    /// A row that is about one track (and perhaps one frame) was chosen.
    void trackChosen(const QString& entity, std::optional<qint64> frame);

  protected:
    void keyPressEvent(QKeyEvent* event) override;

  private:
    void chosen(int row);
    io::CsvTable csv_;
};

}  // namespace driftscope::cells
