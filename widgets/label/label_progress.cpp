#include "widgets/label/label_progress.h"

#include <QLocale>
#include <QPainter>
#include <algorithm>

#include "widgets/label/label_colours.h"
#include "widgets/style/palette.h"

namespace driftscope::label {
namespace {

constexpr int kBar = 5;

std::int64_t sum(const std::map<std::string, std::int64_t>& counts) {
    std::int64_t result = 0;
    for (const auto& [name, count] : counts) result += count;
    return result;
}

QString number(std::int64_t value) {
    return QLocale().toString(static_cast<qlonglong>(value));
}

}  // namespace

LabelProgress::LabelProgress(QWidget* parent) : QWidget(parent) {
    setSizePolicy(QSizePolicy::Fixed, QSizePolicy::Fixed);
    describe();
}

void LabelProgress::setSchema(const LabelSchema& schema) {
    schema_ = schema;
    describe();
}

void LabelProgress::setCounts(const std::map<std::string, std::int64_t>& counts, std::int64_t total) {
    counts_ = counts;
    total_ = total;
    describe();
}

void LabelProgress::describe() {
    const std::int64_t labelled = sum(counts_);
    text_ = total_ < 0 ? tr("%1 labelled").arg(number(labelled))
                       : tr("%1 of %2 labelled").arg(number(labelled), number(total_));
    QStringList lines{text_};
    for (const LabelClass& item : schema_.classes) {
        const auto found = counts_.find(item.name);
        lines << tr("%1: %2").arg(QString::fromStdString(item.name),
                                  number(found == counts_.end() ? 0 : found->second));
    }
    setToolTip(lines.join(QLatin1Char('\n')));
    setAccessibleName(tr("Labelling progress"));
    setAccessibleDescription(lines.join(QStringLiteral(", ")));
    updateGeometry();
    update();
}

QSize LabelProgress::sizeHint() const {
    const QFontMetrics metrics(font());
    return {std::max(120, metrics.horizontalAdvance(text_) + 2), metrics.height() + kBar + 3};
}

void LabelProgress::paintEvent(QPaintEvent*) {
    QPainter painter(this);
    const QFontMetrics metrics(font());
    painter.setPen(palette().color(QPalette::WindowText));
    painter.drawText(QRect(0, 0, width(), metrics.height()), Qt::AlignRight | Qt::AlignVCenter, text_);

    const QRectF track(0, metrics.height() + 2, width(), kBar);
    painter.fillRect(track, style::mix(palette().color(QPalette::Window), palette().color(QPalette::WindowText), 0.16));
    const std::int64_t whole = std::max(total_, sum(counts_));
    if (whole <= 0) return;
    double x = 0;
    for (const LabelClass& item : schema_.classes) {
        const auto found = counts_.find(item.name);
        if (found == counts_.end() || found->second <= 0) continue;
        // A rare class still shows.
        const double length =
            std::max(2.0, track.width() * static_cast<double>(found->second) / static_cast<double>(whole));
        painter.fillRect(QRectF(x, track.top(), length, track.height()), QColor(QString::fromStdString(item.color)));
        x += length;
    }
}

}  // namespace driftscope::label
