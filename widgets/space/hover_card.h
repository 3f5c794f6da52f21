#pragma once

#include <QPixmap>
#include <QWidget>

namespace driftscope::space {

/// A small card beside the cursor: picture above text. Never takes focus or mouse.
class HoverCard : public QWidget {
    Q_OBJECT
  public:
    explicit HoverCard(QWidget* parent);
    /// Shows the card next to `cursor` (global), on the side where the screen has room. Empty content hides it.
    void present(const QPixmap& picture, const QString& text, const QPoint& cursor);
    void follow(const QPoint& cursor);  ///< moves the visible card

  protected:
    void paintEvent(QPaintEvent* event) override;

  private:
    QSize contentSize() const;

    QPixmap picture_;
    QString text_;
};

}  // namespace driftscope::space
