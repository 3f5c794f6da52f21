#include "app/gui/start_page.h"

#include <QAction>
#include <QDateTime>
#include <QDir>
#include <QEvent>
#include <QHBoxLayout>
#include <QLabel>
#include <QListWidget>
#include <QMenu>
#include <QPainter>
#include <QPushButton>
#include <QStyledItemDelegate>
#include <QVBoxLayout>

#include "widgets/style/palette.h"

namespace driftscope {
namespace {

enum Role { kFolder = Qt::UserRole, kWhen, kMissing };
constexpr int kColumnWidth = 620;

QString whenText(qint64 opened) {
    const QDateTime time = QDateTime::fromMSecsSinceEpoch(opened);
    const qint64 days = time.date().daysTo(QDate::currentDate());
    if (days == 0) return StartPage::tr("today %1").arg(time.toString(QStringLiteral("HH:mm")));
    if (days == 1) return StartPage::tr("yesterday");
    return time.date().toString(QStringLiteral("d MMM yyyy"));
}

QString shortPath(const QString& path) {
    const QString home = QDir::homePath();
    return path.startsWith(home + QLatin1Char('/')) ? QStringLiteral("~") + path.mid(home.size()) : path;
}

/// Two lines per project: name and when, path.
class RecentDelegate : public QStyledItemDelegate {
  public:
    using QStyledItemDelegate::QStyledItemDelegate;
    QSize sizeHint(const QStyleOptionViewItem& option, const QModelIndex&) const override { return {200, option.fontMetrics.lineSpacing() * 2 + 18}; }
    void paint(QPainter* painter, const QStyleOptionViewItem& option, const QModelIndex& index) const override {
        painter->save();
        const bool marked = option.state & (QStyle::State_Selected | QStyle::State_MouseOver);
        if (marked) {
            painter->setPen(Qt::NoPen);
            painter->setBrush(style::mix(option.palette.color(QPalette::Window), option.palette.color(QPalette::Highlight), 0.16));
            painter->setRenderHint(QPainter::Antialiasing);
            painter->drawRoundedRect(option.rect.adjusted(0, 1, 0, -1), 6, 6);
        }
        const QRect area = option.rect.adjusted(12, 8, -12, -8);
        const QColor quiet = style::subtleText(option.palette);
        const QString when = index.data(kMissing).toBool() ? StartPage::tr("not found") : index.data(kWhen).toString();
        painter->setPen(quiet);
        painter->drawText(area, Qt::AlignRight | Qt::AlignTop, when);
        painter->drawText(area, Qt::AlignLeft | Qt::AlignBottom, option.fontMetrics.elidedText(shortPath(index.data(kFolder).toString()), Qt::ElideMiddle, area.width()));
        QFont font = option.font;
        font.setWeight(QFont::DemiBold);
        painter->setFont(font);
        painter->setPen(index.data(kMissing).toBool() ? quiet : option.palette.color(QPalette::Text));
        painter->drawText(area, Qt::AlignLeft | Qt::AlignTop, index.data(Qt::DisplayRole).toString());
        painter->restore();
    }
};

}  // namespace

StartPage::StartPage(const std::vector<QAction*>& waysIn, QWidget* parent)
    : QWidget(parent), tagline_(new QLabel), hint_(new QLabel), recent_(new QListWidget), recentTitle_(new QLabel) {
    setObjectName(QStringLiteral("startPage"));
    auto* column = new QWidget(this);
    column->setMaximumWidth(kColumnWidth);
    auto* outer = new QHBoxLayout(this);
    outer->setContentsMargins(24, 24, 24, 24);
    outer->addStretch(1);
    outer->addWidget(column, 6);
    outer->addStretch(1);

    buildRecent();
    auto* layout = new QVBoxLayout(column);
    layout->setSpacing(0);
    layout->addStretch(2);
    layout->addWidget(buildHead());
    layout->addSpacing(28);
    layout->addWidget(buildWaysIn(waysIn));
    layout->addSpacing(14);
    layout->addWidget(hint_);
    layout->addSpacing(28);
    layout->addWidget(recentTitle_);
    layout->addSpacing(6);
    layout->addWidget(recent_, 5);
    layout->addStretch(3);
    hint_->setText(tr("…or drop files or folders here: a project, an OME-Zarr plate, TIFF frames, a table."));
    hint_->setWordWrap(true);
    setRecent({});
    restyle();
}

QWidget* StartPage::buildHead() {
    auto* head = new QWidget(this);
    auto* layout = new QHBoxLayout(head);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(18);
    auto* mark = new QLabel(head);
    mark->setPixmap(applicationIcon().pixmap(QSize(64, 64)));
    auto* title = new QLabel(QStringLiteral("Driftscope"), head);
    QFont font = title->font();
    font.setPointSizeF(font.pointSizeF() * 2.2);
    font.setWeight(QFont::DemiBold);
    title->setFont(font);
    tagline_->setText(tr("See how things move through an embedding space, label them, train the models behind it."));
    tagline_->setWordWrap(true);
    auto* words = new QVBoxLayout;
    words->setSpacing(2);
    words->addStretch();
    words->addWidget(title);
    words->addWidget(tagline_);
    words->addStretch();
    layout->addWidget(mark);
    layout->addLayout(words, 1);
    return head;
}

QWidget* StartPage::buildWaysIn(const std::vector<QAction*>& actions) {
    auto* row = new QWidget(this);
    auto* layout = new QHBoxLayout(row);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(10);
    for (QAction* action : actions) {
        auto* button = new QPushButton(action->text().remove(QLatin1Char('&')), row);
        button->setObjectName(action->objectName());
        button->setMinimumHeight(button->fontMetrics().height() + 18);
        button->setMinimumWidth(130);
        button->setToolTip(action->toolTip());
        button->setAutoDefault(true);
        ways_.emplace_back(action, button);
        connect(button, &QPushButton::clicked, action, &QAction::trigger);
        layout->addWidget(button);
    }
    layout->addStretch(1);
    refreshWaysIn();
    return row;
}

void StartPage::refreshWaysIn() {
    for (const auto& [action, button] : ways_) button->setVisible(action->isVisible());
    restyle();
}

void StartPage::buildRecent() {
    recentTitle_->setText(tr("Recent projects"));
    recent_->setObjectName(QStringLiteral("recentProjects"));
    recent_->setAccessibleName(recentTitle_->text());
    recent_->setItemDelegate(new RecentDelegate(recent_));
    recent_->setFrameShape(QFrame::NoFrame);
    recent_->viewport()->setAutoFillBackground(false);
    recent_->setMouseTracking(true);
    recent_->setVerticalScrollMode(QAbstractItemView::ScrollPerPixel);
    recent_->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    recent_->setContextMenuPolicy(Qt::CustomContextMenu);
    connect(recent_, &QListWidget::itemActivated, this, [this](const QListWidgetItem* item) { Q_EMIT openRequested(item->data(kFolder).toString()); });
    connect(recent_, &QListWidget::itemClicked, this, [this](const QListWidgetItem* item) { Q_EMIT openRequested(item->data(kFolder).toString()); });
    connect(recent_, &QListWidget::customContextMenuRequested, this, [this](const QPoint& at) {
        const QListWidgetItem* item = recent_->itemAt(at);
        if (!item) return;
        auto* menu = new QMenu(this);
        menu->setAttribute(Qt::WA_DeleteOnClose);
        connect(menu->addAction(tr("Remove from this list")), &QAction::triggered, this, [this, folder = item->data(kFolder).toString()] { Q_EMIT forgetRequested(folder); });
        menu->popup(recent_->viewport()->mapToGlobal(at));
    });
}

void StartPage::setRecent(const std::vector<RecentProject>& projects) {
    recent_->clear();
    for (const RecentProject& project : projects) {
        auto* item = new QListWidgetItem(project.name, recent_);
        item->setData(kFolder, project.folder);
        item->setData(kWhen, whenText(project.opened));
        item->setData(kMissing, !QDir(project.folder).exists());
        item->setToolTip(project.folder);
    }
    recent_->setVisible(!projects.empty());
    recentTitle_->setVisible(!projects.empty());
}

void StartPage::changeEvent(QEvent* event) {
    if (event->type() == QEvent::PaletteChange) restyle();
    QWidget::changeEvent(event);
}

void StartPage::restyle() {
    QPalette quiet = palette();
    quiet.setColor(QPalette::WindowText, style::subtleText(palette()));
    for (QLabel* label : {tagline_, hint_, recentTitle_}) label->setPalette(quiet);
    bool leading = true;  // the first way in is the one for a newcomer
    for (const auto& [action, button] : ways_) {
        QPalette colours = palette();
        if (leading && action->isVisible()) {
            colours.setColor(QPalette::Button, palette().color(QPalette::Highlight));
            colours.setColor(QPalette::ButtonText, palette().color(QPalette::HighlightedText));
            leading = false;
        }
        button->setPalette(colours);
    }
}

}  // namespace driftscope
