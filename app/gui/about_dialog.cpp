#include "app/gui/about_dialog.h"

#include <QDialogButtonBox>
#include <QHeaderView>
#include <QLabel>
#include <QTreeWidget>
#include <QVBoxLayout>

#include "app/gui/libraries.h"
#include "app/gui/plugin_host.h"
#include "app/gui/theme.h"

namespace driftscope {
namespace {

QTreeWidget* table(const QStringList& columns, const QString& name, QWidget* parent) {
    auto* tree = new QTreeWidget(parent);
    tree->setHeaderLabels(columns);
    tree->setRootIsDecorated(false);
    tree->setAlternatingRowColors(true);
    tree->setFrameShape(QFrame::NoFrame);
    tree->setAccessibleName(name);
    tree->setUniformRowHeights(true);
    return tree;
}

void fit(QTreeWidget* tree) {
    for (int column = 0; column < tree->columnCount() - 1; ++column) tree->resizeColumnToContents(column);
}

QLabel* caption(const QString& text, QWidget* parent) {
    auto* label = new QLabel(QStringLiteral("<b>%1</b>").arg(text), parent);
    return label;
}

QWidget* head(QWidget* parent) {
    auto* page = new QWidget(parent);
    auto* layout = new QHBoxLayout(page);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(16);
    auto* mark = new QLabel(page);
    mark->setPixmap(applicationIcon().pixmap(QSize(56, 56)));
    auto* text = new QLabel(AboutDialog::tr("<p style='font-size:15pt; font-weight:600; margin:0'>Driftscope %1</p>"
                                            "<p style='margin-top:4px'>Free software under the GNU General Public License, version 3 or later. "
                                            "Demo data keep their own licences, stated beside them.</p>")
                                .arg(QStringLiteral(DRIFTSCOPE_VERSION)), page);
    text->setWordWrap(true);
    text->setTextInteractionFlags(Qt::TextSelectableByMouse);
    layout->addWidget(mark, 0, Qt::AlignTop);
    layout->addWidget(text, 1);
    return page;
}

}  // namespace

AboutDialog::AboutDialog(const PluginHost& host, QWidget* parent) : QDialog(parent) {
    setWindowTitle(tr("About Driftscope"));
    setObjectName(QStringLiteral("aboutDialog"));
    auto* panels = table({tr("Panel"), tr("Version"), tr("State")}, tr("Panels"), this);
    panels->setObjectName(QStringLiteral("panels"));
    for (const PluginInfo& info : host.plugins()) {
        auto* row = new QTreeWidgetItem(panels, {info.title, info.version, info.problem.isEmpty() ? tr("ready") : tr("refused: %1").arg(info.problem)});
        row->setToolTip(2, info.problem.isEmpty() ? info.file : info.problem);
    }
    panels->setMaximumHeight(110);
    fit(panels);
    auto* used = table({tr("Library"), tr("Version"), tr("Licence"), tr("Used for")}, tr("Libraries"), this);
    used->setObjectName(QStringLiteral("libraries"));
    for (const Library& library : libraries())
        new QTreeWidgetItem(used, {QString::fromLatin1(library.name), QString::fromLatin1(library.version), QString::fromLatin1(library.licence), QString::fromLatin1(library.use)});
    fit(used);

    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(20, 18, 20, 16);
    layout->setSpacing(8);
    layout->addWidget(head(this));
    layout->addSpacing(6);
    layout->addWidget(caption(tr("Panels"), this));
    layout->addWidget(panels);
    layout->addWidget(caption(tr("Libraries"), this));
    layout->addWidget(used, 1);
    auto* buttons = new QDialogButtonBox(QDialogButtonBox::Close, this);
    connect(buttons, &QDialogButtonBox::rejected, this, &QDialog::close);
    layout->addWidget(buttons);
    resize(640, 620);
}

}  // namespace driftscope
