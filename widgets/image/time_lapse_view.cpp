#include "widgets/image/time_lapse_view.h"

#include <QCheckBox>
#include <QFormLayout>
#include <QHBoxLayout>
#include <QScrollArea>
#include <QSlider>
#include <QSpinBox>
#include <QToolButton>
#include <QVBoxLayout>

#include "widgets/image/channel_controls.h"
#include "widgets/image/time_lapse_canvas.h"
#include "widgets/image/transport_bar.h"

namespace driftscope::image {

TimeLapseView::TimeLapseView(QWidget* parent) : QWidget(parent), canvas_(new TimeLapseCanvas(this)) {
    auto* scroll = new QScrollArea(this);
    auto* content = new QWidget(scroll);
    auto* stack = new QVBoxLayout(content);
    stack->setContentsMargins(0, 0, 0, 0);
    stack->addWidget(buildOptions());
    stack->addWidget(new ChannelControls(canvas_, content), 1);
    scroll->setWidget(content);
    scroll->setWidgetResizable(true);
    scroll->setFrameShape(QFrame::NoFrame);
    scroll->setFixedWidth(250);
    side_ = scroll;
    toggle_ = new QToolButton(this);
    toggle_->setText(tr("Display"));
    toggle_->setToolTip(tr("Channels, contrast, outlines and tails"));
    toggle_->setCheckable(true);
    toggle_->setAutoRaise(true);
    connect(toggle_, &QToolButton::toggled, side_, &QWidget::setVisible);
    side_->hide();
    auto* bottom = new QHBoxLayout;
    bottom->setSpacing(0);
    bottom->addWidget(new TransportBar(canvas_, this), 1);
    bottom->addWidget(toggle_);
    auto* top = new QHBoxLayout;
    top->setSpacing(0);
    top->addWidget(canvas_, 1);
    top->addWidget(side_);
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(0);
    column->addLayout(top, 1);
    column->addLayout(bottom);
    setFocusProxy(canvas_);
}

QWidget* TimeLapseView::buildOptions() {
    auto* box = new QWidget(this);
    auto* form = new QFormLayout(box);
    form->setContentsMargins(6, 6, 6, 0);
    auto* outlines = new QCheckBox(tr("Outlines"), box);
    outlines->setChecked(canvas_->look().outlines);
    outlines->setToolTip(tr("Borders of the masks, in the colour of each cell's state"));
    auto* fill = new QSlider(Qt::Horizontal, box);
    fill->setRange(0, 100);
    fill->setValue(static_cast<int>(canvas_->look().fill * 100));
    fill->setAccessibleName(tr("Fill"));
    fill->setToolTip(tr("How strongly masks are filled, 0 to 100 %"));
    auto* tail = new QSpinBox(box);
    tail->setRange(0, 1000);
    tail->setValue(canvas_->look().tailLength);
    tail->setSuffix(tr(" frames"));
    tail->setSpecialValueText(tr("none"));
    tail->setToolTip(tr("How far back the tails of the tracks reach"));
    form->addRow(outlines);
    form->addRow(tr("Fill"), fill);
    form->addRow(tr("Tails"), tail);
    connect(outlines, &QCheckBox::toggled, canvas_, &TimeLapseCanvas::setOutlinesVisible);
    connect(fill, &QSlider::valueChanged, canvas_, [canvas = canvas_](int value) { canvas->setFill(value / 100.0); });
    connect(tail, &QSpinBox::valueChanged, canvas_, &TimeLapseCanvas::setTailLength);
    return box;
}

void TimeLapseView::setChannelsVisible(bool visible) {
    toggle_->setChecked(visible);
}

bool TimeLapseView::channelsVisible() const {
    return side_->isVisibleTo(this);
}

}  // namespace driftscope::image
