#include <QAction>
#include <QDragEnterEvent>
#include <QFileDialog>
#include <QHBoxLayout>
#include <QLineEdit>
#include <QMenu>
#include <QMimeData>
#include <QPlainTextEdit>
#include <QToolButton>
#include <QUrl>
#include <functional>

#include "widgets/form/param_editor.h"

namespace driftscope::form {
namespace {

using nlohmann::json;

QStringList localPaths(const QMimeData* data) {
    QStringList paths;
    for (const QUrl& url : data->urls())
        if (url.isLocalFile()) paths.append(url.toLocalFile());
    return paths;
}

/// What both path editors share: a browse button (a plate is a folder, a table a file) and dropped files.
class PathEditorBase : public ParamEditor {
  protected:
    PathEditorBase(const ParamSpec& spec, QWidget* editor, QWidget* parent) : ParamEditor(parent) {
        fill(spec, editor);
        editor->setAcceptDrops(false);  // drops come here, also those of text fields, which would paste a URL
        setAcceptDrops(true);
        auto* browse = new QToolButton(this);
        browse->setText(tr("Browse"));
        browse->setPopupMode(QToolButton::InstantPopup);
        browse->setToolTip(tr("Choose a file or a folder; dropping one here works too"));
        browse->setAccessibleName(tr("Browse for %1").arg(QString::fromStdString(spec.name)));
        auto* menu = new QMenu(browse);
        connect(menu->addAction(tr("File…")), &QAction::triggered, this, [this] { choose(QFileDialog::ExistingFiles); });
        connect(menu->addAction(tr("Folder…")), &QAction::triggered, this, [this] { choose(QFileDialog::Directory); });
        browse->setMenu(menu);
        layout()->addWidget(browse);
    }
    virtual void take(const QStringList& paths) = 0;

    void dragEnterEvent(QDragEnterEvent* event) override {
        if (!localPaths(event->mimeData()).isEmpty()) event->acceptProposedAction();
    }
    void dropEvent(QDropEvent* event) override {
        take(localPaths(event->mimeData()));
        event->acceptProposedAction();
    }

  private:
    void choose(QFileDialog::FileMode mode) {
        auto* dialog = new QFileDialog(this);
        dialog->setAttribute(Qt::WA_DeleteOnClose);
        dialog->setFileMode(mode);
        connect(dialog, &QFileDialog::filesSelected, this, [this](const QStringList& paths) { take(paths); });
        dialog->open();
    }
};

class PathEditor : public PathEditorBase {
  public:
    PathEditor(const ParamSpec& spec, QLineEdit* line, QWidget* parent) : PathEditorBase(spec, line, parent), line_(line) {
        line_->setPlaceholderText(spec.optional ? tr("not set") : tr("file or folder"));
        connect(line_, &QLineEdit::textChanged, this, &ParamEditor::edited);
    }
    Result<json> value() const override {
        const QString text = line_->text().trimmed();
        return text.isEmpty() ? json() : json(text.toStdString());
    }
    void setValue(const json& value) override { line_->setText(value.is_string() ? QString::fromStdString(value.get<std::string>()) : QString()); }

  private:
    void take(const QStringList& paths) override {
        if (!paths.isEmpty()) line_->setText(paths.front());
    }
    QLineEdit* line_;
};

class PathListEditor : public PathEditorBase {
  public:
    PathListEditor(const ParamSpec& spec, QPlainTextEdit* lines, QWidget* parent) : PathEditorBase(spec, lines, parent), lines_(lines) {
        lines_->setPlaceholderText(tr("one path per line"));
        lines_->setLineWrapMode(QPlainTextEdit::NoWrap);
        lines_->setTabChangesFocus(true);
        lines_->setFixedHeight(fontMetrics().lineSpacing() * 4);
        connect(lines_, &QPlainTextEdit::textChanged, this, &ParamEditor::edited);
    }
    Result<json> value() const override {
        json list = json::array();
        for (const QString& line : lines_->toPlainText().split(QLatin1Char('\n')))
            if (!line.trimmed().isEmpty()) list.push_back(line.trimmed().toStdString());
        return list.empty() ? json() : list;
    }
    void setValue(const json& value) override {
        QStringList paths;
        for (const json& path : value.is_array() ? value : json::array())
            if (path.is_string()) paths.append(QString::fromStdString(path.get<std::string>()));
        lines_->setPlainText(paths.join(QLatin1Char('\n')));
    }

  private:
    void take(const QStringList& paths) override {
        for (const QString& path : paths) lines_->appendPlainText(path);
    }
    QPlainTextEdit* lines_;
};

}  // namespace

ParamEditor* makePathEditor(const ParamSpec& spec, QWidget* parent) { return new PathEditor(spec, new QLineEdit, parent); }
ParamEditor* makePathListEditor(const ParamSpec& spec, QWidget* parent) { return new PathListEditor(spec, new QPlainTextEdit, parent); }

}  // namespace driftscope::form
