#include "plugins/debate/players_box.h"

#include <QComboBox>
#include <QFormLayout>
#include <QLabel>
#include <QSignalBlocker>
#include <QSpinBox>
#include <algorithm>

#include "plugins/debate/setup_model.h"
#include "plugins/debate/spec_form.h"
#include "plugins/debate/words.h"
#include "widgets/form/real_spin_box.h"

namespace driftscope::debate {
namespace {

const QString kPerson = QStringLiteral("person");
const QString kRule = QStringLiteral("rule");
const QString kLieStep = QStringLiteral("lie_step");
const QString kSecondLieStep = QStringLiteral("second_lie_step");
const QString kLies = QStringLiteral("lies");
const QString kContradicts = QStringLiteral("contradicts");
const QString kHonest = QStringLiteral("honest");

void add(QComboBox* box, const QString& key, const Wording& words) {
    box->addItem(words.title, key);
    box->setItemData(box->count() - 1, words.help, Qt::ToolTipRole);
}

/// What Alice publishes, where the computation takes a witness.
std::vector<ParamSpec> witnessSpecs() {
    std::vector<ParamSpec> specs = specsOf("debate.play");
    std::erase_if(specs, [](const ParamSpec& spec) { return !spec.name.starts_with("witness"); });
    for (ParamSpec& spec : specs) spec.advanced = false;
    return specs;
}

QComboBox* combo(const QString& name, const QString& objectName) {
    auto* box = new QComboBox;
    box->setObjectName(objectName);
    box->setAccessibleName(name);
    box->setSizeAdjustPolicy(QComboBox::AdjustToMinimumContentsLengthWithIcon);
    box->setMinimumContentsLength(12);
    return box;
}

}  // namespace

PlayersBox::PlayersBox(SetupModel& setup, QWidget* parent)
    : QWidget(parent), setup_(setup), form_(new QFormLayout(this)), protocol_(combo(tr("Protocol"), QStringLiteral("debateProtocol"))),
      alice_(combo(tr("Alice"), QStringLiteral("debateAlice"))), bob_(combo(tr("Bob"), QStringLiteral("debateBob"))),
      vera_(combo(tr("Vera"), QStringLiteral("debateVera"))), lie_(new form::RealSpinBox), lieStep_(new QSpinBox), witness_(new SpecForm(setup, witnessSpecs())), help_(new QLabel) {
    build();
    connect(&setup_, &SetupModel::changed, this, &PlayersBox::refresh);
    refresh();
}

void PlayersBox::build() {
    form_->setContentsMargins(0, 0, 0, 0);
    form_->setFieldGrowthPolicy(QFormLayout::AllNonFixedFieldsGrow);
    form_->addRow(tr("Protocol"), protocol_);
    form_->addRow(witness_);
    form_->addRow(tr("Alice"), alice_);
    form_->addRow(tr("Size of lie"), lie_);
    form_->addRow(tr("Lies at"), lieStep_);
    form_->addRow(tr("Bob"), bob_);
    form_->addRow(tr("Vera"), vera_);
    form_->addRow(help_);
    help_->setWordWrap(true);
    help_->setEnabled(false);
    for (const char* id : {"stochastic", "bisection", "cross_examined", "witness"}) add(protocol_, QLatin1String(id), protocolWording(QLatin1String(id)));
    lie_->setRange(0, 1);
    lie_->setAccessibleName(tr("Size of Alice's lie"));
    lie_->setToolTip(tr("Added to the claim, as a probability"));
    lieStep_->setPrefix(tr("step "));
    lieStep_->setObjectName(QStringLiteral("debateLieStep"));
    lieStep_->setAccessibleName(tr("Step of the lie"));
    lieStep_->setToolTip(tr("Alice's trace has the answer of this step the other way round, and is consistent from there on"));
    connect(protocol_, &QComboBox::activated, this, [this] { setup_.set(QStringLiteral("protocol"), protocol_->currentData().toString()); });
    connect(alice_, &QComboBox::activated, this, [this] { choose(QStringLiteral("alice"), alice_->currentData().toString()); });
    connect(bob_, &QComboBox::activated, this, [this] { choose(QStringLiteral("bob"), bob_->currentData().toString()); });
    connect(vera_, &QComboBox::activated, this, [this] { choose(QStringLiteral("vera"), vera_->currentData().toString()); });
    connect(lie_, &QDoubleSpinBox::valueChanged, this, [this](double value) { setup_.set(QStringLiteral("lie"), value); });
    connect(lieStep_, &QSpinBox::valueChanged, this, [this](int step) { setup_.set(alice_->currentData().toString() == kContradicts ? kSecondLieStep : kLieStep, step - 1); });
}

void PlayersBox::setSteps(std::int64_t steps) {
    const QSignalBlocker quiet(lieStep_);
    lieStep_->setRange(1, static_cast<int>(std::max<std::int64_t>(1, steps)));
}

void PlayersBox::fill() {
    const bool stochastic = setup_.isStochastic();
    if (filledFor_ == setup_.protocol()) return;
    filledFor_ = setup_.protocol();
    for (QComboBox* box : {alice_, bob_, vera_}) box->clear();
    if (stochastic) {
        for (const std::string& id : aliceStrategies()) add(alice_, QString::fromStdString(id), aliceWording(QString::fromStdString(id)));
        for (const std::string& id : bobStrategies()) add(bob_, QString::fromStdString(id), bobWording(QString::fromStdString(id)));
    } else {
        add(alice_, kHonest, {tr("Honest"), tr("States the true trace")});
        add(alice_, kLies, {tr("Lies at one step"), tr("One answer is the other way round; everything after follows from it")});
        if (setup_.protocol() == QLatin1String("cross_examined")) add(alice_, kContradicts, {tr("Copies contradict each other"), tr("The second copy of Alice, questioned apart, lies at one step")});
        add(bob_, kHonest, {tr("Honest"), tr("Knows the true trace and disputes what differs")});
    }
    add(alice_, kPerson, {tr("A person"), tr("You state what you like")});
    add(bob_, kPerson, {tr("A person"), tr("You accept and challenge; Y and C")});
    add(vera_, kRule, {tr("Follows her rule"), tr("Compares the claim with her own estimate, or checks the step")});
    add(vera_, kPerson, {tr("A person"), tr("You see her estimate and rule")});
}

void PlayersBox::choose(const QString& party, const QString& strategy) {
    Seats seats = setup_.seats();
    bool& seat = party == QLatin1String("alice") ? seats.alice : party == QLatin1String("bob") ? seats.bob : seats.vera;
    seat = strategy == kPerson;
    QJsonObject values;
    if (!seat && party != QLatin1String("vera")) {
        if (setup_.isStochastic())
            values[party] = strategy;
        else if (party == QLatin1String("alice"))
            for (const auto& [name, chosen] : {std::pair{kLieStep, kLies}, {kSecondLieStep, kContradicts}}) values[name] = strategy == chosen ? QJsonValue(lieStep_->value() - 1) : QJsonValue();
    }
    setup_.set(values, seats);
}

void PlayersBox::refresh() {
    const std::initializer_list<QWidget*> all{protocol_, alice_, bob_, vera_, lie_, lieStep_};
    for (QWidget* widget : all) widget->blockSignals(true);
    fill();
    const bool stochastic = setup_.isStochastic();
    const Seats seats = setup_.seats();
    const bool contradicts = setup_.protocol() == QLatin1String("cross_examined") && setup_.values()[kSecondLieStep].isDouble();
    const QJsonValue lieStep = setup_.values()[contradicts ? kSecondLieStep : kLieStep];
    protocol_->setCurrentIndex(protocol_->findData(setup_.protocol()));
    const QString alice = seats.alice ? kPerson : stochastic ? setup_.text(QStringLiteral("alice")) : contradicts ? kContradicts : lieStep.isDouble() ? kLies : kHonest;
    const QString bob = seats.bob ? kPerson : stochastic ? setup_.text(QStringLiteral("bob")) : kHonest;
    alice_->setCurrentIndex(alice_->findData(alice));
    bob_->setCurrentIndex(bob_->findData(bob));
    vera_->setCurrentIndex(vera_->findData(seats.vera ? kPerson : kRule));
    lie_->setValue(setup_.real(QStringLiteral("lie")));
    if (lieStep.isDouble()) lieStep_->setValue(lieStep.toInt() + 1);
    form_->setRowVisible(lie_, alice == QLatin1String("bias") || alice == QLatin1String("pivotal") || alice == QLatin1String("adaptive"));
    form_->setRowVisible(lieStep_, alice == kLies || alice == kContradicts);
    form_->setRowVisible(witness_, setup_.protocol() == QLatin1String("witness") || setup_.computation().contains(QStringLiteral("candidates")) || setup_.computation().contains(QStringLiteral("witness")));
    for (QComboBox* box : {protocol_, alice_, bob_, vera_}) box->setToolTip(box->currentData(Qt::ToolTipRole).toString());
    help_->setText(protocolWording(setup_.protocol()).help);
    for (QWidget* widget : all) widget->blockSignals(false);
}

}  // namespace driftscope::debate
