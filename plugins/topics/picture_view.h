#pragma once

#include <QPalette>
#include <QWidget>

#include "core/base/error.h"

namespace driftscope::topics {

/// A view that paints itself at any size, so that what is on screen can be exported as a picture with the same code.
class PictureView : public QWidget {
    Q_OBJECT
  public:
    using QWidget::QWidget;

    virtual bool isEmpty() const = 0;
    virtual QString csv() const = 0;  ///< the shown numbers, one header line
    /// Writes .png (twice the size), .svg (vectors; both on white) or .csv, by the suffix. `provenance` goes into the file's
    /// description. Errors name the file: unknown suffix, nothing to show, cannot write.
    Result<void> exportTo(const QString& path, const QString& provenance = {}) const;
    QImage picture(double scale) const;  ///< on white
    /// Of exported pictures; also good for a view that was never on screen.
    virtual QSize pictureSize() const { return width() < kLeastWidth ? sizeHint() : size(); }
    static constexpr int kLeastWidth = 200;

  protected:
    virtual void draw(QPainter& painter, const QSizeF& size, const QPalette& palette) const = 0;
    void paintEvent(QPaintEvent* event) override;
    void drawMessage(QPainter& painter, const QSizeF& size, const QPalette& palette, const QString& text) const;
};

/// Black on white, for pictures that go into documents.
QPalette paperColours();
/// A field of a CSV line, quoted where needed.
QString csvField(const QString& text);

}  // namespace driftscope::topics
