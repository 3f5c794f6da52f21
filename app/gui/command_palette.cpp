#include "app/gui/command_palette.h"

#include <QAction>
#include <QApplication>
#include <QGraphicsDropShadowEffect>
#include <QKeyEvent>
#include <QLineEdit>
#include <QListWidget>
#include <QPainter>
#include <QStyledItemDelegate>
#include <QVBoxLayout>
#include <algorithm>

#include "widgets/style/palette.h"

namespace driftscope {
namespace {

enum Role { kCommand = Qt::UserRole, kWhere, kShortcut, kEnabled };
constexpr int kWidth = 560;
constexpr int kMostShown = 60;
constexpr int kRowsHigh = 11;

QString title(const QAction& action) {
    QString text = action.text();
    return text.remove(QLatin1Char('&'));
}

class CommandDelegate : public QStyledItemDelegate {
  public:
    using QStyledItemDelegate::QStyledItemDelegate;
    QSize sizeHint(const QStyleOptionViewItem& option, const QModelIndex&) const override { return {100, option.fontMetrics.height() + 12}; }
    void paint(QPainter* painter, const QStyleOptionViewItem& option, const QModelIndex& index) const override {
        const QPalette& colours = option.palette;
        const bool current = option.state & QStyle::State_Selected;
        if (current) painter->fillRect(option.rect, colours.color(QPalette::Highlight));
        const QColor text = current ? colours.color(QPalette::HighlightedText)
                                    : colours.color(index.data(kEnabled).toBool() ? QPalette::Active : QPalette::Disabled, QPalette::Text);
        const QColor quiet = current ? style::mix(colours.color(QPalette::HighlightedText), colours.color(QPalette::Highlight), 0.25) : style::subtleText(colours);
        const QRect area = option.rect.adjusted(14, 0, -14, 0);
        const QString shortcut = index.data(kShortcut).toString(), where = index.data(kWhere).toString();
        painter->setPen(quiet);
        painter->drawText(area, Qt::AlignRight | Qt::AlignVCenter, shortcut);
        const int room = area.width() - option.fontMetrics.horizontalAdvance(shortcut) - 20;
        const QString prefix = where.isEmpty() ? QString() : where + QStringLiteral("  ");
        painter->drawText(area, Qt::AlignLeft | Qt::AlignVCenter, prefix);
        painter->setPen(text);
        const int indent = option.fontMetrics.horizontalAdvance(prefix);
        painter->drawText(area.adjusted(indent, 0, 0, 0), Qt::AlignLeft | Qt::AlignVCenter, option.fontMetrics.elidedText(index.data(Qt::DisplayRole).toString(), Qt::ElideRight, room - indent));
    }
};

}  // namespace

int fuzzyScore(const QString& pattern, const QString& text) {
    if (pattern.isEmpty()) return 1;
    int score = 1000 - static_cast<int>(std::min<qsizetype>(text.size(), 200));
    qsizetype at = 0, last = -2;
    for (const QChar wanted : pattern) {
        if (wanted.isSpace()) continue;
        // A start of a word further on beats the next letter anywhere, unless it continues a run.
        qsizetype found = text.indexOf(wanted, at, Qt::CaseInsensitive);
        for (qsizetype next = found; next > 0 && next != last + 1; next = text.indexOf(wanted, next + 1, Qt::CaseInsensitive))
            if (!text[next - 1].isLetterOrNumber()) {
                found = next;
                break;
            }
        if (found < 0) return 0;
        const bool wordStart = found == 0 || !text[found - 1].isLetterOrNumber();
        score += wordStart ? 40 : found == last + 1 ? 25 : 0;
        last = found;
        at = found + 1;
    }
    if (const qsizetype whole = text.indexOf(pattern, 0, Qt::CaseInsensitive); whole >= 0)
        score += whole == 0 || !text[whole - 1].isLetterOrNumber() ? 200 : 20;  // inside a word it is likely chance
    if (text.startsWith(pattern, Qt::CaseInsensitive)) score += 100;
    return score;
}

CommandPalette::CommandPalette(std::function<std::vector<Command>()> commands, QWidget* parent)
    : QFrame(parent), source_(std::move(commands)), input_(new QLineEdit(this)), list_(new QListWidget(this)) {
    setObjectName(QStringLiteral("commandPalette"));
    setFrameShape(QFrame::StyledPanel);
    setAutoFillBackground(true);
    setBackgroundRole(QPalette::Base);
    auto* shadow = new QGraphicsDropShadowEffect(this);
    shadow->setBlurRadius(36);
    shadow->setOffset(0, 8);
    shadow->setColor(QColor(0, 0, 0, 110));
    setGraphicsEffect(shadow);
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 6);
    layout->setSpacing(4);
    layout->addWidget(input_);
    layout->addWidget(list_);
    input_->setPlaceholderText(tr("Type what you want to do"));
    input_->setAccessibleName(tr("Search actions"));
    input_->setFrame(false);
    input_->setTextMargins(10, 10, 10, 6);
    list_->setFrameShape(QFrame::NoFrame);
    list_->setAccessibleName(tr("Actions"));
    list_->setItemDelegate(new CommandDelegate(list_));
    list_->setFocusPolicy(Qt::NoFocus);
    list_->setUniformItemSizes(true);
    list_->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    connect(input_, &QLineEdit::textChanged, this, &CommandPalette::filter);
    connect(list_, &QListWidget::itemClicked, this, &CommandPalette::runCurrent);
    input_->installEventFilter(this);
    hide();
}

