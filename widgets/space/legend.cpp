#include "widgets/space/legend.h"

#include <QGuiApplication>
#include <QLabel>
#include <QLinearGradient>
#include <QLocale>
#include <QPainter>
#include <QScrollArea>
#include <QScrollBar>
#include <QStyleOption>
#include <QVBoxLayout>
#include <algorithm>

#include "widgets/space/colour_scheme.h"
#include "widgets/style/palette.h"

namespace driftscope::space {

namespace {

constexpr int kSwatch = 10;
constexpr int kPadding = 8;
constexpr int kBarWidth = 148;
constexpr int kBarHeight = 10;
/// More rows than this and nobody reads them; the rest is summed up in one line.
constexpr int kMostRows = 200;

QString grouped(std::size_t count) {
    return QLocale().toString(static_cast<qulonglong>(count));
}

QString number(double value) {
    return QLocale().toString(value, 'g', 4);
}

QFont smallFont(QFont font) {
    if (font.pointSizeF() > 0) font.setPointSizeF(font.pointSizeF() * 0.9);
    return font;
}

void drawSwatch(QPainter& painter, const QPointF& centre, const QColor& colour, bool on) {
    painter.setRenderHint(QPainter::Antialiasing);
    painter.setPen(QPen(on ? colour.darker(135) : colour, 1.0));
    painter.setBrush(on ? QBrush(colour) : QBrush(Qt::NoBrush));
    painter.drawEllipse(centre, kSwatch / 2.0, kSwatch / 2.0);
}

QString missingText(const ColourScheme& scheme) {
    return QObject::tr("No value (%1)").arg(grouped(scheme.missing));
}

/// Gradient with range below it. Returns the height used.
qreal drawColourBar(QPainter& painter, const QRectF& area, const ColourScheme& scheme, const QPalette& palette) {
    const QFontMetricsF metrics(painter.font());
    QLinearGradient gradient(area.topLeft(), area.topRight());
    for (int stop = 0; stop <= 16; ++stop) gradient.setColorAt(stop / 16.0, style::viridisAt(stop / 16.0));
    const QRectF bar(area.left(), area.top(), area.width(), kBarHeight);
    painter.setRenderHint(QPainter::Antialiasing);
    painter.setPen(Qt::NoPen);
    painter.setBrush(gradient);
    painter.drawRoundedRect(bar, 2, 2);
    painter.setPen(palette.color(QPalette::Text));
    const QRectF labels(area.left(), bar.bottom() + 3, area.width(), metrics.height());
    painter.drawText(labels, Qt::AlignLeft | Qt::AlignVCenter, number(scheme.low));
    painter.drawText(labels, Qt::AlignRight | Qt::AlignVCenter, number(scheme.high));
    if (scheme.missing == 0) return labels.bottom() - area.top();
    const QRectF line(area.left(), labels.bottom() + 4, area.width(), metrics.height());
    drawSwatch(painter, {line.left() + kSwatch / 2.0, line.center().y()}, style::missingColour(palette), true);
    painter.setPen(style::subtleText(palette));
    painter.drawText(line.adjusted(kSwatch + 6, 0, 0, 0), Qt::AlignLeft | Qt::AlignVCenter, missingText(scheme));
    return line.bottom() - area.top();
}

/// The colour bar as a widget, readable by assistive technology.
class ColourBar : public QWidget {
  public:
    ColourBar(const ColourScheme& scheme, QWidget* parent) : QWidget(parent), scheme_(scheme) {
        scheme_.codes.reset();
        setFont(smallFont(font()));
        setAccessibleName(
            QObject::tr("Colour scale %1 from %2 to %3").arg(scheme.title, number(scheme.low), number(scheme.high)));
        setToolTip(QObject::tr("%1: violet is low (%2), yellow is high (%3).")
                       .arg(scheme.title, number(scheme.low), number(scheme.high)));
        const int lines = scheme.missing > 0 ? 2 : 1;
        setFixedSize(kBarWidth, kBarHeight + 8 + lines * (fontMetrics().height() + 2));
    }

  protected:
    void paintEvent(QPaintEvent*) override {
        QPainter painter(this);
        drawColourBar(painter, rect(), scheme_, palette());
    }

