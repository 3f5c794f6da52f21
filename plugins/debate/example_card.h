#pragma once

#include <QAbstractButton>

namespace driftscope::debate {

/// One computation to choose: its title, what it is about, and its numbers.
class ExampleCard : public QAbstractButton {
    Q_OBJECT
  public:
    ExampleCard(const QString& title, const QString& about, const QString& facts, QWidget* parent = nullptr);
    QSize sizeHint() const override;
    QSize minimumSizeHint() const override;
    bool hasHeightForWidth() const override { return true; }
    int heightForWidth(int width) const override;

  protected:
    void paintEvent(QPaintEvent* event) override;
    bool event(QEvent* event) override;

  private:
    QFont titleFont() const;
    int aboutHeight(int width) const;

    QString about_;
    QString facts_;
};

}  // namespace driftscope::debate
