#pragma once

#include <QWidget>

class QToolButton;

namespace driftscope::image {

class ChannelControls;
class TimeLapseCanvas;

/// A canvas with its transport bar, and channel controls that fold out at the right.
class TimeLapseView : public QWidget {
    Q_OBJECT
  public:
    explicit TimeLapseView(QWidget* parent = nullptr);

    TimeLapseCanvas* canvas() const { return canvas_; }
    void setChannelsVisible(bool visible);
    bool channelsVisible() const;

  private:
    QWidget* buildOptions();

    TimeLapseCanvas* canvas_;
    QWidget* side_;
    QToolButton* toggle_;
};

}  // namespace driftscope::image
