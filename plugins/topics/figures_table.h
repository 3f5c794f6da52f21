#pragma once

#include <QStringList>
#include <QTableWidget>
#include <vector>

namespace driftscope::topics {

/// A plain table of figures that can be selected and copied as tab-separated text (Ctrl+C) and exported as CSV.
class FiguresTable : public QTableWidget {
    Q_OBJECT
  public:
    explicit FiguresTable(QWidget* parent = nullptr);
    /// The first column is left-aligned, the others right-aligned unless `texts` names them.
    void setRows(const QStringList& heads, const std::vector<QStringList>& rows, const std::vector<int>& texts = {});
    QString csv() const;

  protected:
    void keyPressEvent(QKeyEvent* event) override;
};

}  // namespace driftscope::topics
