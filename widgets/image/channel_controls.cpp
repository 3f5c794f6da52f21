#include "widgets/image/channel_controls.h"

#include <QCheckBox>
#include <QColorDialog>
#include <QDoubleSpinBox>
#include <QHBoxLayout>
#include <QLabel>
#include <QPixmap>
#include <QSignalBlocker>
#include <QTimer>
#include <QToolButton>
#include <QVBoxLayout>
#include <algorithm>

#include "widgets/image/contrast_range.h"
#include "widgets/image/time_lapse_canvas.h"

namespace driftscope::image {

namespace {

constexpr int kBins = 96;
constexpr int kHistogramMs = 120;  // at most this often while playing

QDoubleSpinBox* spin(QWidget* parent, const QString& name, double low, double high, int decimals) {
    auto* box = new QDoubleSpinBox(parent);
    box->setRange(low, high);
    box->setDecimals(decimals);
    box->setAccessibleName(name);
    box->setToolTip(name);
    box->setKeyboardTracking(false);
    box->setButtonSymbols(QAbstractSpinBox::NoButtons);
    box->setMaximumWidth(72);
    return box;
}

QToolButton* button(QWidget* parent, const QString& text, const QString& help) {
    auto* result = new QToolButton(parent);
    result->setText(text);
    result->setToolTip(help);
    result->setAccessibleName(help);
    result->setAutoRaise(true);
    return result;
}

}  // namespace

struct ChannelControls::Row {
    QWidget* box;
    QCheckBox* visible;
    QToolButton* color;
    ContrastRange* range;
    QDoubleSpinBox *low, *high, *gamma;
};

ChannelControls::ChannelControls(TimeLapseCanvas* canvas, QWidget* parent)
    : QWidget(parent), canvas_(canvas), column_(new QVBoxLayout(this)) {
    column_->setContentsMargins(6, 6, 6, 6);
    column_->setSpacing(8);
    setAccessibleName(tr("Channels"));
    auto* throttle = new QTimer(this);
    throttle->setSingleShot(true);
    throttle->setInterval(kHistogramMs);
    connect(throttle, &QTimer::timeout, this, &ChannelControls::histograms);
    connect(canvas_, &TimeLapseCanvas::frameShown, throttle, [throttle] {
        if (!throttle->isActive()) throttle->start();
    });
    connect(canvas_, &TimeLapseCanvas::sourceChanged, this, &ChannelControls::rebuild);
    connect(canvas_, &TimeLapseCanvas::channelsChanged, this, &ChannelControls::refresh);
    rebuild();
}

ChannelControls::~ChannelControls() = default;

void ChannelControls::showEvent(QShowEvent* event) {
    QWidget::showEvent(event);
    histograms();
}

void ChannelControls::rebuild() {
    for (const auto& row : rows_) delete row->box;
    rows_.clear();
    while (QLayoutItem* item = column_->takeAt(0)) {
        delete item->widget();
        delete item;
    }
    for (int c = 0; c < static_cast<int>(canvas_->channels().size()); ++c) rows_.emplace_back(addRow(c));
    if (rows_.empty()) {
        auto* empty = new QLabel(tr("Open a time-lapse to adjust its channels."), this);
        empty->setWordWrap(true);
        column_->addWidget(empty);
    }
    column_->addStretch(1);
    refresh();
    histograms();
}

ChannelControls::Row* ChannelControls::addRow(int channel) {
    auto row = std::make_unique<Row>();
    const auto& info = canvas_->source()->info();
    const QString name = QString::fromStdString(info.channels.at(static_cast<std::size_t>(channel)).name);
    row->box = new QWidget(this);
    auto* lines = new QVBoxLayout(row->box);
    lines->setContentsMargins(0, 0, 0, 0);
    lines->setSpacing(2);
    auto* head = new QHBoxLayout;
    row->visible = new QCheckBox(name, row->box);
    row->visible->setToolTip(tr("Show %1").arg(name));
    row->color = button(row->box, {}, tr("Colour of %1").arg(name));
    auto* automatic =
        button(row->box, tr("Auto"), tr("Contrast of %1 from this frame: 0.5 % to 99.8 % of its pixels").arg(name));
    auto* reset = button(row->box, tr("Reset"), tr("Colour and contrast of %1 as the file gives them").arg(name));
    head->addWidget(row->color);
    head->addWidget(row->visible, 1);
    head->addWidget(automatic);
    head->addWidget(reset);
    row->range = new ContrastRange(row->box);
    row->range->setAccessibleName(tr("Contrast limits of %1").arg(name));
    const bool whole = info.pixelType.rfind("float", 0) != 0;
    row->low = spin(row->box, tr("Pixel value shown black"), -1e9, 1e9, whole ? 0 : 3);
    row->high = spin(row->box, tr("Pixel value shown in full colour"), -1e9, 1e9, whole ? 0 : 3);
    row->gamma = spin(row->box, tr("Gamma: below 1 brightens the middle"), 0.1, 5, 2);
    row->gamma->setSingleStep(0.1);
    row->gamma->setPrefix(QStringLiteral("γ "));
    auto* numbers = new QHBoxLayout;
    numbers->addWidget(row->low);
    numbers->addWidget(row->gamma, 1, Qt::AlignHCenter);
    numbers->addWidget(row->high);
    lines->addLayout(head);
    lines->addWidget(row->range);
    lines->addLayout(numbers);
    column_->addWidget(row->box);
    const auto edit = [this, channel](auto change) {
        ChannelDisplay display = canvas_->channels().at(static_cast<std::size_t>(channel));
        change(display);
        canvas_->setChannel(channel, display);
    };
    connect(row->visible, &QCheckBox::toggled, this,
            [edit](bool on) { edit([on](ChannelDisplay& d) { d.visible = on; }); });
    connect(row->range, &ContrastRange::limitsChanged, this,
            [edit](double low, double high) { edit([=](ChannelDisplay& d) { d.low = low, d.high = high; }); });
    connect(row->low, &QDoubleSpinBox::valueChanged, this,
            [edit](double v) { edit([v](ChannelDisplay& d) { d.low = std::min(v, d.high - 1e-6); }); });
    connect(row->high, &QDoubleSpinBox::valueChanged, this,
            [edit](double v) { edit([v](ChannelDisplay& d) { d.high = std::max(v, d.low + 1e-6); }); });
    connect(row->gamma, &QDoubleSpinBox::valueChanged, this,
            [edit](double v) { edit([v](ChannelDisplay& d) { d.gamma = v; }); });
    connect(row->color, &QToolButton::clicked, this, [this, channel] { chooseColor(channel); });
    connect(automatic, &QToolButton::clicked, this, [this, channel] { canvas_->autoContrast(channel); });
    connect(reset, &QToolButton::clicked, this, [this, channel] { canvas_->resetChannel(channel); });
    return row.release();
}

void ChannelControls::refresh() {
    const auto& channels = canvas_->channels();
    for (std::size_t c = 0; c < rows_.size() && c < channels.size(); ++c) {
        Row& row = *rows_[c];
        const QSignalBlocker blocked[]{QSignalBlocker(row.visible), QSignalBlocker(row.low), QSignalBlocker(row.high),
                                       QSignalBlocker(row.gamma)};
        row.visible->setChecked(channels[c].visible);
        QPixmap swatch(14, 14);
        swatch.fill(channels[c].color);
        row.color->setIcon(swatch);
        row.range->setColor(channels[c].color);
        row.range->setLimits(channels[c].low, channels[c].high);
        row.low->setValue(channels[c].low);
        row.high->setValue(channels[c].high);
        row.gamma->setValue(channels[c].gamma);
    }
}

void ChannelControls::histograms() {
    const FramePtr frame = canvas_->shown();
    if (!frame || !isVisible()) return;
    for (std::size_t c = 0; c < rows_.size() && c < frame->planes.size(); ++c) {
        const Contrast around = autoContrast(*frame->planes[c]);
        const double margin = (around.high - around.low) * 0.25;
        const double low = std::min(around.low - margin, rows_[c]->range->low()),
                     high = std::max(around.high + margin, rows_[c]->range->high());
        rows_[c]->range->setHistogram(histogram(*frame->planes[c], low, high, kBins), low, high);
    }
}

void ChannelControls::chooseColor(int channel) {
    ChannelDisplay display = canvas_->channels().at(static_cast<std::size_t>(channel));
    const QColor chosen = QColorDialog::getColor(display.color, this, tr("Channel colour"));
    if (!chosen.isValid()) return;
    display.color = chosen;
    canvas_->setChannel(channel, display);
}

}  // namespace driftscope::image
