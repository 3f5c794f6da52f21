#include "widgets/jobs/job_text.h"

#include <QCoreApplication>
#include <QPainter>
#include <QPainterPath>
#include <algorithm>
#include <cmath>
#include <map>

#include "widgets/style/palette.h"

namespace driftscope::jobs {
namespace {

QString tr(const char* text) { return QCoreApplication::translate("Jobs", text); }

QString amount(double value) { return QString::number(value, 'g', 6); }

/// The name that says most: a validation loss, any loss, else the first alphabetically.
QString choose(const std::map<QString, std::vector<double>>& series) {
    const auto has = [&](const QString& part, bool validation) {
        return std::find_if(series.begin(), series.end(), [&](const auto& entry) {
            return entry.first.contains(part) && (!validation || entry.first.contains(QLatin1String("val")));
        });
    };
    for (const bool validation : {true, false})
        if (const auto found = has(QStringLiteral("loss"), validation); found != series.end()) return found->first;
    return series.begin()->first;
}

double mean(const std::vector<double>& values, std::size_t begin, std::size_t end) {
    double sum = 0;
    for (std::size_t i = begin; i < end; ++i) sum += values[i];
    return sum / static_cast<double>(end - begin);
}

int trend(const std::vector<double>& values) {
    const std::size_t window = std::max<std::size_t>(1, std::min<std::size_t>(values.size() / 2, values.size() / 10 + 1));
    if (values.size() < 2) return 0;
    const double recent = mean(values, values.size() - window, values.size());
    const double before = mean(values, values.size() - 2 * window, values.size() - window);
    const double change = recent - before;
    if (std::abs(change) < 1e-3 * std::max(std::abs(recent), std::abs(before))) return 0;
    return change > 0 ? 1 : -1;
}

}  // namespace

QString durationText(double seconds) {
    const auto whole = static_cast<long long>(std::llround(std::max(0.0, seconds)));
    if (whole >= 3600) return tr("%1 h %2 min").arg(whole / 3600).arg(whole / 60 % 60, 2, 10, QLatin1Char('0'));
    if (whole >= 60) return tr("%1:%2 min").arg(whole / 60).arg(whole % 60, 2, 10, QLatin1Char('0'));
    return tr("%1 s").arg(whole);
}

QString stateText(const JobView& job) {
    switch (job.state) {
        case JobView::State::Queued: return tr("Waiting");
        case JobView::State::Running: return job.cancelling ? tr("Stopping, saves a checkpoint") : tr("Running");
        case JobView::State::Done: return tr("Done in %1").arg(durationText(job.finished - job.started));
        case JobView::State::Failed: return tr("Failed");
        case JobView::State::Cancelled: return tr("Cancelled");
    }
    return {};
}

double fraction(const JobView& job) { return job.total > 0 ? std::clamp(job.done / job.total, 0.0, 1.0) : -1; }

QString progressText(const JobView& job) {
    if (job.state != JobView::State::Running || job.total <= 0) return {};
    QString text = QStringLiteral("%1 %2/%3").arg(job.stage, amount(job.done), amount(job.total));
    if (job.etaSeconds >= 0) text += tr(", %1 left").arg(durationText(job.etaSeconds));
    return text;
}

QIcon stateIcon(JobView::State state, const QPalette& palette) {
    const int side = 32;
    QPixmap pixmap(side, side);
    pixmap.fill(Qt::transparent);
    QPainter painter(&pixmap);
    painter.setRenderHint(QPainter::Antialiasing);
    const QColor accent = palette.color(QPalette::Highlight), quiet = style::subtleText(palette);
    const QColor bad = style::isDark(palette) ? QColor(0xff, 0x8a, 0x50) : QColor(0xc4, 0x4e, 0x00);
    const auto stroke = [&](const QColor& colour) { painter.setPen(QPen(colour, 3, Qt::SolidLine, Qt::RoundCap, Qt::RoundJoin)); };
    QPainterPath path;
    switch (state) {
        case JobView::State::Queued:
            stroke(quiet);
            painter.drawEllipse(QRectF(9, 9, 14, 14));
            break;
        case JobView::State::Running:
            painter.setPen(Qt::NoPen);
            painter.setBrush(accent);
            path.moveTo(10, 7);
            path.lineTo(25, 16);
            path.lineTo(10, 25);
            painter.drawPath(path);
            break;
        case JobView::State::Done:
            stroke(accent);
            path.moveTo(7, 17);
            path.lineTo(13, 23);
            path.lineTo(25, 9);
            painter.drawPath(path);
            break;
        case JobView::State::Failed:
            stroke(bad);
            painter.drawLine(9, 9, 23, 23);
            painter.drawLine(23, 9, 9, 23);
            break;
        case JobView::State::Cancelled:
            painter.setPen(Qt::NoPen);
            painter.setBrush(quiet);
            painter.drawRoundedRect(QRectF(9, 9, 14, 14), 2, 2);
            break;
    }
    return QIcon(pixmap);
}

Headline headline(const std::vector<MetricPoint>& points) {
    std::map<QString, std::vector<double>> series;
    for (const MetricPoint& point : points)
        if (std::isfinite(point.value)) series[point.name].push_back(point.value);
    if (series.empty()) return {};
    const QString name = choose(series);
    const auto& values = series[name];
    return {name, values.back(), trend(values), true};
}

QString headlineText(const Headline& headline) {
    if (!headline.valid) return {};
    const QString arrow = headline.trend < 0 ? QStringLiteral("↘") : headline.trend > 0 ? QStringLiteral("↗") : QStringLiteral("→");
    return QStringLiteral("%1 %2 %3").arg(headline.name, QString::number(headline.value, 'g', 3), arrow);
}

}  // namespace driftscope::jobs
