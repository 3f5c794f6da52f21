#pragma once

#include <QLayout>
#include <QLayoutItem>
#include <vector>

namespace driftscope::label {

/// Puts widgets side by side and goes on in the next line when the width is used up.
class FlowLayout : public QLayout {
  public:
    explicit FlowLayout(int spacing);
    ~FlowLayout() override;

    void addItem(QLayoutItem* item) override;
    int count() const override;
    QLayoutItem* itemAt(int index) const override;
    QLayoutItem* takeAt(int index) override;
    bool hasHeightForWidth() const override { return true; }
    int heightForWidth(int width) const override;
    Qt::Orientations expandingDirections() const override { return {}; }
    QSize sizeHint() const override;
    QSize minimumSize() const override;
    void setGeometry(const QRect& rect) override;

  private:
    /// Places the items in `rect` (or only measures) and returns the height used.
    int arrange(const QRect& rect, bool place) const;

    std::vector<QLayoutItem*> items_;
};

}  // namespace driftscope::label
