#include "widgets/label/label_history_view.h"

#include <QDateTime>
#include <QHeaderView>
#include <QLabel>
#include <QLocale>
#include <QPainter>
#include <QPointer>
#include <QStackedWidget>
#include <QStyle>
#include <QStyledItemDelegate>
#include <QTreeWidget>
#include <QVBoxLayout>
#include <cmath>
#include <optional>

#include "widgets/label/label_colours.h"
#include "widgets/session/edit_stack.h"
#include "widgets/style/palette.h"

namespace driftscope::label {
namespace {

enum Column { When, Who, Change, How, ColumnCount };
enum Role { BeforeColour = Qt::UserRole, AfterColour, Before, After };

/// Paints "■ interphase → ■ mitosis".
class ChangeDelegate : public QStyledItemDelegate {
  public:
    using QStyledItemDelegate::QStyledItemDelegate;

    void paint(QPainter* painter, const QStyleOptionViewItem& option, const QModelIndex& index) const override {
        QStyleOptionViewItem item = option;
        initStyleOption(&item, index);
        item.text.clear();
        const QWidget* view = option.widget;
        view->style()->drawControl(QStyle::CE_ItemViewItem, &item, painter, view);
        const bool selected = option.state.testFlag(QStyle::State_Selected);
        painter->save();
        painter->setPen(option.palette.color(selected ? QPalette::HighlightedText : QPalette::Text));
        QRect rest = option.rect.adjusted(4, 0, -2, 0);
        rest = part(*painter, rest, index.data(BeforeColour).value<QColor>(), index.data(Before).toString());
        painter->drawText(rest, Qt::AlignVCenter, QStringLiteral("→"));
        rest.setLeft(rest.left() + option.fontMetrics.horizontalAdvance(QStringLiteral("→ ")) + 2);
        part(*painter, rest, index.data(AfterColour).value<QColor>(), index.data(After).toString());
        painter->restore();
    }

    QSize sizeHint(const QStyleOptionViewItem& option, const QModelIndex& index) const override {
        const QString text = index.data(Before).toString() + index.data(After).toString() + QStringLiteral("→ ");
        return {option.fontMetrics.horizontalAdvance(text) + 60, option.fontMetrics.height() + 6};
    }

  private:
    static QRect part(QPainter& painter, QRect rect, const QColor& colour, const QString& text) {
        if (colour.isValid()) {
            paintSwatch(painter, QRectF(rect.left(), rect.center().y() - 4.5, 11, 11), colour);
            rect.setLeft(rect.left() + 15);
        }
        const QString shown = painter.fontMetrics().elidedText(text, Qt::ElideRight, rect.width());
        painter.drawText(rect, Qt::AlignVCenter, shown);
        rect.setLeft(rect.left() + painter.fontMetrics().horizontalAdvance(shown) + 7);
        return rect;
    }
};

QString originText(const std::string& origin) {
    if (origin == "manual") return LabelHistoryView::tr("by hand");
    if (origin == "predicted") return LabelHistoryView::tr("predicted");
    if (origin == "import") return LabelHistoryView::tr("imported");
    if (origin == "undo") return LabelHistoryView::tr("undone");
    if (origin == "redo") return LabelHistoryView::tr("redone");
    return QString::fromStdString(origin);
}

QString className(const std::string& name) {
    return name.empty() ? LabelHistoryView::tr("no label") : QString::fromStdString(name);
}

}  // namespace

struct LabelHistoryView::State {
    QPointer<EditStack> edits;
    std::string schema;
    std::optional<LabelTarget> target;
    QString title;
    QString emptyText = LabelHistoryView::tr("Select an item to see who labelled it, and when.");

