#pragma once

#include <QWidget>
#include <functional>

#include "core/base/error.h"

class QHBoxLayout;
class QLabel;
class QPushButton;
class QStackedLayout;
class QToolButton;

namespace driftscope::drift {

/// What the panel's views share: a title with room for controls, an empty state that says what to do and offers it, and
/// export of picture and data.
class ViewFrame : public QWidget {
    Q_OBJECT
  public:
    /// `formats` are the suffixes that exportTo() takes, "png svg csv".
    ViewFrame(const QString& title, const QString& formats, QWidget* parent = nullptr);

    /// Writes what is shown, by the suffix. Errors name the file, or say that there is nothing to write.
    virtual Result<void> exportTo(const QString& path) = 0;
    /// True while the empty state is shown.
    bool isBlank() const;
    QString blankText() const;

  Q_SIGNALS:
    void actionRequested();  ///< the empty state's button
    void failed(const QString& text);
    void said(const QString& text);

  protected:
    void setContent(QWidget* content);
    void addControl(QWidget* widget);
    /// For views whose tab says what they are.
    void hideTitle();
    /// `action` is what the button does; empty for none.
    void showBlank(const QString& text, const QString& action = {});
    void showContent();
    void askAndExport();

  private:
    QString title_, formats_;
    QHBoxLayout* tools_;
    QStackedLayout* stack_;
    QLabel *name_, *blank_;
    QPushButton* action_;
    QToolButton* export_;
};

/// Saves a widget's picture as .png (twice its size) or .svg, and `csv` as .csv. Errors name the file.
Result<void> exportWidget(QWidget& widget, const QString& path, const std::function<QString()>& csv);

}  // namespace driftscope::drift
