#include "app/gui/report.h"

#include <QDateTime>
#include <algorithm>
#include <cmath>
#include <limits>

#include "core/base/atomic_file.h"

namespace driftscope {
namespace {

constexpr double kWidth = 720, kHeight = 260, kLeft = 60, kBottom = 40, kTop = 12, kRight = 12;
const char* const kStyle =
    "body{font:16px/1.5 system-ui,sans-serif;max-width:1100px;margin:2em auto;padding:0 1em;color:#222;background:#fff}"
    "h1{font-weight:600}h2{margin-top:2em;border-bottom:1px solid #ddd}img{max-width:100%;border:1px solid #ccc}"
    "figure{margin:1em 0}figcaption{color:#555;font-size:.9em}td{padding:.2em 1.2em .2em 0;vertical-align:top}"
    "td:last-child{font-variant-numeric:tabular-nums}svg text{font:12px system-ui,sans-serif;fill:#555}";
const char* const kColors[] = {"#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9"};

struct Range {
    double low = std::numeric_limits<double>::max();
    double high = std::numeric_limits<double>::lowest();
    void add(double value) {
        low = std::min(low, value);
        high = std::max(high, value);
    }
    double span() const { return high > low ? high - low : 1; }
};

QString number(double value) {
    return QString::number(value, 'g', 4);
}

QString polyline(const Report::Series& series, const Range& xs, const Range& ys, const char* color) {
    QString points;
    for (const auto& [x, y] : series.points) {
        const double px = kLeft + (x - xs.low) / xs.span() * (kWidth - kLeft - kRight);
        const double py = kHeight - kBottom - (y - ys.low) / ys.span() * (kHeight - kBottom - kTop);
        points += QStringLiteral("%1,%2 ").arg(px, 0, 'f', 1).arg(py, 0, 'f', 1);
    }
    return QStringLiteral("<polyline fill='none' stroke='%1' stroke-width='1.6' points='%2'/>").arg(QLatin1String(color), points);
}

QString label(double x, double y, const QString& anchor, const QString& text) {
    return QStringLiteral("<text x='%1' y='%2' text-anchor='%3'>%4</text>").arg(x).arg(y).arg(anchor, text.toHtmlEscaped());
}

}  // namespace

Report::Report(QString title) : title_(std::move(title)) {}

void Report::section(const QString& title, const QString& text) {
    body_ += QStringLiteral("<h2>%1</h2>\n").arg(title.toHtmlEscaped());
    if (!text.isEmpty()) body_ += QStringLiteral("<p>%1</p>\n").arg(text.toHtmlEscaped());
}

void Report::picture(const QString& file, const QString& caption) {
    body_ += QStringLiteral("<figure><a href='%1'><img src='%1' alt='%2'></a><figcaption>%2</figcaption></figure>\n")
                 .arg(file.toHtmlEscaped(), caption.toHtmlEscaped());
}

void Report::table(const std::vector<std::pair<QString, QString>>& rows) {
    body_ += QStringLiteral("<table>\n");
    for (const auto& [name, value] : rows) body_ += QStringLiteral("<tr><td>%1</td><td>%2</td></tr>\n").arg(name.toHtmlEscaped(), value.toHtmlEscaped());
    body_ += QStringLiteral("</table>\n");
}

void Report::curves(const QString& xLabel, const QString& yLabel, const std::vector<Series>& series) {
    Range xs, ys;
    for (const Series& one : series)
        for (const auto& [x, y] : one.points) {
            xs.add(x);
            ys.add(y);
        }
    if (xs.high < xs.low) return;
    QString svg = QStringLiteral("<svg viewBox='0 0 %1 %2' width='%1' role='img'>").arg(kWidth).arg(kHeight);
    svg += QStringLiteral("<path d='M%1 %2V%3H%4' fill='none' stroke='#999'/>").arg(kLeft).arg(kTop).arg(kHeight - kBottom).arg(kWidth - kRight);
    svg += label(kLeft - 6, kHeight - kBottom, QStringLiteral("end"), number(ys.low)) + label(kLeft - 6, kTop + 10, QStringLiteral("end"), number(ys.high));
    svg += label(kLeft, kHeight - kBottom + 16, QStringLiteral("middle"), number(xs.low)) + label(kWidth - kRight, kHeight - kBottom + 16, QStringLiteral("end"), number(xs.high));
    svg += label(kWidth / 2, kHeight - 6, QStringLiteral("middle"), xLabel) + label(6, kTop + 10, QStringLiteral("start"), yLabel);
    for (std::size_t i = 0; i < series.size(); ++i) {
        const char* color = kColors[i % std::size(kColors)];
        svg += polyline(series[i], xs, ys, color);
        svg += QStringLiteral("<text x='%1' y='%2' text-anchor='end' style='fill:%3'>%4</text>")
                   .arg(kWidth - kRight - 4).arg(kTop + 14 + 16 * static_cast<double>(i)).arg(QLatin1String(color), series[i].name.toHtmlEscaped());
    }
    body_ += svg + QStringLiteral("</svg>\n");
}

Result<void> Report::write(const QString& folder) const {
    const QString page = QStringLiteral("<!doctype html><html lang='en'><meta charset='utf-8'><title>%1</title><style>%2</style>\n<h1>%1</h1>\n"
                                        "<p>Written by Driftscope %3 on %4.</p>\n%5</html>\n")
                             .arg(title_.toHtmlEscaped(), QLatin1String(kStyle), QStringLiteral(DRIFTSCOPE_VERSION),
                                  QDateTime::currentDateTimeUtc().toString(Qt::ISODate), body_);
    return writeFileAtomically((folder + QStringLiteral("/report.html")).toStdString(), page.toStdString());
}

}  // namespace driftscope
