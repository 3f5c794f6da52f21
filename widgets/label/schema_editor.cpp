#include "widgets/label/schema_editor.h"

#include <QColorDialog>
#include <QComboBox>
#include <QDialogButtonBox>
#include <QFormLayout>
#include <QHeaderView>
#include <QKeyEvent>
#include <QLabel>
#include <QLineEdit>
#include <QMenu>
#include <QPointer>
#include <QPushButton>
#include <QRegularExpression>
#include <QStyle>
#include <QTableView>
#include <QVBoxLayout>

#include "widgets/label/class_table.h"
#include "widgets/label/label_colours.h"
#include "widgets/session/edit_stack.h"
#include "widgets/style/palette.h"

namespace driftscope::label {

struct SchemaEditor::State {
    LabelSchema schema;
    bool isNew = false;
    bool nameTouched = false;
    Save save;

    ClassTable* classes = nullptr;
    QTableView* table = nullptr;
    QLineEdit* title = nullptr;
    QLineEdit* name = nullptr;
    QComboBox* expansion = nullptr;
    QLineEdit* unknown = nullptr;
    QLabel* message = nullptr;
    QLabel* warning = nullptr;
    QPushButton* add = nullptr;
    QPushButton* remove = nullptr;
    QPushButton* up = nullptr;
    QPushButton* down = nullptr;
    QPushButton* accept = nullptr;
};

namespace {

/// "Cell shape" -> "cell_shape", a column name that every table program takes.
QString columnName(const QString& title) {
    static const QRegularExpression other(QStringLiteral("[^a-z0-9]+"));
    QString name =
        title.toLower().normalized(QString::NormalizationForm_KD).remove(QRegularExpression(QStringLiteral("\\p{M}")));
    name.replace(other, QStringLiteral("_"));
    while (name.startsWith(QLatin1Char('_'))) name.remove(0, 1);
    while (name.endsWith(QLatin1Char('_'))) name.chop(1);
    return name;
}

QString joined(const std::vector<std::string>& list) {
    QStringList parts;
    for (const std::string& part : list) parts << QString::fromStdString(part);
    return parts.join(QStringLiteral(", "));
}

}  // namespace

SchemaEditor::SchemaEditor(const LabelSchema& schema, const std::map<std::string, std::int64_t>& counts, Save save,
                           QWidget* parent)
    : QDialog(parent), state_(std::make_unique<State>()) {
    State& s = *state_;
    s.schema = schema;
    s.isNew = schema.name.empty();
    s.save = std::move(save);
    s.classes = new ClassTable(schema.classes, counts, this);
    setModal(false);
    setWindowTitle(s.isNew ? tr("New label schema") : tr("Edit label schema"));

    auto* column = new QVBoxLayout(this);
    column->addWidget(makeHead());
    column->addWidget(makeTable(), 1);
    column->addLayout(makeMessage());
    column->addWidget(makeButtons());
    if (s.isNew && s.classes->rowCount() == 0) {
        s.classes->add();
        s.classes->add();
    }
    connect(s.classes, &ClassTable::dataChanged, this, &SchemaEditor::validate);
    connect(s.classes, &ClassTable::rowsRemoved, this, &SchemaEditor::validate);
    connect(s.table->selectionModel(), &QItemSelectionModel::currentChanged, this, &SchemaEditor::showButtons);
    s.table->setCurrentIndex(s.classes->index(0, ClassTable::Name));
    validate();
    resize(640, 440);
    (s.isNew ? static_cast<QWidget*>(s.title) : s.table)->setFocus();
}

SchemaEditor::~SchemaEditor() {
    // QDialog's destructor hides the window, and an open cell editor then still hands over its text.
    disconnect(state_->classes, nullptr, this, nullptr);
    disconnect(state_->table->selectionModel(), nullptr, this, nullptr);
}

SchemaEditor* SchemaEditor::open(EditStack& edits, const std::string& name, QWidget* parent) {
    LabelSchema schema;
    const auto known = edits.store().schemas().value_or(std::vector<LabelSchema>());
    for (const LabelSchema& candidate : known)
        if (candidate.name == name) schema = candidate;
    const auto counts = schema.name.empty()
                            ? std::map<std::string, std::int64_t>()
                            : edits.store().counts(schema.name).value_or(std::map<std::string, std::int64_t>());
    auto save = [stack = QPointer<EditStack>(&edits), isNew = schema.name.empty()](
                    const LabelSchema& edited, const std::map<std::string, std::string>& renamed) -> Result<void> {
        if (!stack) return fail(ErrorCode::Usage, "The project was closed.", "Open it again and repeat the change.");
        if (isNew) {
            DS_ASSIGN(const auto present, stack->store().schemas());
            for (const LabelSchema& other : present)
                if (other.name == edited.name)
                    return fail(ErrorCode::BadInput,
                                fmt::format("The project has a schema \"{}\" already.", edited.name),
                                "Choose another column name.");
        }
        return stack->putSchema(edited, renamed);
    };
    auto* editor = new SchemaEditor(schema, counts, std::move(save), parent);
    editor->setAttribute(Qt::WA_DeleteOnClose);
    editor->show();
    return editor;
}

QWidget* SchemaEditor::makeHead() {
    State& s = *state_;
    auto* head = new QWidget;
    auto* form = new QFormLayout(head);
    form->setContentsMargins(0, 0, 0, 0);
    s.title = new QLineEdit(QString::fromStdString(s.schema.title));
    s.title->setPlaceholderText(tr("What is asked, for example: Cell division"));
    s.title->setAccessibleName(tr("Title"));
    s.name = new QLineEdit(QString::fromStdString(s.schema.name));
    s.name->setEnabled(s.isNew);
    s.name->setAccessibleName(tr("Column in files"));
    s.name->setToolTip(tr("The column of exported tables; it stays as it is once labels exist"));
    s.expansion = new QComboBox;
    s.expansion->addItem(tr("the marked frame only"), QStringLiteral("frame"));
    s.expansion->addItem(tr("from the first mark to the end of the track"), QStringLiteral("onset"));
    s.expansion->setCurrentIndex(s.schema.expansion == "onset" ? 1 : 0);
    s.expansion->setAccessibleName(tr("A mark counts for"));
    s.expansion->setToolTip(tr("How exported tables fill the frames between marks, as napari-iohub's annotator does"));
    s.unknown = new QLineEdit(joined(s.schema.unknown));
    s.unknown->setPlaceholderText(tr("unknown, -1"));
    s.unknown->setAccessibleName(tr("Means no label"));
    s.unknown->setToolTip(tr("Spellings in imported tables that stand for “not labelled”, separated by commas"));
    form->addRow(tr("&Title"), s.title);
    form->addRow(tr("Column in files"), s.name);
    form->addRow(tr("A mark counts for"), s.expansion);
    form->addRow(tr("Means “no label”"), s.unknown);
    connect(s.title, &QLineEdit::textChanged, this, [this](const QString& text) {
        if (state_->isNew && !state_->nameTouched) state_->name->setText(columnName(text));
        validate();
    });
    connect(s.name, &QLineEdit::textEdited, this, [this] { state_->nameTouched = true; });
    connect(s.name, &QLineEdit::textChanged, this, &SchemaEditor::validate);
    connect(s.unknown, &QLineEdit::textChanged, this, &SchemaEditor::validate);
    return head;
}

QWidget* SchemaEditor::makeTable() {
    State& s = *state_;
    auto* area = new QWidget;
    auto* row = new QHBoxLayout(area);
    row->setContentsMargins(0, 0, 0, 0);
    s.table = new QTableView;
    s.table->setModel(s.classes);
    s.table->setAccessibleName(tr("Classes"));
    s.table->setSelectionBehavior(QAbstractItemView::SelectRows);
    s.table->setSelectionMode(QAbstractItemView::SingleSelection);
    s.table->setEditTriggers(QAbstractItemView::DoubleClicked | QAbstractItemView::EditKeyPressed |
                             QAbstractItemView::AnyKeyPressed);
    s.table->setTabKeyNavigation(false);
    s.table->verticalHeader()->hide();
    s.table->setShowGrid(false);
    s.table->setAlternatingRowColors(true);
    QHeaderView* header = s.table->horizontalHeader();
    header->setSectionResizeMode(QHeaderView::ResizeToContents);
    header->setSectionResizeMode(ClassTable::Name, QHeaderView::Interactive);
    header->resizeSection(ClassTable::Name, 160);
    header->setSectionResizeMode(ClassTable::Spellings, QHeaderView::Stretch);
    row->addWidget(s.table, 1);

    auto* buttons = new QVBoxLayout;
    const auto button = [&](const QString& text, const QString& tip, auto&& act) {
        auto* made = new QPushButton(text);
        made->setToolTip(tip);
        made->setAutoDefault(false);
        connect(made, &QPushButton::clicked, this, act);
        buttons->addWidget(made);
        return made;
    };
    s.add = button(tr("&Add class"), tr("A new class with a free key and colour"), [this] { addClass(); });
    s.remove = button(tr("&Remove"), QString(), [this] { removeClass(); });
    s.up = button(tr("Move &up"), tr("Earlier in lists and keys"), [this] { moveClass(-1); });
    s.down = button(tr("Move &down"), tr("Later in lists and keys"), [this] { moveClass(1); });
    buttons->addStretch(1);
    row->addLayout(buttons);
    // Enter and double click open a text editor in the other columns; the colour opens its palette.
    const auto colour = [this](const QModelIndex& index) {
        if (index.column() == ClassTable::Colour) chooseColour(index.row());
    };
    connect(s.table, &QTableView::activated, this, colour);
    connect(s.table, &QTableView::doubleClicked, this, colour);
    return area;
}

QLayout* SchemaEditor::makeMessage() {
    State& s = *state_;
    auto* row = new QHBoxLayout;
    s.warning = new QLabel;
    const int size = style()->pixelMetric(QStyle::PM_SmallIconSize);
    s.warning->setPixmap(style()->standardIcon(QStyle::SP_MessageBoxWarning).pixmap(size, size));
    s.message = new QLabel;
    s.message->setWordWrap(true);
    s.message->setTextInteractionFlags(Qt::TextSelectableByMouse);
    s.message->setAccessibleName(tr("What has to be corrected"));
    row->addWidget(s.warning, 0, Qt::AlignTop);
    row->addWidget(s.message, 1);
    return row;
}

QWidget* SchemaEditor::makeButtons() {
    auto* box = new QDialogButtonBox(QDialogButtonBox::Save | QDialogButtonBox::Cancel);
    state_->accept = box->button(QDialogButtonBox::Save);
    state_->accept->setShortcut(QKeySequence(Qt::CTRL | Qt::Key_Return));
    state_->accept->setToolTip(tr("Store the schema in the project (Ctrl+Enter)"));
    connect(box, &QDialogButtonBox::accepted, this, &SchemaEditor::save);
    connect(box, &QDialogButtonBox::rejected, this, &SchemaEditor::reject);
    return box;
}

void SchemaEditor::showMessage(const QString& text) {
    state_->message->setText(text);
    state_->message->setVisible(!text.isEmpty());
    state_->warning->setVisible(!text.isEmpty());
}

void SchemaEditor::keyPressEvent(QKeyEvent* event) {
    // Enter edits cells here; a dialog would take it for Save.
    const bool enter = event->key() == Qt::Key_Return || event->key() == Qt::Key_Enter;
    if (enter && event->modifiers().testFlag(Qt::ControlModifier)) return save();
    if (!enter) QDialog::keyPressEvent(event);
}

void SchemaEditor::setReservedKeys(const std::map<QString, QString>& keys) {
    state_->classes->setReservedKeys(keys);
}

LabelSchema SchemaEditor::schema() const {
    LabelSchema edited = state_->schema;
    edited.name = state_->name->text().trimmed().toStdString();
    edited.title = state_->title->text().trimmed().toStdString();
    edited.expansion = state_->expansion->currentData().toString().toStdString();
    edited.unknown.clear();
    for (const QString& part : state_->unknown->text().split(QLatin1Char(','), Qt::SkipEmptyParts))
        if (!part.trimmed().isEmpty()) edited.unknown.push_back(part.trimmed().toStdString());
    edited.classes = state_->classes->classes();
    return edited;
}

void SchemaEditor::validate() {
    QStringList problems;
    if (state_->title->text().trimmed().isEmpty()) problems << tr("Give the schema a title.");
    for (const ClassTable::Problem& problem : state_->classes->problems()) problems << problem.text;
    if (problems.isEmpty())
        if (const auto checked = schema().check(); !checked) problems << QString::fromStdString(checked.error().text());
    // More than three would push the table out of sight; the cells are marked anyway.
    if (problems.size() > 3)
        problems = problems.mid(0, 3) << tr("… and %n more marked in the table.", nullptr,
                                            static_cast<int>(problems.size()) - 3);
    showMessage(problems.join(QLatin1Char('\n')));
    state_->accept->setEnabled(problems.isEmpty());
    showButtons();
}

void SchemaEditor::showButtons() {
    const int row = state_->table->currentIndex().row();
    const bool removable = state_->classes->canRemove(row) && state_->classes->rowCount() > 1;
    state_->remove->setEnabled(removable);
    state_->remove->setToolTip(
        removable ? tr("Remove the class in this row")
                  : tr("A class that has labels stays: relabel them first. A schema needs one class."));
    state_->up->setEnabled(row > 0);
    state_->down->setEnabled(row >= 0 && row + 1 < state_->classes->rowCount());
}

void SchemaEditor::save() {
    if (!state_->accept->isEnabled()) return;
    if (const auto stored = state_->save(schema(), state_->classes->renamed()); !stored) {
        showMessage(QString::fromStdString(stored.error().text()));
        return;
    }
    accept();
}

void SchemaEditor::addClass() {
    const QModelIndex place = state_->classes->index(state_->classes->add(), ClassTable::Name);
    state_->table->setCurrentIndex(place);
    state_->table->setFocus();
    state_->table->edit(place);
}

void SchemaEditor::removeClass() {
    state_->classes->remove(state_->table->currentIndex().row());
}

void SchemaEditor::moveClass(int by) {
    if (state_->classes->move(state_->table->currentIndex().row(), by)) showButtons();
}

void SchemaEditor::chooseColour(int row) {
    auto* menu = new QMenu(this);
    menu->setAttribute(Qt::WA_DeleteOnClose);
    static const char* const names[] = {QT_TR_NOOP("Blue"),      QT_TR_NOOP("Orange"), QT_TR_NOOP("Green"),
                                        QT_TR_NOOP("Vermilion"), QT_TR_NOOP("Purple"), QT_TR_NOOP("Sky blue"),
                                        QT_TR_NOOP("Yellow"),    QT_TR_NOOP("Grey")};
    const auto& safe = style::okabeIto();
    for (std::size_t i = 0; i < safe.size(); ++i)
        connect(menu->addAction(swatchIcon(safe[i]), tr(names[i])), &QAction::triggered, this,
                [this, row, colour = safe[i]] { state_->classes->setColour(row, colour); });
    menu->addSeparator();
    connect(menu->addAction(tr("Other colour…")), &QAction::triggered, this, [this, row] {
        auto* dialog = new QColorDialog(state_->classes->colour(row), this);
        dialog->setAttribute(Qt::WA_DeleteOnClose);
        connect(dialog, &QColorDialog::colorSelected, this, [this, row](const QColor& colour) {
            if (row < state_->classes->rowCount()) state_->classes->setColour(row, colour);
        });
        dialog->show();
    });
    const QRect cell = state_->table->visualRect(state_->classes->index(row, ClassTable::Colour));
    menu->popup(state_->table->viewport()->mapToGlobal(cell.bottomLeft()));
}

}  // namespace driftscope::label
