#pragma once

#include <QStringList>
#include <QTableWidget>
#include <vector>

namespace driftscope::debate {

/// A small read-only table of texts; Ctrl+C copies the selected rows as tab-separated text.
class NumberTable : public QTableWidget {
    Q_OBJECT
  public:
    explicit NumberTable(QWidget* parent = nullptr);
    void setRows(const QStringList& heads, const std::vector<QStringList>& rows);

  protected:
    void keyPressEvent(QKeyEvent* event) override;
};

}  // namespace driftscope::debate
