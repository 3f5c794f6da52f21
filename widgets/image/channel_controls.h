#pragma once

#include <QWidget>
#include <memory>
#include <vector>

class QVBoxLayout;

namespace driftscope::image {

class TimeLapseCanvas;

/// One row per channel of a canvas: shown or not, colour, contrast limits with histogram, gamma, automatic limits,
/// reset.
class ChannelControls : public QWidget {
    Q_OBJECT
  public:
    /// `canvas` must outlive this widget.
    explicit ChannelControls(TimeLapseCanvas* canvas, QWidget* parent = nullptr);
    ~ChannelControls() override;

  protected:
    void showEvent(QShowEvent* event) override;

  private:
    struct Row;
    void rebuild();
    Row* addRow(int channel);
    void refresh();     ///< the canvas' settings into the rows
    void histograms();  ///< of the frame on screen
    void chooseColor(int channel);

    TimeLapseCanvas* canvas_;
    QVBoxLayout* column_;
    std::vector<std::unique_ptr<Row>> rows_;
};

}  // namespace driftscope::image