void CommandPalette::popUp() {
    commands_ = source_();
    input_->clear();
    filter();
    const int width = std::min(kWidth, parentWidget()->width() - 40);
    const int height = input_->sizeHint().height() + 16 + kRowsHigh * (fontMetrics().height() + 12);
    setGeometry((parentWidget()->width() - width) / 2, parentWidget()->height() / 9, width, std::min(height, parentWidget()->height() * 3 / 4));
    QWidget::show();
    raise();
    input_->setFocus();
}

void CommandPalette::filter() {
    struct Hit {
        int score;
        int index;
    };
    std::vector<Hit> hits;
    const QString pattern = input_->text().trimmed();
    for (int i = 0; i < static_cast<int>(commands_.size()); ++i) {
        const Command& command = commands_[static_cast<std::size_t>(i)];
        if (!command.action) continue;
        const QString text = title(*command.action);
        int score = std::max(fuzzyScore(pattern, text), fuzzyScore(pattern, command.where + QLatin1Char(' ') + text) - 60);
        if (score <= 0) continue;
        if (const auto recent = used_.indexOf(text); recent >= 0) score += pattern.isEmpty() ? 100 - static_cast<int>(recent) : 10;
        if (!command.action->isEnabled()) score -= 300;
        hits.push_back({score, i});
    }
    std::stable_sort(hits.begin(), hits.end(), [](const Hit& a, const Hit& b) { return a.score > b.score; });
    if (hits.size() > kMostShown) hits.resize(kMostShown);
    list_->clear();
    for (const Hit& hit : hits) {
        const Command& command = commands_[static_cast<std::size_t>(hit.index)];
        auto* item = new QListWidgetItem(title(*command.action), list_);
        item->setData(kCommand, hit.index);
        item->setData(kWhere, command.where);
        item->setData(kShortcut, command.action->shortcut().toString(QKeySequence::NativeText));
        item->setData(kEnabled, command.action->isEnabled());
        item->setToolTip(command.action->toolTip());
    }
    if (hits.empty()) {
        auto* none = new QListWidgetItem(tr("Nothing is called like that."), list_);
        none->setFlags(Qt::NoItemFlags);
    }
    list_->setCurrentRow(0);
}

void CommandPalette::move(int rows) {
    const int count = list_->count();
    if (count > 0) list_->setCurrentRow((list_->currentRow() + rows + count) % count);
}

void CommandPalette::runCurrent() {
    const QListWidgetItem* item = list_->currentItem();
    if (!item || !item->data(kCommand).isValid()) return;
    const QPointer<QAction> action = commands_[static_cast<std::size_t>(item->data(kCommand).toInt())].action;
    hide();
    if (!action || !action->isEnabled()) return;
    used_.removeAll(title(*action));
    used_.prepend(title(*action));
    action->trigger();
}

bool CommandPalette::eventFilter(QObject* watched, QEvent* event) {
    if (event->type() == QEvent::FocusOut) hide();
    if (event->type() != QEvent::KeyPress) return QFrame::eventFilter(watched, event);
    switch (static_cast<QKeyEvent*>(event)->key()) {
        case Qt::Key_Escape: hide(); return true;
        case Qt::Key_Return:
        case Qt::Key_Enter: runCurrent(); return true;
        case Qt::Key_Down: move(1); return true;
        case Qt::Key_Up: move(-1); return true;
        case Qt::Key_PageDown: move(std::min(kRowsHigh, list_->count() - 1 - list_->currentRow())); return true;
        case Qt::Key_PageUp: move(-std::min(kRowsHigh, list_->currentRow())); return true;
        default: return QFrame::eventFilter(watched, event);
    }
}

QStringList CommandPalette::shown() const {
    QStringList titles;
    for (int row = 0; row < list_->count(); ++row) titles.append(list_->item(row)->text());
    return titles;
}

}  // namespace driftscope
