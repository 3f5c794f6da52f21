#pragma once

#include <QAbstractButton>
#include <cstdint>

#include "core/label/label_schema.h"

namespace driftscope::label {

/// A button for one class: its colour, name, key and number of labels. Checked when the current target has the class.
class ClassChip : public QAbstractButton {
    Q_OBJECT
  public:
    ClassChip(const LabelClass& item, QWidget* parent = nullptr);

    void setCount(std::int64_t count);
    std::int64_t labelCount() const { return count_; }
    QSize sizeHint() const override;
    QSize minimumSizeHint() const override;

  protected:
    void paintEvent(QPaintEvent* event) override;
    bool event(QEvent* event) override;
    void nextCheckState() override {}  ///< the owner says which class is current

  private:
    void describe();
    QString countText() const;

    QColor colour_;
    QString key_;
    std::int64_t count_ = 0;
};

}  // namespace driftscope::label
