#pragma once

#include <QJsonObject>
#include <QWidget>

class QVBoxLayout;

namespace driftscope::debate {

/// The first page: worked examples, each with its length, its Lipschitz constant and what it shows, and ways to bring one's own.
class GalleryView : public QWidget {
    Q_OBJECT
  public:
    explicit GalleryView(QWidget* parent = nullptr);

  Q_SIGNALS:
    void chosen(const QJsonObject& computation);
    void newRequested();
    void openRequested();

  private:
    void addExample(QVBoxLayout* column, const QString& id, const QJsonObject& computation);
};

}  // namespace driftscope::debate
