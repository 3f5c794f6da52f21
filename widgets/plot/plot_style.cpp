#include "widgets/plot/plot_style.h"

#include <qcustomplot.h>

#include <QLocale>
#include <QPalette>

#include "widgets/style/palette.h"

namespace driftscope::plot {

namespace {

void styleAxis(QCPAxis& axis, const QPalette& palette) {
    const QColor text = palette.color(QPalette::Text);
    const QColor quiet = style::subtleText(palette);
    const QColor base = palette.color(QPalette::Base);
    axis.setBasePen(QPen(style::mix(base, text, 0.35), 1));
    axis.setTickPen(QPen(style::mix(base, text, 0.35), 1));
    axis.setSubTickPen(QPen(style::mix(base, text, 0.2), 1));
    axis.setTickLabelColor(quiet);
    axis.setLabelColor(text);
    axis.setTickLength(0, 4);
    axis.setSubTickLength(0, 2);
    axis.setLabelPadding(4);
    axis.setNumberFormat(QStringLiteral("gb"));
    axis.setNumberPrecision(4);
    axis.grid()->setPen(QPen(style::mix(base, text, 0.09), 1));
    axis.grid()->setSubGridVisible(false);
    axis.grid()->setZeroLinePen(QPen(style::mix(base, text, 0.2), 1));
}

void styleLegend(QCPLegend& legend, const QPalette& palette) {
    legend.setBrush(Qt::NoBrush);
    legend.setBorderPen(Qt::NoPen);
    legend.setTextColor(palette.color(QPalette::Text));
    legend.setIconSize(18, 8);
    legend.setRowSpacing(1);
    legend.setMargins({10, 6, 6, 0});
}

}  // namespace

void applyStyle(QCustomPlot& plot, const QPalette& palette) {
    plot.setBackground(palette.color(QPalette::Base));
    for (QCPAxisRect* rect : plot.axisRects())
        for (QCPAxis* axis : rect->axes()) styleAxis(*axis, palette);
    if (plot.legend) styleLegend(*plot.legend, palette);
    for (int i = 0; i < plot.plotLayout()->elementCount(); ++i)
        if (auto* title = qobject_cast<QCPTextElement*>(plot.plotLayout()->elementAt(i)))
            title->setTextColor(palette.color(QPalette::Text));
}

QPalette paperPalette() {
    QPalette paper;
    paper.setColor(QPalette::Base, Qt::white);
    paper.setColor(QPalette::Window, Qt::white);
    paper.setColor(QPalette::Text, QColor(0x1c, 0x1c, 0x1c));
    paper.setColor(QPalette::WindowText, QColor(0x1c, 0x1c, 0x1c));
    return paper;
}

void setLogarithmic(QCPAxis& axis, bool logarithmic) {
    axis.setScaleType(logarithmic ? QCPAxis::stLogarithmic : QCPAxis::stLinear);
    axis.setTicker(logarithmic ? QSharedPointer<QCPAxisTicker>(new QCPAxisTickerLog)
                               : QSharedPointer<QCPAxisTicker>::create());
}

QString number(double value) {
    return QLocale::c().toString(value, 'g', 6);
}

QString quantity(double value, const QString& unit) {
    return unit.isEmpty() ? number(value) : number(value) + QLatin1Char(' ') + unit;
}

QString csvField(const QString& text) {
    if (!text.contains(QLatin1Char(',')) && !text.contains(QLatin1Char('"')) && !text.contains(QLatin1Char('\n')))
        return text;
    QString quoted = text;
    quoted.replace(QLatin1Char('"'), QStringLiteral("\"\""));
    return QLatin1Char('"') + quoted + QLatin1Char('"');
}

}  // namespace driftscope::plot
