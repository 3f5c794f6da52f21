#pragma once

#include <QWidget>
#include <cstdint>
#include <map>
#include <string>

#include "core/label/label_schema.h"

namespace driftscope::label {

/// "128 of 585 labelled" over a thin bar with a stretch for each class.
class LabelProgress : public QWidget {
    Q_OBJECT
  public:
    explicit LabelProgress(QWidget* parent = nullptr);

    void setSchema(const LabelSchema& schema);
    /// `total` is how many targets there are; -1 when nobody knows.
    void setCounts(const std::map<std::string, std::int64_t>& counts, std::int64_t total);
    QString text() const { return text_; }
    QSize sizeHint() const override;
    QSize minimumSizeHint() const override { return sizeHint(); }

  protected:
    void paintEvent(QPaintEvent* event) override;

  private:
    void describe();

    LabelSchema schema_;
    std::map<std::string, std::int64_t> counts_;
    std::int64_t total_ = -1;
    QString text_;
};

}  // namespace driftscope::label