    QLabel* head = nullptr;
    QStackedWidget* pages = nullptr;
    QTreeWidget* list = nullptr;
    QLabel* message = nullptr;
};

LabelHistoryView::LabelHistoryView(QWidget* parent) : QWidget(parent), state_(std::make_unique<State>()) {
    State& s = *state_;
    s.head = new QLabel;
    s.head->setTextInteractionFlags(Qt::TextSelectableByMouse);
    s.head->setWordWrap(true);
    s.head->setContentsMargins(4, 4, 4, 0);
    s.list = new QTreeWidget;
    s.list->setAccessibleName(tr("Label history"));
    s.list->setRootIsDecorated(false);
    s.list->setUniformRowHeights(true);
    s.list->setAlternatingRowColors(true);
    s.list->setColumnCount(ColumnCount);
    s.list->setHeaderLabels({tr("When"), tr("Who"), tr("Before → after"), tr("How")});
    s.list->setItemDelegateForColumn(Change, new ChangeDelegate(s.list));
    s.list->header()->setSectionResizeMode(QHeaderView::ResizeToContents);
    s.list->header()->setStretchLastSection(true);
    s.message = new QLabel;
    s.message->setAlignment(Qt::AlignCenter);
    s.message->setWordWrap(true);
    s.message->setTextInteractionFlags(Qt::TextSelectableByMouse);
    s.message->setMargin(12);
    s.pages = new QStackedWidget;
    s.pages->addWidget(s.message);
    s.pages->addWidget(s.list);
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(0, 0, 0, 0);
    column->addWidget(s.head);
    column->addWidget(s.pages, 1);
    reload();
}

LabelHistoryView::~LabelHistoryView() = default;

void LabelHistoryView::follow(EditStack* edits) {
    if (state_->edits) disconnect(state_->edits, nullptr, this, nullptr);
    state_->edits = edits;
    if (edits) {
        connect(edits, &EditStack::schemasChanged, this, &LabelHistoryView::reload);
        connect(edits, &EditStack::changed, this,
                [this](const std::string& schema, const std::vector<LabelEvent>& events) {
                    if (schema != state_->schema || !state_->target) return;
                    for (const LabelEvent& event : events)
                        if (event.target == *state_->target) return reload();
                });
    }
    reload();
}

void LabelHistoryView::setTarget(const std::string& schema, const LabelTarget& target, const QString& title) {
    state_->schema = schema;
    state_->target = target;
    state_->title = title;
    reload();
}

void LabelHistoryView::clear() {
    state_->target.reset();
    reload();
}

void LabelHistoryView::setEmptyText(const QString& text) {
    state_->emptyText = text;
    reload();
}

void LabelHistoryView::showMessage(const QString& text) {
    state_->message->setText(text);
    state_->pages->setCurrentWidget(state_->message);
}

void LabelHistoryView::reload() {
    State& s = *state_;
    s.list->clear();
    s.head->setVisible(s.target.has_value());
    s.head->setText(s.title);
    if (!s.target || !s.edits) return showMessage(s.emptyText);
    const auto events = s.edits->store().history(s.schema, *s.target);
    if (!events) return showMessage(QString::fromStdString(events.error().text()));
    if (events->empty()) return showMessage(tr("Not labelled yet. Press a class's key to label it."));
    LabelSchema schema;
    const auto schemas = s.edits->store().schemas().value_or(std::vector<LabelSchema>());
    for (const LabelSchema& candidate : schemas)
        if (candidate.name == s.schema) schema = candidate;
    fill(*events, schema);
}

void LabelHistoryView::fill(const std::vector<LabelEvent>& events, const LabelSchema& schema) {
    for (auto event = events.rbegin(); event != events.rend(); ++event) {
        const QDateTime time = QDateTime::fromMSecsSinceEpoch(std::llround(event->time * 1000));
        auto* row = new QTreeWidgetItem(state_->list);
        row->setText(When, time.date() == QDate::currentDate() ? time.time().toString(QStringLiteral("HH:mm:ss"))
                                                               : time.toString(QStringLiteral("yyyy-MM-dd HH:mm")));
        row->setToolTip(When, time.toUTC().toString(Qt::ISODateWithMs));
        row->setText(Who, QString::fromStdString(event->annotator));
        row->setText(Change, tr("%1 → %2").arg(className(event->before), className(event->after)));
        row->setData(Change, Before, className(event->before));
        row->setData(Change, After, className(event->after));
        row->setData(Change, BeforeColour, classColour(schema, event->before));
        row->setData(Change, AfterColour, classColour(schema, event->after));
        row->setText(How, originText(event->origin));
        row->setToolTip(How, tr("%1, event %2").arg(QString::fromStdString(event->tool)).arg(event->id));
    }
    state_->pages->setCurrentWidget(state_->list);
}

}  // namespace driftscope::label
