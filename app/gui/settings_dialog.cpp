#include "app/gui/settings_dialog.h"

#include <QComboBox>
#include <QDialogButtonBox>
#include <QFormLayout>
#include <QLabel>
#include <QLineEdit>
#include <QPushButton>
#include <QSpinBox>
#include <QThread>
#include <QVBoxLayout>

#include "app/gui/settings.h"

namespace driftscope {
namespace {

constexpr std::uint64_t kMegabyte = 1 << 20;

template <class Editor>
Editor* named(Editor* editor, const char* object, const QString& help) {
    editor->setObjectName(QLatin1String(object));
    editor->setToolTip(help);
    editor->setAccessibleDescription(help);
    return editor;
}

}  // namespace

SettingsDialog::SettingsDialog(Settings& settings, QWidget* parent) : QDialog(parent), settings_(settings) {
    setWindowTitle(tr("Settings"));
    setObjectName(QStringLiteral("settingsDialog"));
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(20, 18, 20, 16);
    layout->setSpacing(16);
    layout->addWidget(buildForm());
    auto* buttons = new QDialogButtonBox(QDialogButtonBox::Close, this);
    connect(buttons, &QDialogButtonBox::rejected, this, &QDialog::close);
    layout->addWidget(buttons);
    setMinimumWidth(460);
}

QWidget* SettingsDialog::buildForm() {
    auto* page = new QWidget(this);
    auto* form = new QFormLayout(page);
    form->setContentsMargins(0, 0, 0, 0);
    form->setHorizontalSpacing(14);
    form->setVerticalSpacing(10);
    form->setFieldGrowthPolicy(QFormLayout::AllNonFixedFieldsGrow);

    auto* theme = named(new QComboBox, "theme", tr("Light or dark colours; 'as the desktop' follows the system's palette"));
    theme->addItems({tr("As the desktop"), tr("Light"), tr("Dark")});
    theme->setCurrentIndex(static_cast<int>(settings_.theme()));
    auto* annotator = named(new QLineEdit(settings_.annotator()), "annotator", tr("Every label records who gave it; exports show this name"));
    auto* cache = named(new QSpinBox, "cache", tr("Decoded images kept for quick scrubbing; panels opened from now on use it"));
    cache->setRange(64, 1 << 20);
    cache->setSingleStep(256);
    cache->setSuffix(tr(" MB"));
    cache->setValue(static_cast<int>(settings_.cacheBytes() / kMegabyte));
    auto* threads = named(new QSpinBox, "threads", tr("Computing threads of each job started from now on; this computer has %1").arg(QThread::idealThreadCount()));
    threads->setRange(0, 1024);
    threads->setSpecialValueText(tr("All (%1)").arg(QThread::idealThreadCount()));
    threads->setValue(settings_.threads());
    auto* lanes = named(new QSpinBox, "lanes", tr("More jobs at once share the processor and the memory; further jobs wait in a queue"));
    lanes->setRange(1, 64);
    lanes->setValue(settings_.lanes());

    form->addRow(tr("&Colours"), theme);
    form->addRow(tr("&Annotator"), annotator);
    form->addRow(tr("&Image cache"), cache);
    form->addRow(tr("&Threads per job"), threads);
    form->addRow(tr("&Jobs at once"), lanes);

    const auto apply = [this, theme, annotator, cache, threads, lanes] {
        settings_.setTheme(static_cast<Theme>(theme->currentIndex()));
        settings_.setAnnotator(annotator->text());
        settings_.setCacheBytes(static_cast<std::uint64_t>(cache->value()) * kMegabyte);
        settings_.setThreads(threads->value());
        settings_.setLanes(lanes->value());
        Q_EMIT changed();
    };
    connect(theme, &QComboBox::currentIndexChanged, this, apply);
    connect(annotator, &QLineEdit::editingFinished, this, apply);
    for (QSpinBox* box : {cache, threads, lanes}) connect(box, &QSpinBox::valueChanged, this, apply);
    return page;
}

}  // namespace driftscope
