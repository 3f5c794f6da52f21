#include "widgets/image/transport_bar.h"

#include <QDoubleSpinBox>
#include <QHBoxLayout>
#include <QLabel>
#include <QMouseEvent>
#include <QPainter>
#include <QSignalBlocker>
#include <QSlider>
#include <QStyle>
#include <QStyleOptionSlider>
#include <QToolButton>

#include "widgets/image/time_lapse_canvas.h"

namespace driftscope::image {

namespace {

/// A press anywhere on the groove goes there at once.
class JumpSlider : public QSlider {
  public:
    using QSlider::QSlider;

  protected:
    void mousePressEvent(QMouseEvent* event) override {
        if (event->button() == Qt::LeftButton) jump(event->position().x());
        QSlider::mousePressEvent(event);
    }

  private:
    void jump(double x) {
        QStyleOptionSlider option;
        initStyleOption(&option);
        const QRect handle = style()->subControlRect(QStyle::CC_Slider, &option, QStyle::SC_SliderHandle, this);
        if (handle.contains(QPoint(static_cast<int>(x), handle.center().y()))) return;
        const int span = width() - handle.width();
        setValue(QStyle::sliderValueFromPosition(minimum(), maximum(), static_cast<int>(x) - handle.width() / 2, span));
    }
};

/// The style's own icon is black on every ground; this one has the text's colour.
QIcon playIcon(bool playing, const QPalette& palette, double ratio) {
    QPixmap pixmap(QSize(16, 16) * ratio);
    pixmap.setDevicePixelRatio(ratio);
    pixmap.fill(Qt::transparent);
    QPainter painter(&pixmap);
    painter.setRenderHint(QPainter::Antialiasing);
    painter.setPen(Qt::NoPen);
    painter.setBrush(palette.color(QPalette::WindowText));
    if (playing) {
        painter.drawRect(QRectF(3.5, 2, 3.2, 12));
        painter.drawRect(QRectF(9.3, 2, 3.2, 12));
    } else {
        painter.drawPolygon(QPolygonF({{3.5, 1.5}, {14, 8}, {3.5, 14.5}}));
    }
    return QIcon(pixmap);
}

}  // namespace

TransportBar::TransportBar(TimeLapseCanvas* canvas, QWidget* parent) : QWidget(parent), canvas_(canvas) {
    build();
    connectCanvas();
    refresh();
}

QToolButton* TransportBar::tool(const QString& text, const QString& help, bool checkable) {
    auto* button = new QToolButton(this);
    button->setText(text);
    button->setToolTip(help);
    button->setAccessibleName(help);
    button->setAutoRaise(true);
    button->setCheckable(checkable);
    return button;
}

void TransportBar::build() {
    play_ = tool({}, tr("Play or pause (Space)"), true);
    drawPlay();
    loop_ = tool(QStringLiteral("↻"), tr("Start again at the end"), true);
    projection_ = tool(tr("Max"), tr("Maximum over all slices"), true);
    frames_ = new JumpSlider(Qt::Horizontal, this);
    frames_->setAccessibleName(tr("Frame"));
    frames_->setToolTip(tr("Frame (A and D, or arrow keys, on the image)"));
    slices_ = new JumpSlider(Qt::Horizontal, this);
    slices_->setAccessibleName(tr("Slice"));
    slices_->setToolTip(tr("Slice (Up and Down on the image)"));
    slices_->setMaximumWidth(120);
    time_ = new QLabel(this);
    time_->setTextInteractionFlags(Qt::TextSelectableByMouse);
    sliceText_ = new QLabel(this);
    speed_ = new QDoubleSpinBox(this);
    speed_->setRange(0.5, 60);
    speed_->setDecimals(1);
    speed_->setSuffix(tr(" fps"));
    speed_->setAccessibleName(tr("Frames per second"));
    speed_->setToolTip(tr("Frames per second while playing; every frame is shown"));
    speed_->setValue(canvas_->framesPerSecond());
    auto* row = new QHBoxLayout(this);
    row->setContentsMargins(4, 2, 4, 2);
    row->addWidget(play_);
    row->addWidget(frames_, 1);
    for (QWidget* widget : std::initializer_list<QWidget*>{time_, speed_, loop_, sliceText_, slices_, projection_})
        row->addWidget(widget);
}

void TransportBar::drawPlay() {
    play_->setIcon(playIcon(canvas_->isPlaying(), palette(), devicePixelRatioF()));
}

void TransportBar::changeEvent(QEvent* event) {
    QWidget::changeEvent(event);
    if (event->type() == QEvent::PaletteChange) drawPlay();
}

void TransportBar::connectCanvas() {
    connect(play_, &QToolButton::toggled, canvas_, &TimeLapseCanvas::setPlaying);
    connect(loop_, &QToolButton::toggled, canvas_, &TimeLapseCanvas::setLooping);
    connect(speed_, &QDoubleSpinBox::valueChanged, canvas_, &TimeLapseCanvas::setFramesPerSecond);
    connect(frames_, &QSlider::valueChanged, this, [this](int frame) {
        canvas_->setPlaying(false);
        canvas_->setFrame(frame);
    });
    connect(slices_, &QSlider::valueChanged, canvas_, &TimeLapseCanvas::setSlice);
    connect(projection_, &QToolButton::toggled, this,
            [this](bool on) { canvas_->setSlice(on ? -1 : slices_->value()); });
    connect(canvas_, &TimeLapseCanvas::sourceChanged, this, &TransportBar::refresh);
    connect(canvas_, &TimeLapseCanvas::frameChanged, this, &TransportBar::showFrame);
    connect(canvas_, &TimeLapseCanvas::sliceChanged, this, &TransportBar::showSlice);
    connect(canvas_, &TimeLapseCanvas::playingChanged, this, [this](bool playing) {
        const QSignalBlocker blocked(play_);
        play_->setChecked(playing);
        drawPlay();
    });
}

void TransportBar::refresh() {
    const QSignalBlocker first(frames_), second(slices_);
    frames_->setRange(0, std::max(0, canvas_->frameCount() - 1));
    slices_->setRange(0, std::max(0, canvas_->sliceCount() - 1));
    slices_->setValue(canvas_->sliceCount() / 2);
    const bool several = canvas_->frameCount() > 1, deep = canvas_->sliceCount() > 1;
    for (QWidget* widget : std::initializer_list<QWidget*>{play_, frames_, loop_, speed_}) widget->setEnabled(several);
    for (QWidget* widget : std::initializer_list<QWidget*>{sliceText_, slices_, projection_}) widget->setVisible(deep);
    // The widest text now, so that the slider does not jump while playing.
    if (canvas_->source())
        time_->setMinimumWidth(
            fontMetrics().horizontalAdvance(timeText(canvas_->source()->info(), canvas_->frameCount() - 1)) + 8);
    showFrame();
    showSlice();
}

void TransportBar::showFrame() {
    const QSignalBlocker blocked(frames_);
    frames_->setValue(canvas_->frame());
    time_->setText(canvas_->source() ? timeText(canvas_->source()->info(), canvas_->frame()) : QString());
}

void TransportBar::showSlice() {
    const QSignalBlocker first(slices_), second(projection_);
    projection_->setChecked(canvas_->slice() < 0);
    if (canvas_->slice() >= 0) slices_->setValue(canvas_->slice());
    sliceText_->setText(canvas_->slice() < 0 ? tr("z max") : tr("z = %1").arg(canvas_->slice()));
}

}  // namespace driftscope::image
