#include "plugins/debate/promise_banner.h"

#include <QHBoxLayout>
#include <QLabel>
#include <QPainter>

#include "core/debate/promise.h"
#include "plugins/debate/words.h"
#include "widgets/style/palette.h"

namespace driftscope::debate {

PromiseBanner::PromiseBanner(QWidget* parent) : QFrame(parent), text_(new QLabel) {
    setObjectName(QStringLiteral("debatePromise"));
    auto* layout = new QHBoxLayout(this);
    layout->setContentsMargins(10, 5, 10, 5);
    layout->addWidget(text_);
    text_->setObjectName(QStringLiteral("debatePromiseText"));
    text_->setWordWrap(true);
    text_->setTextInteractionFlags(Qt::TextSelectableByMouse);
}

void PromiseBanner::set(Tone tone, const QString& text, const QString& tip) {
    tone_ = tone;
    text_->setText(text);
    text_->setToolTip(tip);
    update();
}

void PromiseBanner::showPromise(const Arena& arena, const PlayOptions& options) {
    const Promise made = promise(arena, options);
    const bool stochastic = options.protocol == "stochastic";
    const QString who = partyTitle(made.side), other = made.side == Party::Alice ? partyTitle(Party::Bob) : partyTitle(Party::Alice);
    if (made.holds) {
        const QString tip = made.side == Party::Alice ? tr("(1-v)(w - k c - (1 - (1-q)^T))") : tr("(1-v)(1-q)^T (w - k b)");
        if (stochastic)
            set(Tone::Holds, tr("<b>Within the promise.</b> %1 is right and honest, and wins with probability at least <b>%2</b> against any %3 (Theorem 6.2; its round number is %4).")
                                 .arg(who, probabilityText(made.probability), other, numberText(made.theorem)), tip);
        else
            set(Tone::Holds, tr("<b>Within the promise.</b> The oracle is certain, %1 is right and honest, and always wins against any %2.").arg(who, other));
        return;
    }
    QStringList reasons;
    for (const std::string& reason : made.reasons) reasons << QString::fromStdString(reason).toHtmlEscaped();
    set(Tone::Outside, tr("<b>Outside the promise: nothing is guaranteed.</b> %1").arg(reasons.join(QLatin1Char(' '))), reasons.join(QStringLiteral("<br>")));
}

void PromiseBanner::showProblem(const QString& text) {
    set(Tone::Wrong, QStringLiteral("<b>⚠</b> ") + text.toHtmlEscaped());
}

void PromiseBanner::showBusy() {
    set(Tone::Quiet, tr("Working out states and exact values…"));
}

void PromiseBanner::paintEvent(QPaintEvent*) {
    if (tone_ == Tone::Quiet) return;
    QPainter painter(this);
    const QColor signal(tone_ == Tone::Holds ? QStringLiteral("#009E73") : QStringLiteral("#D55E00"));
    painter.fillRect(rect(), style::mix(palette().color(QPalette::Window), signal, 0.14));
    painter.fillRect(QRect(0, 0, 4, height()), signal);
}

}  // namespace driftscope::debate
