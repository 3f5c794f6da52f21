#include "plugins/debate/editor_view.h"

#include <QComboBox>
#include <QFontDatabase>
#include <QFormLayout>
#include <QHBoxLayout>
#include <QJsonDocument>
#include <QLabel>
#include <QLineEdit>
#include <QPlainTextEdit>
#include <QSignalBlocker>
#include <QSplitter>
#include <QStackedWidget>
#include <QTabWidget>
#include <QVBoxLayout>

#include "core/debate/arena.h"
#include "plugins/debate/answers_table.h"
#include "plugins/debate/dag_view.h"
#include "plugins/debate/setup_model.h"
#include "plugins/debate/words.h"
#include "widgets/form/param_form.h"
#include "widgets/plot/scatter_plot.h"
#include "widgets/session/json_bridge.h"
#include "widgets/style/palette.h"

namespace driftscope::debate {
namespace {

constexpr int kDebounceMs = 250;
const QString kType = QStringLiteral("type");
const QString kExpression = QStringLiteral("expression");

ParamSpec real(const char* name, double fallback, const char* help) {
    return {.name = name, .type = ParamType::Real, .fallback = fallback, .help = help, .minimum = 0, .maximum = 1};
}
ParamSpec whole(const char* name, int fallback, const char* help, double least = 1) {
    return {.name = name, .type = ParamType::Int, .fallback = fallback, .help = help, .minimum = least, .maximum = kMaximumSteps};
}

std::vector<ParamSpec> formSpecs(const QString& type) {
    if (type == QLatin1String("majority")) return {whole("votes", 9, "How many vote."), real("vote_probability", 0.65, "Probability that a vote is yes.")};
    if (type == QLatin1String("list"))
        return {whole("steps", 12, "How many items are asked."), real("probability", 0.98, "Probability that an item is answered yes."),
                {.name = "combine", .type = ParamType::Choice, .fallback = "and", .help = "How the answers decide.", .choices = {"and", "or", "majority", "threshold", "parity"}},
                whole("threshold", 1, "combine=threshold: this many yes answers are needed.", 0),
                {.name = "question", .type = ParamType::Text, .fallback = "Is item {i} met?", .help = "Text of a question; {i} is its number."}};
    if (type == QLatin1String("birth_death"))
        return {whole("steps", 20, "Steps of the walk."), whole("start", 4, "Where it starts.", 0), real("probability", 0.6, "Probability of a step up."), whole("cap", 8, "It never rises above."),
                whole("accept_at_least", 5, "It must end here or above.", 0)};
    if (type == QLatin1String("branching"))
        return {whole("generations", 5, "Generations."), whole("start", 2, "How many there are at first."), whole("offspring", 2, "How many a yes makes of one."),
                real("probability", 0.7, "Probability of a yes."), whole("cap", 8, "There are never more."), whole("accept_at_least", 1, "So many must be left.")};
    return {};
}

/// A computation to start from when a kind is chosen.
QJsonObject blank(const QString& type) {
    QJsonObject out{{kType, type}};
    for (const ParamSpec& spec : formSpecs(type)) out[QString::fromStdString(spec.name)] = qtValue(spec.fallback);
    if (type == kExpression) out[kExpression] = QStringLiteral("\"Is the study relevant?\": 0.95 and majority(blinded: 0.8, powered: 0.85, reported: 0.9)");
    if (type == QLatin1String("markov"))
        return toQt(nlohmann::json{{"type", "markov"}, {"steps", 10}, {"start", "calm"},
                                   {"states", nlohmann::json::array({{{"name", "calm"}, {"probability", 0.8}, {"yes", "calm"}, {"no", "tense"}, {"accept", true}},
                                                                     {{"name", "tense"}, {"probability", 0.6}, {"yes", "calm"}, {"no", "tense"}, {"accept", false}}})}});
    if (type == QLatin1String("dag"))
        return toQt(nlohmann::json{{"type", "dag"},
                                   {"questions", nlohmann::json::array({{{"id", "a"}, {"text", "Is a so?"}, {"probability", 0.9}}, {{"id", "b"}, {"text", "Is b so?"}, {"probability", 0.8}}})},
                                   {"gates", nlohmann::json::array({{{"id", "both"}, {"op", "and"}, {"inputs", nlohmann::json::array({"a", "b"})}}})},
                                   {"output", "both"}});
    return out;
}

}  // namespace

EditorView::EditorView(SetupModel& setup, const QString& annotator, QWidget* parent)
    : QWidget(parent), setup_(setup), kind_(new QComboBox), title_(new QLineEdit), about_(new QLineEdit), expression_(new QPlainTextEdit), json_(new QPlainTextEdit), forms_(new QStackedWidget),
      problem_(new QLabel), drawing_(new DagView), influence_(new plot::ScatterPlot), answers_(new AnswersTable(setup, annotator)) {
    auto* split = new QSplitter(Qt::Horizontal);
    split->setChildrenCollapsible(false);
    split->addWidget(buildLeft());
    split->addWidget(buildRight());
    split->setSizes({430, 390});
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(8, 8, 8, 6);
    layout->addWidget(split);
    debounce_.setSingleShot(true);
    debounce_.setInterval(kDebounceMs);
    connect(&debounce_, &QTimer::timeout, this, &EditorView::takeJson);
    connect(json_, &QPlainTextEdit::textChanged, &debounce_, qOverload<>(&QTimer::start));
    connect(expression_, &QPlainTextEdit::textChanged, this, &EditorView::takeForm);
    connect(title_, &QLineEdit::textEdited, this, &EditorView::takeForm);
    connect(about_, &QLineEdit::textEdited, this, &EditorView::takeForm);
    connect(kind_, &QComboBox::activated, this, &EditorView::chooseKind);
    connect(&setup_, &SetupModel::changed, this, &EditorView::refresh);
    refresh();
}

QWidget* EditorView::buildLeft() {
    auto* box = new QWidget;
    auto* column = new QVBoxLayout(box);
    column->setContentsMargins(0, 0, 0, 0);
    auto* form = new QFormLayout;
    form->setFieldGrowthPolicy(QFormLayout::AllNonFixedFieldsGrow);
    for (const auto& [type, text] : {std::pair{QStringLiteral("majority"), tr("Majority vote")}, {QStringLiteral("list"), tr("List of items")}, {kExpression, tr("Expression")},
                                     {QStringLiteral("birth_death"), tr("Random walk")}, {QStringLiteral("branching"), tr("Branching process")}, {QStringLiteral("markov"), tr("Markov chain (JSON)")}, {QStringLiteral("dag"), tr("Gates (JSON)")}})
        kind_->addItem(text, type);
    kind_->setObjectName(QStringLiteral("debateKind"));
    kind_->setAccessibleName(tr("Kind of computation"));
    kind_->setToolTip(tr("Another kind starts anew; undo brings the old one back (Alt+Left)"));
    title_->setObjectName(QStringLiteral("debateTitle"));
    form->addRow(tr("Kind"), kind_);
    form->addRow(tr("Title"), title_);
    form->addRow(tr("About"), about_);
    column->addLayout(form);
    forms_->addWidget(new QWidget);
    for (const char* type : {"majority", "list", "birth_death", "branching"}) addForm(QLatin1String(type));
    expression_->setObjectName(QStringLiteral("debateExpression"));
    expression_->setAccessibleName(tr("Expression"));
    expression_->setToolTip(tr("name: 0.9 or \"a question\": 0.9, joined by and, or, not; all(…), any(…), majority(…), at_least(2, …), parity(…), 2*a + b >= 1.5, compare(… vs …), repeat(12, \"item {i}\": 0.98)"));
    forms_->addWidget(expression_);
    forms_->setMaximumHeight(190);
    column->addWidget(forms_);
    problem_->setObjectName(QStringLiteral("debateProblem"));
    problem_->setWordWrap(true);
    problem_->setTextInteractionFlags(Qt::TextSelectableByMouse);
    column->addWidget(problem_);
    json_->setObjectName(QStringLiteral("debateJson"));
    json_->setAccessibleName(tr("Computation as JSON"));
    json_->setFont(QFontDatabase::systemFont(QFontDatabase::FixedFont));
    json_->setLineWrapMode(QPlainTextEdit::NoWrap);
    column->addWidget(json_, 1);
    return box;
}

QWidget* EditorView::buildRight() {
    auto* split = new QSplitter(Qt::Vertical);
    split->setChildrenCollapsible(false);
    influence_->setXAxis(tr("step"));
    influence_->setYAxis(tr("influence on P(yes)"));
    influence_->setEmptyText(tr("How much each answer can move the outcome; the sum is the certified K."));
    split->addWidget(drawing_);
    auto* tabs = new QTabWidget;
    tabs->setDocumentMode(true);
    tabs->addTab(influence_, tr("Influence"));
    tabs->addTab(answers_, tr("Answers"));
    split->addWidget(tabs);
    split->setSizes({300, 250});
    connect(answers_, &AnswersTable::failed, this, &EditorView::failed);
    return split;
}

void EditorView::addForm(const QString& type) {
    auto* form = new form::ParamForm(formSpecs(type));
    form->setObjectName(QStringLiteral("debateForm.") + type);
    forms_->addWidget(form);
    connect(form, &form::ParamForm::edited, this, &EditorView::takeForm);
}

void EditorView::chooseKind() {
    QJsonObject next = blank(kind_->currentData().toString());
    next[QStringLiteral("title")] = kind_->currentText();
    setup_.setComputation(next);
}

void EditorView::takeForm() {
    if (taking_) return;
    QJsonObject next = shown_;
    const auto put = [&](const QString& name, const QString& text) { text.isEmpty() ? next.remove(name) : void(next[name] = text); };
    put(QStringLiteral("title"), title_->text());
    put(QStringLiteral("about"), about_->text());
    if (forms_->currentWidget() == expression_) next[kExpression] = expression_->toPlainText();
    if (const auto* form = qobject_cast<form::ParamForm*>(forms_->currentWidget())) {
        if (!form->isValid()) {
            showProblem(form->problem());
            return;
        }
        const QJsonObject values = form->values();
        for (auto it = values.begin(); it != values.end(); ++it) next[it.key()] = it.value();
    }
    taking_ = true;
    {
        const QSignalBlocker quiet(json_);
        json_->setPlainText(QString::fromUtf8(QJsonDocument(next).toJson()));
    }
    offer(next);
    taking_ = false;
}

void EditorView::takeJson() {
    QJsonParseError error{};
    const QByteArray text = json_->toPlainText().toUtf8();
    const QJsonDocument document = QJsonDocument::fromJson(text, &error);
    if (error.error != QJsonParseError::NoError) {
        const QByteArray before = text.left(error.offset);
        showProblem(tr("Line %1, column %2: %3.").arg(before.count('\n') + 1).arg(before.size() - before.lastIndexOf('\n')).arg(error.errorString()));
        return;
    }
    if (!document.isObject()) {
        showProblem(tr("The computation must be an object: { \"type\": … }."));
        return;
    }
    taking_ = true;
    offer(document.object());
    taking_ = false;
}

void EditorView::offer(const QJsonObject& computation) {
    const auto machine = readComputation(fromQt(computation));
    // With candidates or witness bits, what is debated is known only when Alice has published one.
    const bool witness = computation.contains(QStringLiteral("candidates")) || computation.contains(QStringLiteral("witness"));
    // Rows of a table need the oracle that reads them.
    const bool rows = computation.contains(QStringLiteral("rows")) || setup_.text(QStringLiteral("oracle")) == QLatin1String("model");
    if (!machine && !witness && !rows) {
        showProblem(QString::fromStdString(machine.error().text()));
        return;
    }
    showProblem({});
    shown_ = computation;
    drawing_->setComputation(computation);
    setup_.setComputation(computation);
}

void EditorView::showProblem(const QString& text) {
    problem_->setText(text.isEmpty() ? tr("<span style='color:#009E73'>✓</span> Right, and in use.")
                                     : tr("<span style='color:#D55E00'><b>✗</b></span> %1 <i>The last right one stays in use.</i>").arg(text.toHtmlEscaped()));
}

QString EditorView::problem() const {
    return problem_->text().contains(QStringLiteral("✗")) ? problem_->text() : QString();
}

void EditorView::refresh() {
    if (taking_ || setup_.computation() == shown_) return;
    shown_ = setup_.computation();
    debounce_.stop();
    taking_ = true;
    const QString type = shown_[kType].toString(shown_.contains(QStringLiteral("questions")) ? QStringLiteral("dag") : QString());
    kind_->setCurrentIndex(kind_->findData(type));
    title_->setText(shown_[QStringLiteral("title")].toString());
    about_->setText(shown_[QStringLiteral("about")].toString());
    const bool ownQuestions = shown_.contains(QStringLiteral("each")) || shown_.contains(QStringLiteral("vote_probabilities")) || shown_.contains(QStringLiteral("rows"));
    QWidget* page = type == kExpression ? expression_ : ownQuestions ? nullptr : forms_->findChild<QWidget*>(QStringLiteral("debateForm.") + type);
    forms_->setCurrentWidget(page ? page : forms_->widget(0));
    forms_->setVisible(page != nullptr);
    if (type == kExpression) expression_->setPlainText(shown_[kExpression].toString());
    if (auto* form = qobject_cast<form::ParamForm*>(page)) {
        const QSignalBlocker quiet(form);
        form->reset();
        QJsonObject known;
        for (const ParamSpec& spec : formSpecs(type))
            if (const QString name = QString::fromStdString(spec.name); shown_.contains(name)) known[name] = shown_[name];
        form->setValues(known);
    }
    const QSignalBlocker quiet(json_);
    json_->setPlainText(QString::fromUtf8(QJsonDocument(shown_).toJson()));
    drawing_->setComputation(shown_);
    showProblem({});
    taking_ = false;
}

void EditorView::setArena(const std::shared_ptr<const Arena>& arena) {
    answers_->setArena(arena);
    if (arena && arena->graph)
        showInfluence(*arena);
    else
        influence_->clear();
}

void EditorView::showInfluence(const Arena& arena) {
    const auto& colours = style::okabeIto();
    plot::ScatterPlot::Series questions{tr("questions"), {}, {}, {}, {}, {}, colours[0]}, gates{tr("gates"), {}, {}, {}, {}, {}, colours[1]};
    for (std::size_t step = 0; step < arena.constants.perStep.size(); ++step) {
        plot::ScatterPlot::Series& series = arena.setup.machine->isGate(static_cast<std::int64_t>(step)) ? gates : questions;
        series.x.push_back(static_cast<double>(step) + 1);
        series.y.push_back(arena.constants.perStep[step]);
        if (arena.constants.perStep.size() <= 500) series.pointNames << QString::fromStdString(arena.setup.machine->question(static_cast<std::int64_t>(step)));
    }
    influence_->setSeries({questions, gates});
}

}  // namespace driftscope::debate
