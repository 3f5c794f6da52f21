#include "plugins/drift/view_frame.h"

#include <QAbstractItemView>
#include <QComboBox>
#include <QFileDialog>
#include <QFileInfo>
#include <QHBoxLayout>
#include <QLabel>
#include <QPushButton>
#include <QSaveFile>
#include <QStackedLayout>
#include <QSvgGenerator>
#include <QPainter>
#include <QToolButton>
#include <QVBoxLayout>

#include "core/base/atomic_file.h"
#include "widgets/style/palette.h"

namespace driftscope::drift {
namespace {

constexpr int kLeastCharacters = 7;  ///< that a choice shows of itself

}  // namespace

ViewFrame::ViewFrame(const QString& title, const QString& formats, QWidget* parent) : QWidget(parent), title_(title), formats_(formats), tools_(new QHBoxLayout), stack_(new QStackedLayout), name_(new QLabel(title)), blank_(new QLabel), action_(new QPushButton), export_(new QToolButton) {
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(4, 2, 4, 2);
    column->setSpacing(2);
    QFont bold = name_->font();
    bold.setBold(true);
    name_->setFont(bold);
    tools_->addWidget(name_);
    tools_->addStretch(1);
    export_->setText(tr("Export…"));
    export_->setAutoRaise(true);
    export_->setToolTip(tr("Save %1 as %2").arg(title.toLower(), formats.split(QLatin1Char(' ')).join(QStringLiteral(", "))));
    export_->setAccessibleName(tr("Export %1").arg(title));
    connect(export_, &QToolButton::clicked, this, &ViewFrame::askAndExport);
    tools_->addWidget(export_);
    column->addLayout(tools_);
    auto* empty = new QWidget;
    auto* middle = new QVBoxLayout(empty);
    blank_->setWordWrap(true);
    blank_->setAlignment(Qt::AlignCenter);
    middle->addStretch(1);
    middle->addWidget(blank_);
    middle->addWidget(action_, 0, Qt::AlignHCenter);
    middle->addStretch(1);
    stack_->addWidget(empty);
    column->addLayout(stack_, 1);
    connect(action_, &QPushButton::clicked, this, &ViewFrame::actionRequested);
    showBlank({});
}

void ViewFrame::setContent(QWidget* content) {
    stack_->addWidget(content);
}

void ViewFrame::hideTitle() {
    name_->hide();
}

void ViewFrame::addControl(QWidget* widget) {
    // Long choices are read in the open list; a narrow window needs the room.
    if (auto* box = qobject_cast<QComboBox*>(widget)) {
        box->setSizeAdjustPolicy(QComboBox::AdjustToMinimumContentsLengthWithIcon);
        box->setMinimumContentsLength(kLeastCharacters);
        box->setSizePolicy(QSizePolicy::Preferred, QSizePolicy::Fixed);
        box->view()->setMinimumWidth(box->view()->sizeHintForColumn(0) + 24);
        box->setMaximumWidth(box->view()->sizeHintForColumn(0) + 60);
        tools_->insertWidget(tools_->count() - 1, box, 1);
        return;
    }
    tools_->insertWidget(tools_->count() - 1, widget);
}

void ViewFrame::showBlank(const QString& text, const QString& action) {
    blank_->setText(text);
    action_->setText(action);
    action_->setVisible(!action.isEmpty());
    export_->setEnabled(false);
    stack_->setCurrentIndex(0);
}

void ViewFrame::showContent() {
    export_->setEnabled(true);
    stack_->setCurrentIndex(1);
}

bool ViewFrame::isBlank() const {
    return stack_->currentIndex() == 0;
}

QString ViewFrame::blankText() const {
    return blank_->text();
}

void ViewFrame::askAndExport() {
    QStringList filters;
    for (const QString& suffix : formats_.split(QLatin1Char(' '))) filters << (suffix == QLatin1String("csv") ? tr("Data (*.csv)") : tr("Picture (*.%1)").arg(suffix));
    const QString suggestion = title_.toLower().replace(QLatin1Char(' '), QLatin1Char('-')) + QLatin1Char('.') + formats_.section(QLatin1Char(' '), 0, 0);
    const QString path = QFileDialog::getSaveFileName(this, tr("Export %1").arg(title_), suggestion, filters.join(QStringLiteral(";;")));
    if (path.isEmpty()) return;
    const auto written = exportTo(path);
    written ? Q_EMIT said(tr("%1 written.").arg(path)) : Q_EMIT failed(QString::fromStdString(written.error().text()));
}

Result<void> exportWidget(QWidget& widget, const QString& path, const std::function<QString()>& csv) {
    const QString suffix = QFileInfo(path).suffix().toLower();
    if (suffix == QLatin1String("csv")) return writeFileAtomically(path.toStdString(), csv().toStdString());
    if (suffix != QLatin1String("png") && suffix != QLatin1String("svg"))
        return fail(ErrorCode::Usage, fmt::format("'{}' ends neither in .png, .svg nor .csv.", path.toStdString()), "Name the file by what it shall be.");
    QSaveFile file(path);
    const auto unwritable = [&] { return fail(ErrorCode::Io, fmt::format("{} cannot be written: {}.", path.toStdString(), file.errorString().toStdString()), "Choose a folder you may write to, with free space."); };
    if (!file.open(QIODevice::WriteOnly)) return unwritable();
    if (suffix == QLatin1String("svg")) {
        QSvgGenerator generator;
        generator.setOutputDevice(&file);
        generator.setSize(widget.size());
        generator.setViewBox(widget.rect());
        QPainter painter(&generator);
        widget.render(&painter);
    } else {
        QImage image(widget.size() * 2, QImage::Format_RGB32);
        image.setDevicePixelRatio(2);
        widget.render(&image);
        if (!image.save(&file, "png")) return unwritable();
    }
    return file.commit() ? Result<void>{} : unwritable();
}

}  // namespace driftscope::drift
