#include "widgets/plot/matrix_plot.h"

#include <qcustomplot.h>

#include <QMenu>
#include <algorithm>
#include <cmath>
#include <limits>

#include "widgets/plot/plot_style.h"
#include "widgets/style/palette.h"

namespace driftscope::plot {

namespace {

constexpr int kNumbersUpTo = 900;    // cells; more would not be read
constexpr double kNumberWidth = 34;  // pixels a cell needs for its number

QCPColorGradient gradient(bool diverging, const QPalette& palette) {
    QCPColorGradient colors;
    colors.clearColorStops();
    if (diverging) {
        const QColor middle = palette.color(QPalette::Base);
        colors.setColorStopAt(0, style::okabeIto()[0]);
        colors.setColorStopAt(0.5, middle);
        colors.setColorStopAt(1, style::okabeIto()[3]);
    } else {
        for (int i = 0; i <= 16; ++i) colors.setColorStopAt(i / 16.0, style::viridisAt(i / 16.0));
    }
    colors.setNanHandling(QCPColorGradient::nhNanColor);
    colors.setNanColor(style::missingColour(palette));
    return colors;
}

/// Black or white, whichever reads better on `ground`.
QColor inkOn(QRgb ground) {
    return 0.2126 * qRed(ground) + 0.7152 * qGreen(ground) + 0.0722 * qBlue(ground) > 140 ? QColor(0x14, 0x14, 0x14)
                                                                                          : QColor(Qt::white);
}

QSharedPointer<QCPAxisTicker> ticker(const QStringList& names, bool downwards, int count) {
    if (names.isEmpty()) {
        auto plain = QSharedPointer<QCPAxisTicker>::create();
        if (!downwards) return plain;
        auto text = QSharedPointer<QCPAxisTickerText>::create();
        for (int i = 0, step = std::max(1, count / 12); i < count; i += step) text->addTick(i, QString::number(i));
        return text;
    }
    auto text = QSharedPointer<QCPAxisTickerText>::create();
    // Steps and other numbers can be read between ticks; names cannot.
    const bool numbers = std::all_of(names.begin(), names.end(), [](const QString& name) {
        bool number = false;
        name.toDouble(&number);
        return number;
    });
    for (qsizetype i = 0, step = numbers ? (names.size() + 9) / 10 : 1; i < names.size(); i += step) text->addTick(static_cast<double>(i), names[i]);
    return text;
}

}  // namespace

MatrixPlot::MatrixPlot(QWidget* parent) : PlotWidget(parent) {
    map_ = new QCPColorMap(plot()->xAxis, plot()->yAxis);
    map_->setInterpolate(false);
    map_->setTightBoundary(false);
    map_->setAntialiased(false);
    scale_ = new QCPColorScale(plot());
    scale_->setBarWidth(12);
    scale_->setRangeDrag(false);
    scale_->setRangeZoom(false);
    plot()->plotLayout()->addElement(0, 1, scale_);
    map_->setColorScale(scale_);
    auto* together = new QCPMarginGroup(plot());
    plot()->axisRect()->setMarginGroup(QCP::msTop | QCP::msBottom, together);
    scale_->setMarginGroup(QCP::msTop | QCP::msBottom, together);
    mark_ = new QCPItemRect(plot());
    mark_->setSelectable(false);
    mark_->setBrush(Qt::NoBrush);
    mark_->setVisible(false);
    plot()->yAxis->setRangeReversed(true);
    plot()->xAxis->grid()->setVisible(false);
    plot()->yAxis->grid()->setVisible(false);
    plot()->xAxis->setSubTicks(false);
    plot()->yAxis->setSubTicks(false);
    connect(plot()->xAxis, qOverload<const QCPRange&>(&QCPAxis::rangeChanged), this, [this] { placeNumbers(); });
    restyle(palette());
    dataChanged();
}

void MatrixPlot::setMatrix(Matrix matrix) {
    Q_ASSERT(matrix.values.size() == static_cast<std::size_t>(matrix.rows) * static_cast<std::size_t>(matrix.columns));
    matrix_ = std::move(matrix);
    rebuild();
}

void MatrixPlot::setValueLabel(const QString& label, const QString& unit) {
    valueLabel_ = label;
    valueUnit_ = unit;
    scale_->setLabel(unit.isEmpty() ? label : QStringLiteral("%1 [%2]").arg(label, unit));
    plot()->replot(QCustomPlot::rpQueuedReplot);
}

void MatrixPlot::setNumbersVisible(bool visible) {
    numbers_ = visible;
    placeNumbers();
    plot()->replot(QCustomPlot::rpQueuedReplot);
}

void MatrixPlot::setValueRange(double low, double high) {
    low_ = low;
    high_ = high;
    rebuild();
}

void MatrixPlot::setDiverging(bool on) {
    diverging_ = on;
    rebuild();
}

void MatrixPlot::setMarkedCell(int row, int column) {
    markedRow_ = row;
    markedColumn_ = column;
    placeMark();
    plot()->replot(QCustomPlot::rpQueuedReplot);
}

void MatrixPlot::placeMark() {
    mark_->setVisible(markedRow_ >= 0 && markedColumn_ >= 0 && markedRow_ < matrix_.rows && markedColumn_ < matrix_.columns);
    mark_->topLeft->setCoords(markedColumn_ - 0.5, markedRow_ - 0.5);
    mark_->bottomRight->setCoords(markedColumn_ + 0.5, markedRow_ + 0.5);
}

QString MatrixPlot::rowName(int row) const {
    return row < matrix_.rowNames.size() ? matrix_.rowNames[row] : QString::number(row);
}
QString MatrixPlot::columnName(int column) const {
    return column < matrix_.columnNames.size() ? matrix_.columnNames[column] : QString::number(column);
}

void MatrixPlot::rebuild() {
    auto* cells =
        new QCPColorMapData(std::max(1, matrix_.columns), std::max(1, matrix_.rows),
                            QCPRange(0, std::max(1, matrix_.columns - 1)), QCPRange(0, std::max(1, matrix_.rows - 1)));
    for (int row = 0; row < matrix_.rows; ++row)
        for (int column = 0; column < matrix_.columns; ++column) cells->setCell(column, row, at(row, column));
    map_->setData(cells);
    plot()->xAxis->setTicker(ticker(matrix_.columnNames, false, matrix_.columns));
    plot()->yAxis->setTicker(ticker(matrix_.rowNames, true, matrix_.rows));
    applyRange();
    restyle(palette());
    dataChanged();
    placeNumbers();
    placeMark();
}

void MatrixPlot::applyRange() {
    double low = std::numeric_limits<double>::max(), high = std::numeric_limits<double>::lowest();
    for (const double value : matrix_.values)
        if (std::isfinite(value)) {
            low = std::min(low, value);
            high = std::max(high, value);
        }
    if (low > high) low = 0, high = 1;
    if (diverging_) high = std::max(std::abs(low), std::abs(high)), low = -high;
    if (low_ < high_) low = low_, high = high_;
    if (low == high) high = low + 1;
    map_->setDataRange({low, high});
}

void MatrixPlot::fitRanges() {
    plot()->xAxis->setRange(-0.5, std::max(1, matrix_.columns) - 0.5);
    plot()->yAxis->setRange(-0.5, std::max(1, matrix_.rows) - 0.5);
}

void MatrixPlot::restyle(const QPalette& palette) {
    map_->setGradient(gradient(diverging_, palette));
    scale_->axis()->setLabelColor(palette.color(QPalette::Text));
    scale_->axis()->setTickLabelColor(style::subtleText(palette));
    scale_->setVisible(!isEmpty());
    mark_->setPen(QPen(style::okabeIto()[3], 2.5));
    placeNumbers();
}

void MatrixPlot::resizeEvent(QResizeEvent* event) {
    PlotWidget::resizeEvent(event);
    QMetaObject::invokeMethod(
        this,
        [this] {
            placeNumbers();
            plot()->replot(QCustomPlot::rpQueuedReplot);
        },
        Qt::QueuedConnection);
}

void MatrixPlot::placeNumbers() {
    for (int i = plot()->itemCount() - 1; i >= 0; --i)
        if (qobject_cast<QCPItemText*>(plot()->item(i))) plot()->removeItem(i);
    const double width = std::abs(plot()->xAxis->coordToPixel(1) - plot()->xAxis->coordToPixel(0));
    const double height = std::abs(plot()->yAxis->coordToPixel(1) - plot()->yAxis->coordToPixel(0));
    if (!numbers_ || isEmpty() || matrix_.values.size() > kNumbersUpTo || width < kNumberWidth || height < 14) return;
    QCPColorGradient colors = map_->gradient();
    for (int row = 0; row < matrix_.rows; ++row)
        for (int column = 0; column < matrix_.columns; ++column) {
            if (!std::isfinite(at(row, column))) continue;
            auto* text = new QCPItemText(plot());
            text->setSelectable(false);
            text->setText(QLocale::c().toString(at(row, column), 'g', 3));
            text->setFont(font());
            text->setColor(inkOn(colors.color(at(row, column), map_->dataRange())));
            text->position->setCoords(column, row);
            text->setClipToAxisRect(true);
        }
}

bool MatrixPlot::cellAt(const QPointF& pixel, int* row, int* column) const {
    *column = static_cast<int>(std::lround(plot()->xAxis->pixelToCoord(pixel.x())));
    *row = static_cast<int>(std::lround(plot()->yAxis->pixelToCoord(pixel.y())));
    return plot()->axisRect()->rect().contains(pixel.toPoint()) && *row >= 0 && *column >= 0 && *row < matrix_.rows &&
           *column < matrix_.columns;
}

std::optional<ReadOut> MatrixPlot::readOut(const QPointF& pixel) const {
    int row = 0, column = 0;
    if (!cellAt(pixel, &row, &column)) return std::nullopt;
    const double value = at(row, column);
    QString text = tr("%1: %2\n%3: %4\n%5: %6")
                       .arg(yLabel(), rowName(row), xLabel(), columnName(column),
                            valueLabel_.isEmpty() ? tr("value") : valueLabel_,
                            std::isfinite(value) ? quantity(value, valueUnit_) : tr("missing"));
    double sum = 0;
    for (int c = 0; rowShares_ && c < matrix_.columns; ++c) sum += at(row, c);
    if (sum > 0) text += tr("\n%1 % of the row").arg(number(100 * value / sum));
    return ReadOut{static_cast<double>(column), static_cast<double>(row), text, false};
}

void MatrixPlot::clicked(const QPointF& pixel) {
    int row = 0, column = 0;
    if (cellAt(pixel, &row, &column)) Q_EMIT cellClicked(row, column);
}

void MatrixPlot::fillMenu(QMenu& menu) {
    QAction* action = menu.addAction(tr("Numbers"));
    action->setCheckable(true);
    action->setChecked(numbers_);
    connect(action, &QAction::toggled, this, &MatrixPlot::setNumbersVisible);
}

QString MatrixPlot::csv() const {
    QString out = csvField(yLabel());
    for (int column = 0; column < matrix_.columns; ++column) out += QLatin1Char(',') + csvField(columnName(column));
    out += QLatin1Char('\n');
    for (int row = 0; row < matrix_.rows; ++row) {
        out += csvField(rowName(row));
        for (int column = 0; column < matrix_.columns; ++column)
            out += QLatin1Char(',') + QString::number(at(row, column), 'g', 17);
        out += QLatin1Char('\n');
    }
    return out;
}

}  // namespace driftscope::plot
