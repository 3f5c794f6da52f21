// What the Topics panel offers in menus and by key.
#include <QAction>
#include <QMenu>
#include <QTabWidget>

#include "plugins/topics/data_view.h"
#include "plugins/topics/documents_view.h"
#include "plugins/topics/explore_view.h"
#include "plugins/topics/corpus_box.h"
#include "plugins/topics/ensemble_view.h"
#include "plugins/topics/people_view.h"
#include "plugins/topics/results_view.h"
#include "plugins/topics/run_bar.h"
#include "plugins/topics/runs_view.h"
#include "plugins/topics/topic_table.h"
#include "plugins/topics/topics_panel.h"
#include "plugins/topics/train_box.h"
#include "plugins/topics/training_view.h"
#include "widgets/label/schema_editor.h"
#include "widgets/session/edit_stack.h"

namespace driftscope::topics {

void TopicsPanel::buildActions() {
    addTopicActions();
    addTabActions();
    addFileActions();
    addPeopleActions();
    addExportActions();
}

void TopicsPanel::addTopicActions() {
    const auto withTopic = [this](auto what) {
        return [this, what] {
            if (workspace_.topic())
                what(*workspace_.topic());
            else
                say(tr("Choose a topic first."));
        };
    };
    add(QStringLiteral("topics.next"), tr("Next topic"), Qt::ALT | Qt::Key_Down, tr("In order of the native numbers"), [this] { stepTopic(1); });
    add(QStringLiteral("topics.previous"), tr("Previous topic"), Qt::ALT | Qt::Key_Up, tr("In order of the native numbers"), [this] { stepTopic(-1); });
    add(QStringLiteral("topics.none"), tr("Choose no topic"), Qt::CTRL | Qt::Key_0, tr("Shows the most salient words and all documents"), [this] {
        workspace_.selectWord(std::nullopt);
        workspace_.selectTopic(std::nullopt);
    });
    add(QStringLiteral("topics.rename"), tr("Name the topic…"), Qt::Key_F2, tr("A name in addition to its number"), withTopic([this](std::uint32_t) {
            tabs_->setCurrentWidget(explore_);
            explore_->table().editName();
        }));
    add(QStringLiteral("topics.merge"), tr("Merge the chosen topics"), Qt::CTRL | Qt::Key_M, tr("Into the one with the lowest number; the run itself stays as it is"), [this] { mergeChosen(); });
    add(QStringLiteral("topics.separate"), tr("Separate merged topics"), Qt::CTRL | Qt::SHIFT | Qt::Key_M, tr("Takes the merge of this topic back"), withTopic([this](std::uint32_t topic) { act(labels_.separate(topic)); }));
    add(QStringLiteral("topics.hide"), tr("Hide or show the topic"), Qt::CTRL | Qt::Key_H, tr("Hidden topics are left out of map and list"), withTopic([this](std::uint32_t topic) { act(labels_.setHidden(topic, !labels_.groups().isHidden(topic))); }));
    add(QStringLiteral("topics.show-hidden"), tr("List hidden and merged topics"), Qt::CTRL | Qt::SHIFT | Qt::Key_H, tr("In italics"), [this] { explore_->table().setHiddenShown(!explore_->table().hiddenShown()); });
    for (int code = 0; code < 9; ++code)
        add(QStringLiteral("topics.code.%1").arg(code + 1), tr("Code %1").arg(code + 1), Qt::CTRL | Qt::SHIFT | static_cast<Qt::Key>(Qt::Key_1 + code), tr("Gives the topic the code of this number"), withTopic([this, code](std::uint32_t topic) {
                const LabelSchema* schema = labels_.codeSchema();
                if (!schema || code >= static_cast<int>(schema->classes.size())) {
                    say(tr("There are only %1 codes; add some with Edit the codes.").arg(schema ? schema->classes.size() : 0));
                    return;
                }
                act(labels_.setCode(topic, labels_.code(topic) == code ? TopicLabels::kNoCode : code));
            }));
    add(QStringLiteral("topics.codes"), tr("Edit the codes…"), {}, tr("Names, colours and keys of the codes for topics"), [this] { label::SchemaEditor::open(host_.edits, TopicLabels::kCodes, root_.get()); });
}

void TopicsPanel::addTabActions() {
    for (int i = 0; i < tabs_->count(); ++i)
        add(QStringLiteral("topics.tab.%1").arg(i + 1), tr("Show %1").arg(tabs_->tabText(i)), Qt::ALT | static_cast<Qt::Key>(Qt::Key_1 + i), tr("The tab %1").arg(tabs_->tabText(i)), [this, i] { tabs_->setCurrentIndex(i); });
    add(QStringLiteral("topics.search"), tr("Search in documents"), Qt::CTRL | Qt::Key_F, tr("Words or parts of words"), [this] {
        tabs_->setCurrentWidget(explore_);
        explore_->documents().focusSearch();
    });
    add(QStringLiteral("topics.next-run"), tr("Next run"), Qt::ALT | Qt::Key_Right, tr("The next run in the list"), [this] { bar_->step(1); });
    add(QStringLiteral("topics.previous-run"), tr("Previous run"), Qt::ALT | Qt::Key_Left, tr("The run before in the list"), [this] { bar_->step(-1); });
}

void TopicsPanel::addFileActions() {
    add(QStringLiteral("topics.new-corpus"), tr("Make a corpus…"), Qt::CTRL | Qt::SHIFT | Qt::Key_N, tr("From text, CSV, JSON lines, OCTIS or a document-term matrix"), [this] {
        entered_ = true;
        showPages();
        tabs_->setCurrentWidget(data_);
        data_->corpus().showForm();
    });
    add(QStringLiteral("topics.open"), tr("Open a corpus or a topic run…"), {}, tr("A folder of topics.preprocess, topics.train, topics.import or topics.ensemble"), [this] { openFolder(); });
    add(QStringLiteral("topics.train"), tr("Train"), Qt::CTRL | Qt::Key_T, tr("Starts the runs that the Data tab describes"), [this] {
        tabs_->setCurrentWidget(data_);
        data_->train().start();
    });
    add(QStringLiteral("topics.stop"), tr("Stop the chosen runs, or go on"), {}, tr("They stop after saving"), [this] { data_->training().stopOrResume(); });
}

void TopicsPanel::addPeopleActions() {
    const auto show = [this](auto page) {
        return [this, page] {
            tabs_->setCurrentWidget(people_);
            (people_->*page)();
        };
    };
    add(QStringLiteral("topics.rate"), tr("Rate topics"), Qt::CTRL | Qt::SHIFT | Qt::Key_T, tr("How related are the words of each topic? Keys 1 to 3"), show(&PeopleView::showRating));
    add(QStringLiteral("topics.intrusion"), tr("Find intruders"), Qt::CTRL | Qt::SHIFT | Qt::Key_I, tr("Which word does not belong? Keys 1 to 6"), show(&PeopleView::showIntrusion));
    add(QStringLiteral("topics.results"), tr("Results of raters"), {}, tr("Human scores beside coherence, and the published judgements"), show(&PeopleView::showResults));
    add(QStringLiteral("topics.published"), tr("Open human judgements…"), {}, tr("In the layout of all_data.json of Hoyle et al. 2021"), [this, show] {
        show(&PeopleView::showResults)();
        people_->results().askPublished();
    });
    add(QStringLiteral("topics.compare"), tr("Compare all runs of this kind"), Qt::CTRL | Qt::SHIFT | Qt::Key_A, tr("Runs of the same model and number of topics, side by side"), [this] {
        tabs_->setCurrentWidget(runs_);
        runs_->compareAll();
    });
    add(QStringLiteral("topics.join"), tr("Join the compared runs"), Qt::CTRL | Qt::Key_J, tr("Into an ensemble"), [this] {
        tabs_->setCurrentWidget(runs_);
        runs_->showEnsemble();
        runs_->ensemble().join();
    });
}

void TopicsPanel::stepTopic(int by) {
    if (!workspace_.run()) return;
    const int count = static_cast<int>(workspace_.run()->topics());
    int next = workspace_.topic() ? static_cast<int>(*workspace_.topic()) : by > 0 ? -1 : count;
    for (int tries = 0; tries < count; ++tries) {
        next = (next + by + count) % count;
        const auto topic = static_cast<std::uint32_t>(next);
        if (!labels_.groups().isMerged(topic) && !labels_.groups().isHidden(topic)) break;
    }
    workspace_.selectTopic(static_cast<std::uint32_t>(next));
}

void TopicsPanel::mergeChosen() {
    const auto chosen = explore_->table().chosen();
    if (chosen.size() < 2) {
        say(tr("Choose two topics or more in the list with Ctrl+click; they are merged into the one with the lowest number."));
        return;
    }
    act(labels_.merge(chosen, chosen.front()));
    workspace_.selectTopic(chosen.front());
}

void TopicsPanel::openTopicMenu(const QPoint& at) {
    QMenu menu(root_.get());
    for (QAction* action : actions_) {
        const QString name = action->objectName();
        if (name == QLatin1String("topics.rename") || name == QLatin1String("topics.merge") || name == QLatin1String("topics.separate") || name == QLatin1String("topics.hide") || name == QLatin1String("topics.show-hidden") || name == QLatin1String("topics.codes"))
            menu.addAction(action);
    }
    QMenu* codes = menu.addMenu(tr("Code"));
    const LabelSchema* schema = labels_.codeSchema();
    for (int code = 0; schema && code < static_cast<int>(schema->classes.size()); ++code)
        connect(codes->addAction(QString::fromStdString(schema->classes[static_cast<std::size_t>(code)].name)), &QAction::triggered, this, [this, code] {
            if (workspace_.topic()) act(labels_.setCode(*workspace_.topic(), code));
        });
    connect(codes->addAction(tr("none")), &QAction::triggered, this, [this] {
        if (workspace_.topic()) act(labels_.setCode(*workspace_.topic(), TopicLabels::kNoCode));
    });
    codes->setEnabled(workspace_.topic().has_value());
    menu.exec(at);
}

}  // namespace driftscope::topics
