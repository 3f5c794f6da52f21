#include "plugins/debate/oracle_box.h"

#include <QComboBox>
#include <QJsonArray>
#include <QLabel>
#include <QSignalBlocker>
#include <QVBoxLayout>
#include <algorithm>

#include "core/debate/arena.h"
#include "core/debate/oracle_choice.h"
#include "plugins/debate/setup_model.h"
#include "plugins/debate/spec_form.h"
#include "plugins/debate/value_slider.h"

namespace driftscope::debate {
namespace {

const QString kAnswers = QStringLiteral("answers");
const QString kOracle = QStringLiteral("oracle");
const QString kProbability = QStringLiteral("probability");

/// Where a choice is kept: in the parameter oracle= of every job, or in the computation.
struct Source {
    const char* key;
    const char* parameter;  ///< value of oracle=
    bool inComputation;     ///< answers stand in the computation
};
const Source kSources[] = {{"stated", "stated", false}, {"constant", "constant", false}, {"table", "stated", true}, {"table_file", "table", false},
                           {"model", "model", false},   {"asked", "stated", true},       {"recorded", "person", false}};

QString titleOf(const QString& key) {
    if (key == QLatin1String("stated")) return OracleBox::tr("As the computation states");
    if (key == QLatin1String("constant")) return OracleBox::tr("One probability for all");
    if (key == QLatin1String("table")) return OracleBox::tr("A table of answers");
    if (key == QLatin1String("table_file")) return OracleBox::tr("A table from a file");
    if (key == QLatin1String("model")) return OracleBox::tr("A model on a table's rows");
    if (key == QLatin1String("asked")) return OracleBox::tr("A person, asked while playing");
    return OracleBox::tr("A person's recorded answers");
}

std::vector<ParamSpec> pick(const std::vector<std::string>& names) {
    std::vector<ParamSpec> out;
    for (ParamSpec spec : specsOf("debate.play"))
        if (std::ranges::find(names, spec.name) != names.end()) {
            spec.advanced = false;
            out.push_back(std::move(spec));
        }
    return out;
}

/// What makeOracle() reads for a model: everything of it that no other choice needs.
std::vector<ParamSpec> modelSpecs() {
    std::vector<std::string> names;
    for (const ParamSpec& spec : oracleParams())
        if (spec.name != "oracle" && spec.name != "probability" && spec.name != "answers") names.push_back(spec.name);
    return pick(names);
}

}  // namespace

OracleBox::OracleBox(SetupModel& setup, QWidget* parent)
    : QWidget(parent), setup_(setup), source_(new QComboBox), constant_(new ValueSlider(tr("Probability of yes"), tr("Every question is answered yes with this probability"), 0, 1, false)), note_(new QLabel),
      file_(new SpecForm(setup, pick({"answers", "pairs"}))), model_(new SpecForm(setup, modelSpecs())), common_(new SpecForm(setup, pick({"sampling", "noise", "drift", "correlation", "budget", "seed"}))) {
    build();
    connect(&setup_, &SetupModel::changed, this, &OracleBox::refresh);
    refresh();
}

void OracleBox::build() {
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    source_->setObjectName(QStringLiteral("debateOracle"));
    source_->setAccessibleName(tr("Who answers"));
    source_->setToolTip(tr("Where the answers to the questions come from"));
    source_->setSizeAdjustPolicy(QComboBox::AdjustToMinimumContentsLengthWithIcon);
    for (const Source& one : kSources) source_->addItem(titleOf(QLatin1String(one.key)), QLatin1String(one.key));
    note_->setWordWrap(true);
    note_->setEnabled(false);
    for (QWidget* widget : std::initializer_list<QWidget*>{source_, constant_, note_, file_, model_, common_}) layout->addWidget(widget);
    connect(source_, &QComboBox::activated, this, [this] { choose(source_->currentData().toString()); });
    connect(constant_, &ValueSlider::edited, this, [this](double p) { setup_.set(kProbability, p); });
}

QString OracleBox::source() const {
    const QString parameter = setup_.text(kOracle);
    const QJsonObject computation = setup_.computation();
    if (parameter == QLatin1String("stated")) {
        if (computation[kOracle].toString() == QLatin1String("person")) return QStringLiteral("asked");
        return computation.contains(kAnswers) ? QStringLiteral("table") : QStringLiteral("stated");
    }
    for (const Source& one : kSources)
        if (!one.inComputation && parameter == QLatin1String(one.parameter)) return QLatin1String(one.key);
    return QStringLiteral("stated");
}

void OracleBox::choose(const QString& wanted) {
    const auto* chosen = std::ranges::find_if(kSources, [&](const Source& one) { return wanted == QLatin1String(one.key); });
    QJsonObject computation = setup_.computation();
    computation.remove(kOracle);
    if (!chosen->inComputation) computation.remove(kAnswers);
    if (wanted == QLatin1String("table") && !computation.contains(kAnswers)) computation[kAnswers] = QJsonArray();
    if (wanted == QLatin1String("asked")) computation[kOracle] = QStringLiteral("person");
    setup_.setComputation(computation);
    QJsonObject values{{kOracle, wanted == QLatin1String("stated") || chosen->inComputation ? QJsonValue() : QJsonValue(QLatin1String(chosen->parameter))}};
    if (wanted == QLatin1String("constant") && setup_.value(kProbability).isNull()) values[kProbability] = 0.8;
    setup_.set(values);
    if (wanted == QLatin1String("table")) Q_EMIT tableRequested();
}

void OracleBox::setArena(const Arena* arena) {
    waiting_ = !arena || arena->unanswered.empty() ? tr("All questions are answered.") : tr("%n question(s) wait for an answer; playing asks them one by one.", nullptr, static_cast<int>(arena->unanswered.size()));
    refresh();
}

void OracleBox::refresh() {
    const QString now = source();
    {
        const QSignalBlocker quiet(source_);
        source_->setCurrentIndex(source_->findData(now));
    }
    const bool constant = now == QLatin1String("constant");
    constant_->setVisible(constant);
    if (constant) constant_->setValue(setup_.real(kProbability));
    file_->setVisible(now == QLatin1String("table_file") || now == QLatin1String("recorded"));
    model_->setVisible(now == QLatin1String("model"));
    note_->setText(now == QLatin1String("asked") ? waiting_ : now == QLatin1String("table") ? tr("Edit the answers in the tab Computation.") : QString());
    note_->setVisible(!note_->text().isEmpty());
}

}  // namespace driftscope::debate
