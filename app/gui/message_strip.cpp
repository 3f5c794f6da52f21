#include "app/gui/message_strip.h"

#include <QHBoxLayout>
#include <QLabel>
#include <QPushButton>
#include <QToolButton>
#include <algorithm>

#include "widgets/style/palette.h"

namespace driftscope {
namespace {

constexpr std::size_t kMostRows = 4;

QColor markColour(MessageStrip::Kind kind) {
    switch (kind) {
        case MessageStrip::Kind::Note: return style::okabeIto()[0];
        case MessageStrip::Kind::Warning: return QColor(0xe6, 0x9f, 0x00);
        case MessageStrip::Kind::Error: return QColor(0xd5, 0x5e, 0x00);
    }
    return {};
}

/// A row with a coloured edge; it takes its colours from the palette at every paint, so themes switch live.
class Row : public QFrame {
  public:
    Row(MessageStrip::Kind kind, QWidget* parent) : QFrame(parent) {
        setAutoFillBackground(true);
        setBackgroundRole(QPalette::Base);
        auto* edge = new QFrame(this);
        edge->setFixedWidth(4);
        edge->setAutoFillBackground(true);
        edge->setBackgroundRole(QPalette::Window);  // or it would take the row's
        QPalette colours = edge->palette();
        colours.setColor(QPalette::Window, markColour(kind));
        edge->setPalette(colours);
        layout = new QHBoxLayout(this);
        layout->setContentsMargins(0, 0, 6, 0);
        layout->setSpacing(10);
        layout->addWidget(edge);
    }
    QHBoxLayout* layout;
};

}  // namespace

MessageStrip::MessageStrip(QWidget* parent) : QWidget(parent), layout_(new QVBoxLayout(this)) {
    layout_->setContentsMargins(0, 0, 0, 0);
    layout_->setSpacing(1);
    setSizePolicy(QSizePolicy::Preferred, QSizePolicy::Maximum);
    setAccessibleName(tr("Messages"));
    setVisible(false);
}

void MessageStrip::show(Kind kind, const QString& message, const QString& remedy, const std::vector<Choice>& choices) {
    for (QWidget* row : std::vector<QWidget*>(rows_))
        if (row->accessibleName() == message) drop(row);
    QWidget* row = makeRow(kind, message, remedy, choices);
    rows_.insert(rows_.begin(), row);
    layout_->insertWidget(0, row);
    while (rows_.size() > kMostRows) drop(rows_.back());
    setVisible(true);
}

QWidget* MessageStrip::makeRow(Kind kind, const QString& message, const QString& remedy, const std::vector<Choice>& choices) {
    auto* row = new Row(kind, this);
    row->setAccessibleName(message);
    const QString more = remedy.isEmpty() ? QString() : QStringLiteral("<br><span>%1</span>").arg(remedy.toHtmlEscaped());
    auto* text = new QLabel(QStringLiteral("<b>%1</b>%2").arg(message.toHtmlEscaped().replace(QLatin1Char('\n'), QStringLiteral("<br>")), more), row);
    if (remedy.isEmpty()) text->setText(message.toHtmlEscaped().replace(QLatin1Char('\n'), QStringLiteral("<br>")));
    text->setTextFormat(Qt::RichText);
    text->setWordWrap(true);
    text->setTextInteractionFlags(Qt::TextSelectableByMouse | Qt::TextSelectableByKeyboard);
    text->setContentsMargins(0, 7, 0, 7);
    row->layout->addWidget(text, 1);
    for (const auto& [label, act] : choices) {
        auto* button = new QPushButton(label, row);
        row->layout->addWidget(button);
        connect(button, &QPushButton::clicked, this, [this, row, act = act] {
            drop(row);
            if (act) act();
        });
    }
    auto* close = new QToolButton(row);
    close->setText(QStringLiteral("✕"));
    close->setAutoRaise(true);
    close->setToolTip(tr("Close this message"));
    close->setAccessibleName(close->toolTip());
    row->layout->addWidget(close);
    connect(close, &QToolButton::clicked, this, [this, row] { drop(row); });
    return row;
}

void MessageStrip::drop(QWidget* row) {
    std::erase(rows_, row);
    layout_->removeWidget(row);
    row->hide();
    row->deleteLater();
    setVisible(!rows_.empty());
}

QStringList MessageStrip::messages() const {
    QStringList texts;
    for (const QWidget* row : rows_) texts.append(row->accessibleName());
    return texts;
}

void MessageStrip::clear() {
    for (QWidget* row : std::vector<QWidget*>(rows_)) drop(row);
}

}  // namespace driftscope
