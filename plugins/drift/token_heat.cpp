#include "plugins/drift/token_heat.h"

#include <QFontDatabase>
#include <QHelpEvent>
#include <QLocale>
#include <QMouseEvent>
#include <QPainter>
#include <QScrollBar>
#include <QToolTip>
#include <algorithm>
#include <cmath>

#include "widgets/style/palette.h"

namespace driftscope::drift {
namespace {

constexpr int kLeastCell = 14, kPadding = 6, kGap = 10;  // pixels; the gap parts prompt and answer
constexpr int kLeastRow = 9, kMostRow = 22;
constexpr int kTitleRows = 1;

QString number(double value) {
    return std::isfinite(value) ? QLocale().toString(value, 'g', 3) : QObject::tr("none");
}

QColor inkOn(const QColor& ground) {
    return 0.2126 * ground.red() + 0.7152 * ground.green() + 0.0722 * ground.blue() > 140 ? QColor(0x14, 0x14, 0x14) : QColor(Qt::white);
}

}  // namespace

QString shownPiece(const std::string& piece) {
    QString text = QString::fromStdString(piece);
    text.replace(QLatin1Char('\n'), QChar(0x21B5)).replace(QLatin1Char('\t'), QChar(0x21E5));
    if (text.startsWith(QLatin1Char(' '))) text[0] = QChar(0x00B7);
    return text.isEmpty() ? QStringLiteral("∅") : text;
}

TokenHeat::TokenHeat(QWidget* parent) : QAbstractScrollArea(parent), mono_(QFontDatabase::systemFont(QFontDatabase::FixedFont)) {
    setFocusPolicy(Qt::StrongFocus);
    viewport()->setMouseTracking(true);
    setVerticalScrollBarPolicy(Qt::ScrollBarAsNeeded);
    setAccessibleName(tr("Drift of the sample's tokens"));
}

void TokenHeat::setStrips(std::vector<TokenStrip> strips) {
    strips_ = std::move(strips);
    greatest_ = greatestKl_ = 0;
    for (const TokenStrip& strip : strips_) {
        for (const float value : strip.drift.values)
            if (std::isfinite(value)) greatest_ = std::max(greatest_, static_cast<double>(value));
        for (const TokenRow& token : strip.tokens)
            if (std::isfinite(token.kl)) greatestKl_ = std::max(greatestKl_, token.kl);
    }
    layOut();
}

void TokenHeat::setLayer(std::int64_t layer) {
    layer_ = layer;
    viewport()->update();
}

void TokenHeat::layOut() {
    const QFontMetrics metrics(mono_);
    lefts_.clear();
    int widest = 0, tallest = 0;
    for (const TokenStrip& strip : strips_) {
        std::vector<int> lefts;
        int x = labelWidth();
        for (std::size_t t = 0; t < strip.tokens.size(); ++t) {
            if (t > 0 && strip.tokens[t].response && !strip.tokens[t - 1].response) x += kGap;
            lefts.push_back(x);
            x += std::max(kLeastCell, metrics.horizontalAdvance(shownPiece(strip.tokens[t].piece)) + kPadding);
        }
        lefts.push_back(x);
        widest = std::max(widest, x);
        tallest += stripHeight(strip);
        lefts_.push_back(std::move(lefts));
    }
    horizontalScrollBar()->setPageStep(viewport()->width());
    horizontalScrollBar()->setSingleStep(40);
    horizontalScrollBar()->setRange(0, std::max(0, widest + 8 - viewport()->width()));
    verticalScrollBar()->setPageStep(viewport()->height());
    verticalScrollBar()->setSingleStep(rowHeight());
    verticalScrollBar()->setRange(0, std::max(0, tallest - viewport()->height()));
    viewport()->update();
}

int TokenHeat::labelWidth() const {
    return fontMetrics().horizontalAdvance(tr("layer 000")) + 10;
}

/// Layers share the height; below the least they scroll.
int TokenHeat::rowHeight() const {
    int rows = 0;
    for (const TokenStrip& strip : strips_) rows += static_cast<int>(strip.layers.size()) + 1;
    const int text = QFontMetrics(mono_).height() + 4;
    const int room = viewport()->height() - static_cast<int>(strips_.size()) * (text * (1 + kTitleRows) + 8);
    return rows == 0 ? kMostRow : std::clamp(room / rows, kLeastRow, kMostRow);
}

int TokenHeat::stripHeight(const TokenStrip& strip) const {
    return (QFontMetrics(mono_).height() + 4) * (1 + kTitleRows) + (static_cast<int>(strip.layers.size()) + 1) * rowHeight() + 8;
}

int TokenHeat::top(std::size_t strip) const {
    int y = -verticalScrollBar()->value();
    for (std::size_t i = 0; i < strip; ++i) y += stripHeight(strips_[i]);
    return y;
}

QRect TokenHeat::rect(std::size_t strip, std::size_t token, int row) const {
    const int text = QFontMetrics(mono_).height() + 4, height = rowHeight();
    const int left = lefts_[strip][token] - horizontalScrollBar()->value();
    int width = std::max(kLeastCell, QFontMetrics(mono_).horizontalAdvance(shownPiece(strips_[strip].tokens[token].piece)) + kPadding);
    const int y = top(strip) + text * kTitleRows;
    return row == 0 ? QRect(left, y, width, text) : QRect(left, y + text + (row - 1) * height, width, height);
}

QRect TokenHeat::cellRect(std::size_t strip, std::int64_t layer, std::size_t token) const {
    if (strip >= strips_.size() || token >= strips_[strip].tokens.size()) return {};
    if (layer < 0) return rect(strip, token, 0);
    const auto& layers = strips_[strip].layers;
    const auto found = std::find(layers.begin(), layers.end(), layer);
    return found == layers.end() ? QRect() : rect(strip, token, 2 + static_cast<int>(found - layers.begin()));
}

std::optional<TokenHeat::Cell> TokenHeat::cellAt(const QPoint& at) const {
    if (at.x() < labelWidth()) return std::nullopt;
    for (std::size_t s = 0; s < strips_.size(); ++s)
        for (std::size_t t = 0; t < strips_[s].tokens.size(); ++t) {
            const QRect first = rect(s, t, 0);
            if (at.x() < first.left() || at.x() > first.right()) continue;
            for (int row = 0; row < 2 + static_cast<int>(strips_[s].layers.size()); ++row)
                if (rect(s, t, row).contains(at)) return Cell{s, t, row};
        }
    return std::nullopt;
}

QString TokenHeat::describe(const Cell& cell) const {
    const TokenStrip& strip = strips_[cell.strip];
    const TokenRow& token = strip.tokens[cell.token];
    QString text = tr("%1, token %2 (%3) of the %4").arg(shownPiece(token.piece)).arg(cell.token).arg(token.id).arg(token.response ? tr("answer") : tr("prompt"));
    if (cell.row >= 2) text += tr("\nlayer %1: relative drift %2").arg(strip.layers[static_cast<std::size_t>(cell.row - 2)]).arg(number(strip.drift(static_cast<std::size_t>(cell.row - 2), cell.token)));
    text += tr("\nKL of its prediction %1 nats\nloss %2 → %3 nats").arg(number(token.kl), number(token.lossBefore), number(token.lossAfter));
    return text;
}

void TokenHeat::paintStrip(QPainter& painter, std::size_t s) const {
    const TokenStrip& strip = strips_[s];
    const QColor none = style::missingColour(palette()), frame = style::mix(palette().color(QPalette::Base), palette().color(QPalette::Text), 0.15);
    painter.setFont(mono_);
    for (std::size_t t = 0; t < strip.tokens.size(); ++t) {
        const QRect text = rect(s, t, 0);
        if (text.right() < labelWidth() || text.left() > viewport()->width()) continue;
        painter.setPen(strip.tokens[t].response ? palette().color(QPalette::Text) : style::subtleText(palette()));
        painter.drawText(text, Qt::AlignCenter, shownPiece(strip.tokens[t].piece));
        const double kl = strip.tokens[t].kl;
        const QRect divergence = rect(s, t, 1);
        if (std::isfinite(kl) && greatestKl_ > 0) {
            painter.fillRect(divergence.adjusted(1, 1, -1, -1), frame);
            const int filled = static_cast<int>(std::lround((divergence.height() - 2) * std::clamp(kl / greatestKl_, 0.0, 1.0)));
            painter.fillRect(QRect(divergence.left() + 1, divergence.bottom() - filled, divergence.width() - 2, filled), style::okabeIto()[3]);
        }
        for (std::size_t l = 0; l < strip.layers.size(); ++l) {
            const QRect cell = rect(s, t, 2 + static_cast<int>(l));
            if (cell.bottom() < 0 || cell.top() > viewport()->height()) continue;
            const float value = strip.drift(l, t);
            const QColor ground = std::isfinite(value) ? style::viridisAt(greatest_ > 0 ? value / greatest_ : 0) : none;
            painter.fillRect(cell.adjusted(0, 0, -1, -1), ground);
            const QString shown = QLocale().toString(static_cast<double>(value), 'f', 2);
            if (cell.height() >= QFontMetrics(font()).height() && cell.width() > QFontMetrics(font()).horizontalAdvance(shown) + 2) {
                painter.setPen(inkOn(ground));
                painter.setFont(font());
                painter.drawText(cell, Qt::AlignCenter, shown);
                painter.setFont(mono_);
            }
        }
    }
}

void TokenHeat::paintLabels(QPainter& painter, std::size_t s) const {
    const TokenStrip& strip = strips_[s];
    painter.fillRect(QRect(0, top(s), labelWidth() - 2, stripHeight(strip)), palette().color(QPalette::Base));
    painter.setFont(font());
    const int text = QFontMetrics(mono_).height() + 4;
    painter.setPen(palette().color(QPalette::Text));
    QFont bold = font();
    bold.setBold(true);
    painter.setFont(bold);
    painter.fillRect(QRect(0, top(s), viewport()->width(), text), palette().color(QPalette::Base));
    painter.drawText(QRect(4, top(s), viewport()->width() - 8, text), Qt::AlignVCenter | Qt::AlignLeft, strip.title);
    painter.setFont(font());
    if (strip.tokens.empty()) return;
    painter.setPen(style::subtleText(palette()));
    const auto label = [&](int row, const QString& name) {
        const QRect at = rect(s, 0, row);
        const int height = std::max(at.height(), fontMetrics().height());
        painter.drawText(QRect(4, at.center().y() - height / 2, labelWidth() - 10, height), Qt::AlignVCenter | Qt::AlignRight, name);
    };
    const int every = std::max(1, (fontMetrics().height() + rowHeight() - 1) / std::max(1, rowHeight()));
    // Rows of KL and layers; the chosen layer's name has the right of way.
    const auto found = std::find(strip.layers.begin(), strip.layers.end(), layer_);
    const int chosenRow = found == strip.layers.end() ? -1000 : 2 + static_cast<int>(found - strip.layers.begin());
    if (std::abs(chosenRow - 1) >= every) label(1, tr("KL"));
    for (std::size_t l = 0; l < strip.layers.size(); ++l) {
        const int row = 2 + static_cast<int>(l);
        const bool chosen = row == chosenRow;
        if (!chosen && ((row - 1) % every != 0 || std::abs(row - chosenRow) < every)) continue;
        painter.setPen(chosen ? palette().color(QPalette::Text) : style::subtleText(palette()));
        label(row, tr("layer %1").arg(strip.layers[l]));
    }
    if (chosenRow < 0) return;
    const QRect at = rect(s, 0, chosenRow);
    painter.setPen(QPen(style::okabeIto()[3], 2));
    painter.setBrush(Qt::NoBrush);
    const int right = std::min(viewport()->width() - 2, lefts_[s].back() - horizontalScrollBar()->value());
    painter.drawRect(QRect(QPoint(labelWidth() - 1, at.top() - 1), QPoint(right, at.bottom())));
}

void TokenHeat::paintEvent(QPaintEvent*) {
    QPainter painter(viewport());
    painter.fillRect(viewport()->rect(), palette().color(QPalette::Base));
    for (std::size_t s = 0; s < strips_.size(); ++s) {
        painter.save();
        painter.setClipRect(QRect(labelWidth(), 0, viewport()->width(), viewport()->height()));
        paintStrip(painter, s);
        painter.restore();
        paintLabels(painter, s);
    }
}

void TokenHeat::resizeEvent(QResizeEvent* event) {
    QAbstractScrollArea::resizeEvent(event);
    layOut();
}

void TokenHeat::changeEvent(QEvent* event) {
    QAbstractScrollArea::changeEvent(event);
    if (event->type() == QEvent::FontChange || event->type() == QEvent::PaletteChange) layOut();
}

bool TokenHeat::viewportEvent(QEvent* event) {
    if (event->type() != QEvent::ToolTip) return QAbstractScrollArea::viewportEvent(event);
    const auto* help = static_cast<QHelpEvent*>(event);
    const auto cell = cellAt(help->pos());
    cell ? QToolTip::showText(help->globalPos(), describe(*cell), viewport(), rect(cell->strip, cell->token, cell->row)) : QToolTip::hideText();
    return true;
}

void TokenHeat::mousePressEvent(QMouseEvent* event) {
    const auto cell = cellAt(event->position().toPoint());
    if (cell && cell->row >= 2) Q_EMIT layerClicked(strips_[cell->strip].layers[static_cast<std::size_t>(cell->row - 2)]);
}

QString TokenHeat::csv() const {
    const auto quoted = [](const QString& text) { return QLatin1Char('"') + QString(text).replace(QLatin1Char('"'), QStringLiteral("\"\"")) + QLatin1Char('"'); };
    QString out = QStringLiteral("run,token,id,piece,part,kl,loss_before,loss_after,layer,relative\n");
    for (const TokenStrip& strip : strips_)
        for (std::size_t t = 0; t < strip.tokens.size(); ++t)
            for (std::size_t l = 0; l < strip.layers.size(); ++l) {
                const TokenRow& token = strip.tokens[t];
                out += QStringLiteral("%1,%2,%3,%4,%5,%6,%7,%8,%9,").arg(quoted(strip.title)).arg(t).arg(token.id).arg(quoted(QString::fromStdString(token.piece)), token.response ? QStringLiteral("response") : QStringLiteral("prompt"))
                           .arg(token.kl, 0, 'g', 9).arg(token.lossBefore, 0, 'g', 9).arg(token.lossAfter, 0, 'g', 9).arg(strip.layers[l]) +
                       QString::number(strip.drift(l, t), 'g', 9) + QLatin1Char('\n');
            }
    return out;
}

}  // namespace driftscope::drift
