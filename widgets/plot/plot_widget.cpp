#include "widgets/plot/plot_widget.h"

#include <qcustomplot.h>

#include <QEvent>
#include <QFileDialog>
#include <QLabel>
#include <QMenu>
#include <QMessageBox>
#include <QVBoxLayout>

#include "widgets/plot/plot_style.h"
#include "widgets/style/palette.h"

namespace driftscope::plot {

namespace {

constexpr int kLegendColumns = 4;
constexpr int kClickReach = 4;  // pixels; a longer way is a drag

QLabel* overlayLabel(QWidget* parent) {
    auto* label = new QLabel(parent);
    label->setAttribute(Qt::WA_TransparentForMouseEvents);
    label->hide();
    return label;
}

}  // namespace

PlotWidget::PlotWidget(QWidget* parent) : QWidget(parent) {
    setFocusPolicy(Qt::StrongFocus);
    column_ = new QVBoxLayout(this);
    column_->setContentsMargins(0, 0, 0, 0);
    column_->setSpacing(2);
    plot_ = new QCustomPlot(this);
    plot_->setFocusPolicy(Qt::NoFocus);
    plot_->setMinimumSize(60, 60);
    column_->addWidget(plot_, 1);
    ring_ = new QCPItemTracer(plot_);
    ring_->setLayer(QStringLiteral("overlay"));
    ring_->setStyle(QCPItemTracer::tsCircle);
    ring_->setSize(9);
    ring_->setVisible(false);
    ring_->setSelectable(false);
    readOut_ = overlayLabel(plot_);
    readOut_->setMargin(5);
    readOut_->setAutoFillBackground(true);
    readOut_->setFrameShape(QFrame::StyledPanel);
    empty_ = overlayLabel(plot_);
    empty_->setAlignment(Qt::AlignCenter);
    empty_->setWordWrap(true);
    empty_->setText(tr("No data yet."));
    note_ = overlayLabel(this);
    note_->setContentsMargins(8, 0, 8, 2);
    column_->addWidget(note_);
    buildInteraction();
    applyPalette(palette());
}

PlotWidget::~PlotWidget() {
    if (!legendRow_->layout()) plot_->plotLayout()->addElement(legendRow_);  // so that the plot frees it
}

void PlotWidget::buildInteraction() {
    plot_->setInteractions(QCP::iRangeDrag | QCP::iRangeZoom);
    plot_->setNoAntialiasingOnDrag(true);
    plot_->axisRect()->setMinimumMargins({8, 8, 12, 6});
    plot_->legend->setFont(font());
    plot_->legend->setFillOrder(QCPLegend::foColumnsFirst);
    plot_->legend->setWrap(kLegendColumns);
    legendRow_ = new QCPLayoutGrid;
    plot_->axisRect()->insetLayout()->take(plot_->legend);
    legendRow_->addElement(0, 0, plot_->legend);
    legendRow_->addElement(0, 1, new QCPLayoutElement(plot_));
    legendRow_->setColumnStretchFactor(0, 0.001);
    plot_->plotLayout()->insertRow(0);
    plot_->plotLayout()->addElement(0, 0, legendRow_);
    showLegend(false);
    plot_->installEventFilter(this);
    connect(plot_, &QCustomPlot::mouseMove, this, [this](QMouseEvent* event) { showReadOut(event->position()); });
    connect(plot_, &QCustomPlot::mouseDoubleClick, this, [this] { fit(); });
    connect(plot_, &QCustomPlot::mousePress, this, [this] { setFocus(Qt::MouseFocusReason); });
    const auto takeRange = [this] { zoomed_ = true; };
    connect(plot_, &QCustomPlot::mouseWheel, this, takeRange);
}

void PlotWidget::setTitle(const QString& title) {
    title_ = title;
    setAccessibleName(title);
    if (!titleElement_) {
        QFont bold = font();
        bold.setBold(true);
        titleElement_ = new QCPTextElement(plot_, title, bold);
        titleElement_->setMargins({0, 6, 0, 0});
        plot_->plotLayout()->insertRow(0);
        plot_->plotLayout()->addElement(0, 0, titleElement_);
    }
    titleElement_->setText(title);
    applyPalette(palette());
}

void PlotWidget::showLegend(bool visible) {
    auto* layout = plot_->plotLayout();
    plot_->legend->setVisible(visible);
    if (visible == (legendRow_->layout() == layout)) return;
    if (visible) {
        layout->insertRow(axisRow());
        layout->addElement(axisRow(), 0, legendRow_);
        layout->setRowStretchFactor(axisRow(), 0.001);
    } else {
        layout->take(legendRow_);
        layout->simplify();
    }
}

void PlotWidget::setXAxis(const QString& label, const QString& unit) {
    xLabel_ = label;
    xUnit_ = unit;
    setAxisLabels();
}

void PlotWidget::setYAxis(const QString& label, const QString& unit) {
    yLabel_ = label;
    yUnit_ = unit;
    setAxisLabels();
}

void PlotWidget::setAxisLabels() {
    const auto text = [](const QString& label, const QString& unit) {
        return unit.isEmpty() ? label : QStringLiteral("%1 [%2]").arg(label, unit);
    };
    plot_->xAxis->setLabel(text(xLabel_, xUnit_));
    plot_->yAxis->setLabel(text(yLabel_, yUnit_));
    setAccessibleDescription(tr("%1 against %2").arg(plot_->yAxis->label(), plot_->xAxis->label()));
    plot_->replot(QCustomPlot::rpQueuedReplot);
}

void PlotWidget::setEmptyText(const QString& text) {
    empty_->setText(text);
}

void PlotWidget::setNote(const QString& note) {
    note_->setText(note);
    note_->setVisible(!note.isEmpty());
}

void PlotWidget::dataChanged() {
    const bool nothing = isEmpty();
    empty_->setVisible(nothing);
    for (QCPAxisRect* rect : plot_->axisRects()) rect->setVisible(!nothing);
    if (nothing) hideReadOut();
    if (!zoomed_) fitRanges();
    plot_->replot(QCustomPlot::rpQueuedReplot);
}

void PlotWidget::fit() {
    zoomed_ = false;
    dataChanged();
}

void PlotWidget::applyPalette(const QPalette& palette) {
    applyStyle(*plot_, palette);
    ring_->setPen(QPen(palette.color(QPalette::Text), 1.5));
    ring_->setBrush(Qt::NoBrush);
    QPalette quiet = palette;
    quiet.setColor(QPalette::WindowText, style::subtleText(palette));
    empty_->setPalette(quiet);
    note_->setPalette(quiet);
    QPalette box = palette;
    box.setColor(QPalette::Window, palette.color(QPalette::ToolTipBase));
    box.setColor(QPalette::WindowText, palette.color(QPalette::ToolTipText));
    readOut_->setPalette(box);
}

void PlotWidget::wear(const QPalette& palette) {
    applyPalette(palette);
    restyle(palette);
    plot_->replot(QCustomPlot::rpQueuedReplot);
}

void PlotWidget::changeEvent(QEvent* event) {
    QWidget::changeEvent(event);
    if (event->type() != QEvent::PaletteChange && event->type() != QEvent::FontChange) return;
    wear(palette());
}

bool PlotWidget::eventFilter(QObject* watched, QEvent* event) {
    if (event->type() == QEvent::Leave) hideReadOut();
    if (event->type() == QEvent::Resize) empty_->setGeometry(plot_->rect().adjusted(16, 8, -16, -8));
    if (event->type() == QEvent::ContextMenu) {
        openMenu(static_cast<QContextMenuEvent*>(event)->globalPos());
        return true;
    }
    if (event->type() == QEvent::MouseButtonRelease) {
        const auto* mouse = static_cast<QMouseEvent*>(event);
        if (mouse->button() == Qt::LeftButton && (mouse->pos() - pressed_).manhattanLength() < kClickReach)
            clicked(mouse->position());
    }
    if (event->type() == QEvent::MouseButtonPress) pressed_ = static_cast<QMouseEvent*>(event)->pos();
    if (event->type() == QEvent::MouseMove && static_cast<QMouseEvent*>(event)->buttons() & Qt::LeftButton)
        zoomed_ = true;
    return QWidget::eventFilter(watched, event);
}

void PlotWidget::keyPressEvent(QKeyEvent* event) {
    if (event->matches(QKeySequence::Save)) return askAndExport();
    if (event->key() == Qt::Key_0 && event->modifiers() & Qt::ControlModifier) return fit();
    if (event->key() == Qt::Key_Menu) return openMenu(mapToGlobal(rect().center()));
    QWidget::keyPressEvent(event);
}

void PlotWidget::showReadOut(const QPointF& pixel) {
    const bool inside = plot_->axisRect()->rect().contains(pixel.toPoint());
    const auto found = inside && !isEmpty() ? readOut(pixel) : std::nullopt;
    if (!found) return hideReadOut();
    ring_->position->setCoords(found->x, found->y);
    if (ring_->visible() || found->marked) {
        ring_->setVisible(found->marked);
        plot_->layer(QStringLiteral("overlay"))->replot();
    }
    readOut_->setText(found->text);
    readOut_->adjustSize();
    QPoint corner = pixel.toPoint() + QPoint(14, 12);
    if (corner.x() + readOut_->width() > plot_->width())
        corner.setX(static_cast<int>(pixel.x()) - readOut_->width() - 10);
    if (corner.y() + readOut_->height() > plot_->height())
        corner.setY(static_cast<int>(pixel.y()) - readOut_->height() - 8);
    readOut_->move(corner);
    readOut_->show();
}

void PlotWidget::hideReadOut() {
    readOut_->hide();
    if (!ring_->visible()) return;
    ring_->setVisible(false);
    plot_->layer(QStringLiteral("overlay"))->replot();
}

void PlotWidget::openMenu(const QPoint& at) {
    QMenu menu(this);
    menu.addAction(tr("Show all"), QKeySequence(QStringLiteral("Ctrl+0")), this, &PlotWidget::fit);
    fillMenu(menu);
    menu.addSeparator();
    QAction* save = menu.addAction(tr("Export picture or data…"), QKeySequence(QKeySequence::Save), this,
                                   &PlotWidget::askAndExport);
    save->setEnabled(!isEmpty());
    menu.exec(at);
}

void PlotWidget::askAndExport() {
    const QString path = QFileDialog::getSaveFileName(
        this, tr("Export plot"), title_.isEmpty() ? tr("plot.svg") : title_ + QStringLiteral(".svg"),
        tr("SVG picture (*.svg);;PDF document (*.pdf);;PNG picture (*.png);;Data as CSV (*.csv)"));
    if (path.isEmpty()) return;
    if (const auto written = exportTo(path); !written)
        QMessageBox::warning(this, tr("Export plot"), QString::fromStdString(written.error().text()));
}

}  // namespace driftscope::plot