  private:
    ColourScheme scheme_;
};

}  // namespace

qreal drawLegend(QPainter& painter, const QRectF& area, const ColourScheme& scheme, const QPalette& palette) {
    if (scheme.kind == ColourScheme::Kind::Plain) return 0;
    painter.save();
    const QFont plain = smallFont(painter.font());
    QFont bold = plain;
    bold.setBold(true);
    const qreal line = QFontMetricsF(plain).height() + 5;
    QRectF row(area.left(), area.top(), area.width(), line);
    painter.setFont(bold);
    painter.setPen(palette.color(QPalette::Text));
    painter.drawText(row, Qt::AlignLeft | Qt::AlignVCenter, scheme.title);
    row.translate(0, line);
    painter.setFont(plain);
    if (scheme.kind == ColourScheme::Kind::Continuous) {
        const QRectF bar(row.left(), row.top() + 2, kBarWidth, area.height());
        const qreal used = line + 2 + drawColourBar(painter, bar, scheme, palette);
        painter.restore();
        return used;
    }
    for (qsizetype i = 0; i < scheme.names.size() && row.bottom() <= area.bottom(); ++i, row.translate(0, line)) {
        const auto index = static_cast<std::size_t>(i);
        const bool on = !scheme.hidden[index];
        drawSwatch(painter, {row.left() + kSwatch / 2.0 + 1, row.center().y()}, scheme.colours[index], on);
        painter.setPen(on ? palette.color(QPalette::Text) : style::subtleText(palette));
        painter.drawText(row.adjusted(kSwatch + 8, 0, 0, 0), Qt::AlignLeft | Qt::AlignVCenter,
                         QStringLiteral("%1  (%2)").arg(scheme.names[i], grouped(scheme.counts[index])));
    }
    painter.restore();
    return row.top() - area.top();
}

LegendRow::LegendRow(const QString& name, const QColor& colour, std::size_t count, QWidget* parent)
    : QAbstractButton(parent), colour_(colour), count_(grouped(count)) {
    setText(name);
    setCheckable(true);
    setChecked(true);
    setFont(smallFont(font()));
    setFocusPolicy(Qt::TabFocus);
    setCursor(Qt::PointingHandCursor);
    setSizePolicy(QSizePolicy::MinimumExpanding, QSizePolicy::Fixed);
    setAccessibleName(QObject::tr("%1, %2 points").arg(name, count_));
    setToolTip(QObject::tr("%1: %2 points. Click to hide or show, Alt+click to show only these.").arg(name, count_));
    setAttribute(Qt::WA_Hover);
}

QSize LegendRow::sizeHint() const {
    const QFontMetrics metrics(font());
    const int name = std::min(metrics.horizontalAdvance(text()), 180);
    return {kSwatch + 8 + name + 14 + metrics.horizontalAdvance(count_) + 4, metrics.height() + 5};
}

void LegendRow::paintEvent(QPaintEvent*) {
    QPainter painter(this);
    if (underMouse() || hasFocus()) {
        painter.setRenderHint(QPainter::Antialiasing);
        QColor wash = palette().color(QPalette::Highlight);
        wash.setAlpha(36);
        painter.setPen(hasFocus() ? QPen(palette().color(QPalette::Highlight), 1) : QPen(Qt::NoPen));
        painter.setBrush(wash);
        painter.drawRoundedRect(QRectF(rect()).adjusted(0.5, 0.5, -0.5, -0.5), 3, 3);
    }
    drawSwatch(painter, {kSwatch / 2.0 + 2, height() / 2.0}, colour_, isChecked());
    painter.setPen(isChecked() ? palette().color(QPalette::Text) : style::subtleText(palette()));
    const int countWidth = fontMetrics().horizontalAdvance(count_);
    const QRect name = rect().adjusted(kSwatch + 9, 0, -countWidth - 12, 0);
    painter.drawText(name, Qt::AlignLeft | Qt::AlignVCenter,
                     fontMetrics().elidedText(text(), Qt::ElideMiddle, name.width()));
    painter.setPen(style::subtleText(palette()));
    painter.drawText(rect().adjusted(0, 0, -3, 0), Qt::AlignRight | Qt::AlignVCenter, count_);
}

Legend::Legend(QWidget* parent) : QWidget(parent), scroll_(new QScrollArea(this)) {
    scroll_->setFrameShape(QFrame::NoFrame);
    scroll_->setWidgetResizable(true);
    scroll_->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    scroll_->setFocusPolicy(Qt::NoFocus);
    scroll_->setAutoFillBackground(false);
    scroll_->viewport()->setAutoFillBackground(false);
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(kPadding, kPadding - 2, kPadding, kPadding - 2);
    layout->addWidget(scroll_);
    setAccessibleName(tr("Legend"));
    setCursor(Qt::ArrowCursor);
    hide();
}

void Legend::setScheme(const ColourScheme& scheme) {
    rows_.clear();
    content_ = new QWidget;
    content_->setAutoFillBackground(false);
    auto* layout = new QVBoxLayout(content_);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(0);
    auto* title = new QLabel(scheme.title, content_);
    QFont bold = smallFont(font());
    bold.setBold(true);
    title->setFont(bold);
    title->setContentsMargins(2, 0, 0, 3);
    title->setVisible(!scheme.title.isEmpty());
    layout->addWidget(title);
    if (scheme.kind == ColourScheme::Kind::Continuous) layout->addWidget(new ColourBar(scheme, content_));
    if (scheme.kind == ColourScheme::Kind::Categories) addRows(scheme);
    layout->addStretch(1);
    scroll_->setWidget(content_);  // deletes the previous content
    scroll_->viewport()->setAutoFillBackground(false);
    content_->setAutoFillBackground(false);
    setVisible(scheme.kind != ColourScheme::Kind::Plain);
}

void Legend::addRows(const ColourScheme& scheme) {
    auto* layout = qobject_cast<QVBoxLayout*>(content_->layout());
    const qsizetype shown = std::min<qsizetype>(scheme.names.size(), kMostRows);
    for (qsizetype i = 0; i < shown; ++i) {
        const auto index = static_cast<std::size_t>(i);
        auto* row = new LegendRow(scheme.names[i], scheme.colours[index], scheme.counts[index], content_);
        row->setChecked(!scheme.hidden[index]);
        connect(row, &LegendRow::clicked, this, [this, index, row] {
            if (QGuiApplication::keyboardModifiers() & Qt::AltModifier)
                showOnly(index);
            else
                Q_EMIT classHidden(index, !row->isChecked());
        });
        rows_.push_back(row);
        layout->addWidget(row);
    }
    QStringList notes;
    if (shown < scheme.names.size())
        notes << tr("and %1 more classes").arg(grouped(static_cast<std::size_t>(scheme.names.size() - shown)));
    if (scheme.missing > 0) notes << missingText(scheme);
    for (const QString& note : notes) {
        auto* label = new QLabel(note, content_);
        label->setFont(smallFont(font()));
        label->setContentsMargins(kSwatch + 9, 3, 0, 0);
        label->setEnabled(false);
        layout->addWidget(label);
    }
}

void Legend::showOnly(std::size_t index) {
    for (std::size_t i = 0; i < rows_.size(); ++i) {
        rows_[i]->setChecked(i == index);
        Q_EMIT classHidden(i, i != index);
    }
}

void Legend::place(const QRect& area) {
    if (content_ == nullptr) return;
    const QSize wanted = content_->sizeHint();
    const int height = std::min(wanted.height() + 2 * kPadding - 4, area.height());
    const int scrollBar =
        height < wanted.height() + 2 * kPadding - 4 ? scroll_->verticalScrollBar()->sizeHint().width() : 0;
    const int width = std::min(wanted.width() + 2 * kPadding + scrollBar, area.width());
    setGeometry(area.right() - width + 1, area.top(), width, height);
}

void Legend::paintEvent(QPaintEvent*) {
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    QColor ground = palette().color(QPalette::Base);
    ground.setAlpha(225);
    painter.setPen(QPen(style::mix(palette().color(QPalette::Base), palette().color(QPalette::Text), 0.14), 1));
    painter.setBrush(ground);
    painter.drawRoundedRect(QRectF(rect()).adjusted(0.5, 0.5, -0.5, -0.5), 5, 5);
}

}  // namespace driftscope::space
