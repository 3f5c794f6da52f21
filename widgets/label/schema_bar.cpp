#include "widgets/label/schema_bar.h"

#include <QAction>
#include <QComboBox>
#include <QHBoxLayout>
#include <QLabel>
#include <QToolButton>

#include "widgets/label/class_chip.h"
#include "widgets/label/flow_layout.h"
#include "widgets/label/label_progress.h"
#include "widgets/session/edit_stack.h"

namespace driftscope::label {

struct SchemaBar::State {
    QPointer<EditStack> edits;
    QPointer<QWidget> scope;
    std::vector<LabelSchema> schemas;
    int current = -1;
    std::map<std::string, std::int64_t> counts;
    std::int64_t total = -1;
    std::string active;

    QComboBox* chooser = nullptr;
    QWidget* chipArea = nullptr;
    QLabel* empty = nullptr;
    QToolButton* remove = nullptr;
    QToolButton* edit = nullptr;
    LabelProgress* progress = nullptr;
    QAction* removeAction = nullptr;
    std::vector<ClassChip*> chips;
    std::vector<QAction*> keys;

    const LabelSchema* schema() const { return current < 0 ? nullptr : &schemas[static_cast<std::size_t>(current)]; }
};

SchemaBar::SchemaBar(QWidget* parent) : QWidget(parent), state_(std::make_unique<State>()) {
    State& s = *state_;
    s.chooser = new QComboBox;
    s.chooser->setAccessibleName(tr("Label schema"));
    s.chooser->setToolTip(tr("The question that labels answer, for example the cell division state"));
    s.chooser->setSizeAdjustPolicy(QComboBox::AdjustToContents);
    s.chipArea = new QWidget;
    s.chipArea->setLayout(new FlowLayout(6));
    s.empty = new QLabel;
    s.empty->setTextInteractionFlags(Qt::TextSelectableByMouse);
    s.empty->setWordWrap(true);

    s.removeAction = new QAction(tr("Remove"), this);
    s.removeAction->setShortcuts({QKeySequence(Qt::Key_Backspace), QKeySequence(Qt::Key_Delete)});
    s.removeAction->setShortcutContext(Qt::WidgetWithChildrenShortcut);
    s.removeAction->setToolTip(tr("Remove the label of what is selected (Backspace)"));
    s.remove = new QToolButton;
    s.remove->setDefaultAction(s.removeAction);
    s.remove->setAutoRaise(true);
    s.remove->setAccessibleName(tr("Remove label"));
    s.edit = new QToolButton;
    s.edit->setObjectName(QStringLiteral("edit"));
    s.edit->setAutoRaise(true);
    s.progress = new LabelProgress;

    auto* row = new QHBoxLayout(this);
    row->setContentsMargins(6, 4, 6, 4);
    row->setSpacing(8);
    row->addWidget(s.chooser, 0, Qt::AlignTop);
    row->addWidget(s.chipArea, 1);
    row->addWidget(s.empty, 1);
    row->addWidget(s.remove, 0, Qt::AlignTop);
    row->addWidget(s.edit, 0, Qt::AlignTop);
    row->addWidget(s.progress, 0, Qt::AlignTop);

    connect(s.removeAction, &QAction::triggered, this, &SchemaBar::removalChosen);
    connect(s.edit, &QToolButton::clicked, this,
            [this] { Q_EMIT editRequested(state_->schema() ? state_->schema()->name : std::string()); });
    connect(s.chooser, &QComboBox::activated, this, [this](int index) {
        const bool known = index < static_cast<int>(state_->schemas.size());
        if (!known) {  // "New schema…" is a command, not a choice
            state_->chooser->setCurrentIndex(state_->current);
            Q_EMIT editRequested({});
            return;
        }
        setCurrentSchema(state_->schemas[static_cast<std::size_t>(index)].name);
    });
    setKeyScope(this);
    showSchema();
}

SchemaBar::~SchemaBar() = default;

void SchemaBar::follow(EditStack* edits) {
    if (state_->edits) disconnect(state_->edits, nullptr, this, nullptr);
    state_->edits = edits;
    if (edits) {
        connect(edits, &EditStack::schemasChanged, this, &SchemaBar::reloadSchemas);
        connect(edits, &EditStack::changed, this, &SchemaBar::countEvents);
    }
    reloadSchemas();
}

void SchemaBar::setKeyScope(QWidget* scope) {
    if (state_->scope) {
        state_->scope->removeAction(state_->removeAction);
        for (QAction* key : state_->keys) state_->scope->removeAction(key);
    }
    state_->scope = scope;
    if (!scope) return;
    scope->addAction(state_->removeAction);
    for (QAction* key : state_->keys) scope->addAction(key);
}

void SchemaBar::setTotal(std::int64_t total) {
    state_->total = total;
    showCounts();
}

LabelSchema SchemaBar::currentSchema() const {
    return state_->schema() ? *state_->schema() : LabelSchema{};
}

void SchemaBar::setCurrentSchema(const std::string& name) {
    for (std::size_t i = 0; i < state_->schemas.size(); ++i) {
        if (state_->schemas[i].name != name || static_cast<int>(i) == state_->current) continue;
        state_->current = static_cast<int>(i);
        state_->active.clear();
        recount();
        showSchema();
        Q_EMIT schemaChosen(name);
        return;
    }
}

void SchemaBar::setActiveClass(const std::string& name) {
    state_->active = name;
    for (ClassChip* chip : state_->chips) chip->setChecked(chip->text().toStdString() == name);
}

void SchemaBar::reloadSchemas() {
    const std::string before = state_->schema() ? state_->schema()->name : std::string();
    state_->schemas.clear();
    if (state_->edits) state_->schemas = state_->edits->store().schemas().value_or(std::vector<LabelSchema>());
    state_->current = state_->schemas.empty() ? -1 : 0;
    for (std::size_t i = 0; i < state_->schemas.size(); ++i)
        if (state_->schemas[i].name == before) state_->current = static_cast<int>(i);
    recount();
    showSchema();
    if (const std::string now = currentSchema().name; now != before) Q_EMIT schemaChosen(now);
}

void SchemaBar::showSchema() {
    State& s = *state_;
    s.chooser->clear();
    for (const LabelSchema& schema : s.schemas) {
        s.chooser->addItem(QString::fromStdString(schema.title));
        s.chooser->setItemData(s.chooser->count() - 1, QString::fromStdString(schema.name), Qt::ToolTipRole);
    }
    if (s.schema()) {
        s.chooser->insertSeparator(s.chooser->count());
        s.chooser->addItem(tr("New schema…"));
    }
    s.chooser->setCurrentIndex(s.current);
    s.chooser->setVisible(s.schema());
    s.chipArea->setVisible(s.schema());
    s.remove->setVisible(s.schema());
    s.progress->setVisible(s.schema());
    s.empty->setVisible(!s.schema());
    s.empty->setText(s.edits ? tr("No label schema yet: make one to start labelling.")
                             : tr("Open a project to label in it."));
    s.edit->setVisible(s.edits);
    s.edit->setText(s.schema() ? tr("Edit…") : tr("New schema…"));
    s.edit->setToolTip(s.schema() ? tr("Add, rename or recolour the classes of this schema")
                                  : tr("Make a list of classes to label with"));
    s.progress->setSchema(currentSchema());
    rebuildChips();
    rebuildKeys();
    showCounts();
}

void SchemaBar::rebuildChips() {
    // Later: one of them may be the sender.
    for (ClassChip* chip : state_->chips) {
        chip->hide();
        chip->deleteLater();
    }
    state_->chips.clear();
    for (const LabelClass& item : currentSchema().classes) {
        auto* chip = new ClassChip(item, state_->chipArea);
        chip->setChecked(item.name == state_->active);
        state_->chipArea->layout()->addWidget(chip);
        chip->show();
        connect(chip, &ClassChip::clicked, this, [this, name = item.name] { Q_EMIT classChosen(name); });
        state_->chips.push_back(chip);
    }
}

void SchemaBar::rebuildKeys() {
    for (QAction* key : state_->keys) {
        if (state_->scope) state_->scope->removeAction(key);
        key->deleteLater();
    }
    state_->keys.clear();
    const auto add = [this](const QString& text, const QString& key, auto&& act) {
        auto* action = new QAction(text, this);
        action->setShortcut(QKeySequence(key));
        action->setShortcutContext(Qt::WidgetWithChildrenShortcut);
        connect(action, &QAction::triggered, this, act);
        if (state_->scope) state_->scope->addAction(action);
        state_->keys.push_back(action);
    };
    const LabelSchema schema = currentSchema();
    for (const LabelClass& item : schema.classes) {
        if (item.key.empty()) continue;
        const QString name = QString::fromStdString(item.name), key = QString::fromStdString(item.key).toUpper();
        add(tr("Label as %1").arg(name), key, [this, label = item.name] { Q_EMIT classChosen(label); });
        add(tr("Label the interval as %1").arg(name), QStringLiteral("Shift+") + key,
            [this, label = item.name] { Q_EMIT intervalChosen(label); });
    }
}

void SchemaBar::recount() {
    state_->counts.clear();
    if (state_->edits && state_->schema())
        state_->counts =
            state_->edits->store().counts(state_->schema()->name).value_or(std::map<std::string, std::int64_t>());
}

void SchemaBar::countEvents(const std::string& schema, const std::vector<LabelEvent>& events) {
    if (!state_->schema() || schema != state_->schema()->name) return;
    for (const LabelEvent& event : events) {
        if (!event.before.empty()) --state_->counts[event.before];
        if (!event.after.empty()) ++state_->counts[event.after];
    }
    showCounts();
}

void SchemaBar::showCounts() {
    for (ClassChip* chip : state_->chips) {
        const auto found = state_->counts.find(chip->text().toStdString());
        chip->setCount(found == state_->counts.end() ? 0 : found->second);
    }
    state_->progress->setCounts(state_->counts, state_->total);
}

}  // namespace driftscope::label
