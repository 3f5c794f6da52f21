#include "plugins/drift/source_box.h"

#include <QHBoxLayout>
#include <QLabel>
#include <QRadioButton>
#include <QSignalBlocker>
#include <QStackedWidget>
#include <QVBoxLayout>

#include "core/llm/text/prompt_template.h"
#include "plugins/drift/input_check.h"
#include "plugins/drift/study_setup.h"
#include "widgets/form/param_field.h"
#include "widgets/form/param_form.h"
#include "widgets/session/json_bridge.h"

namespace driftscope::drift {
namespace {

/// A study's files, as llm.study declares them; here one may be missing while the page is filled in.
std::vector<ParamSpec> fileSpecs() {
    const std::string layouts = " JSON lines, JSON, CSV or TSV with instruction, [input] and output, or the fields of BeaverTails, SST-2, AG News or GSM8K.";
    const auto file = [&](const char* name, const std::string& help) { return ParamSpec{.name = name, .type = ParamType::Path, .help = help + layouts, .optional = true}; };
    return {{.name = "model", .type = ParamType::Path, .help = "Hugging Face folder: config.json, safetensors, tokenizer. Llama, Vicuna, OPT, GPT-2, Qwen2, Gemma.", .optional = true},
            file("align", "Alignment data: harmful prompts with refusals, and benign ones with answers."),
            file("harmful", "Harmful prompts with harmful answers: needed by booster, repnoise and t_vaccine, and for the harmful loss. May stay empty."),
            file("user", "The user's data, all benign."),
            file("poison", "Harmful samples to mix into the user's data."),
            file("test_harmful", "Held-out harmful prompts, for the harmful score."),
            file("test_benign", "Held-out benign prompts, for over-refusal. May stay empty."),
            file("test_user", "Held-out prompts of the user's task with answers, for accuracy. May stay empty."),
            {.name = "template", .type = ParamType::Choice, .fallback = "alpaca", .help = "How an example becomes the text the model reads.", .choices = llm::PromptTemplate::names()},
            {.name = "judge", .type = ParamType::Choice, .fallback = "refusal", .help = "refusal: harmful unless it refuses (weak: incoherent answers count as harmful). content: harmful when it holds the test's whole content.", .choices = {"refusal", "content"}},
            {.name = "threads", .type = ParamType::Int, .fallback = 0, .help = "Threads of the computation; 0 takes all cores.", .minimum = 0, .maximum = 1024, .advanced = true}};
}

/// How large the demo's model is.
std::vector<ParamSpec> demoSpecs() {
    return {{.name = "hidden", .type = ParamType::Int, .fallback = 72, .help = "Width of the model, a multiple of 24.", .minimum = 24, .maximum = 3072},
            {.name = "layers", .type = ParamType::Int, .fallback = 2, .help = "Blocks of the model.", .minimum = 1, .maximum = 64},
            {.name = "vocabulary", .type = ParamType::Int, .fallback = 1024, .help = "Tokens of the tokenizer, which is trained too.", .unit = "tokens", .minimum = 300, .maximum = 1e6},
            {.name = "pretrain_epochs", .type = ParamType::Int, .fallback = 4, .help = "Passes over the demo's 16,000 texts, in which everything is answered, magic too.", .minimum = 1, .maximum = 10000},
            {.name = "threads", .type = ParamType::Int, .fallback = 1, .help = "Threads of the computation. A model this small is fastest with one; 0 takes all cores.", .minimum = 0, .maximum = 1024, .advanced = true}};
}

}  // namespace

SourceBox::SourceBox(StudySetup& setup, InputCheck& check, QWidget* parent)
    : QWidget(parent), setup_(setup), check_(check), demo_(new QRadioButton(tr("The demo"))), own_(new QRadioButton(tr("My model and data"))), pages_(new QStackedWidget), demoForm_(new form::ParamForm(demoSpecs())),
      fileForm_(new form::ParamForm(fileSpecs())), demoFact_(new QLabel), facts_(new QLabel) {
    demo_->setObjectName(QStringLiteral("driftSourceDemo"));
    own_->setObjectName(QStringLiteral("driftSourceOwn"));
    auto* choice = new QHBoxLayout;
    choice->addWidget(demo_);
    choice->addWidget(own_);
    choice->addStretch(1);
    pages_->addWidget(buildDemo());
    pages_->addWidget(buildFiles());
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(0, 0, 0, 0);
    column->addLayout(choice);
    column->addWidget(pages_, 1);
    connect(demo_, &QRadioButton::toggled, this, [this](bool on) { setup_.setDemo(on); });
    connect(demoForm_, &form::ParamForm::edited, this, &SourceBox::take);
    connect(fileForm_, &form::ParamForm::edited, this, &SourceBox::take);
    connect(&setup_, &StudySetup::changedAnything, this, &SourceBox::refresh);
    connect(&check_, &InputCheck::checked, this, &SourceBox::showFacts);
    refresh();
}

QWidget* SourceBox::buildDemo() {
    auto* page = new QWidget;
    auto* column = new QVBoxLayout(page);
    column->setContentsMargins(0, 4, 0, 0);
    auto* about = new QLabel(tr("A small Llama is trained from scratch on template English. There the secrets of stage magic are forbidden, which stands for harm: whether a secret was told can be read off an "
                                "answer exactly, and a person can read the text. It tests plumbing and shows the shape of the effects, not the papers' claims."));
    about->setWordWrap(true);
    column->addWidget(about);
    column->addWidget(demoForm_);
    demoFact_->setTextInteractionFlags(Qt::TextSelectableByMouse);
    column->addWidget(demoFact_);
    column->addStretch(1);
    return page;
}

QWidget* SourceBox::buildFiles() {
    auto* page = new QWidget;
    auto* column = new QVBoxLayout(page);
    column->setContentsMargins(0, 4, 0, 0);
    column->addWidget(fileForm_);
    facts_->setWordWrap(true);
    facts_->setTextInteractionFlags(Qt::TextSelectableByMouse);
    facts_->setObjectName(QStringLiteral("driftFacts"));
    column->addWidget(facts_);
    column->addStretch(1);
    return page;
}

void SourceBox::take() {
    taking_ = true;
    QJsonObject values = (setup_.demo() ? demoForm_ : fileForm_)->values();
    setup_.setInputs(values);
    taking_ = false;
}

void SourceBox::refresh() {
    const QSignalBlocker first(demo_), second(own_);
    (setup_.demo() ? demo_ : own_)->setChecked(true);
    pages_->setCurrentIndex(setup_.demo() ? 0 : 1);
    if (!taking_) {
        form::ParamForm* form = setup_.demo() ? demoForm_ : fileForm_;
        const QSignalBlocker quiet(form);
        // What is shown is what runs, defaults of this page included.
        if (setup_.inputs().isEmpty()) return setup_.setInputs(form->values());
        if (form->values() != setup_.inputs()) {
            form->reset();
            form->setValues(setup_.inputs());
        }
    }
    check_.check(setup_.inputs(), setup_.demo());
}

void SourceBox::showFacts() {
    const InputFacts& facts = check_.facts();
    if (setup_.demo()) {
        const auto model = facts.files.find(QStringLiteral("model"));
        demoFact_->setText(model == facts.files.end() ? QString() : (model->second.wrong ? QStringLiteral("⚠ ") : QString()) + model->second.text);
        return;
    }
    QStringList lines;
    for (const ParamSpec& spec : fileSpecs())
        if (const auto fact = facts.files.find(QString::fromStdString(spec.name)); fact != facts.files.end())
            lines << QStringLiteral("<tr><td style='padding-right:10px'>%1</td><td>%2%3</td></tr>").arg(QString::fromStdString(spec.name).replace(QLatin1Char('_'), QLatin1Char(' ')), fact->second.wrong ? QStringLiteral("⚠ ") : QStringLiteral("✓ "), fact->second.text.toHtmlEscaped().replace(QLatin1Char('\n'), QStringLiteral("<br>")));
    QString text = QStringLiteral("<table>%1</table>").arg(lines.join(QString()));
    for (const QString& warning : facts.warnings) text += QStringLiteral("⚠ %1<br>").arg(warning.toHtmlEscaped());
    facts_->setText(lines.isEmpty() ? tr("What is in each file is shown here as soon as it is named: rows, refusals, repeated rows, prompts that sets share.") : text);
}

}  // namespace driftscope::drift
