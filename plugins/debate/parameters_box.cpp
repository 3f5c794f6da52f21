#include "plugins/debate/parameters_box.h"

#include <QCheckBox>
#include <QComboBox>
#include <QFormLayout>
#include <QLabel>
#include <QSignalBlocker>
#include <QVBoxLayout>

#include "core/debate/arena.h"
#include "plugins/debate/setup_model.h"
#include "plugins/debate/value_slider.h"
#include "plugins/debate/words.h"

namespace driftscope::debate {
namespace {

const QString kCustom = QStringLiteral("custom");
const char* const kAccuracies[] = {"c", "s", "b", "q", "v"};

double accuracy(const Parameters& p, const QString& name) {
    return name == QLatin1String("c") ? p.c : name == QLatin1String("s") ? p.s : name == QLatin1String("b") ? p.b : name == QLatin1String("q") ? p.q : p.v;
}

}  // namespace

ParametersBox::ParametersBox(SetupModel& setup, QWidget* parent)
    : QWidget(parent), setup_(setup), form_(new QFormLayout), choice_(new QComboBox), computedK_(new QCheckBox(tr("K as certified"))), counts_(new QLabel),
      inequalities_(new QLabel) {
    build();
    connect(&setup_, &SetupModel::changed, this, &ParametersBox::refresh);
    refresh();
}

void ParametersBox::build() {
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->addLayout(form_);
    layout->addWidget(counts_);
    layout->addWidget(inequalities_);
    form_->setFieldGrowthPolicy(QFormLayout::AllNonFixedFieldsGrow);
    choice_->setObjectName(QStringLiteral("debateParameters"));
    choice_->addItem(tr("Lean defaults"), QStringLiteral("lean"));
    choice_->addItem(tr("Tuned to the promise"), QStringLiteral("tuned"));
    choice_->addItem(tr("By hand"), kCustom);
    choice_->setToolTip(tr("Lean: the constants of the proof. Tuned: the fewest judgements for Vera that satisfy every inequality. By hand: move the sliders."));
    choice_->setAccessibleName(tr("Where the parameters come from"));
    form_->addRow(tr("Parameters"), choice_);
    addSlider(QStringLiteral("w"), tr("w promise"), tr("The machine is right with at least this probability"), 0.5, 1, false);
    addSlider(QStringLiteral("d"), tr("d goal"), tr("The honest side shall win with at least this probability"), 0, 1, false);
    computedK_->setToolTip(tr("Use the certified upper bound of this computation. Off: give K yourself; the panel says when it is too small."));
    form_->addRow({}, computedK_);
    addSlider(QStringLiteral("k"), tr("K"), tr("Lipschitz constant: how much the outcome moves per change of the oracle"), 0.01, 100, true);
    addSlider(QStringLiteral("c"), tr("c"), tr("Alice's accuracy: her claims are this close to the truth"), 1e-5, 0.5, true);
    addSlider(QStringLiteral("s"), tr("s"), tr("Claims this close must be accepted"), 1e-5, 0.5, true);
    addSlider(QStringLiteral("b"), tr("b"), tr("Claims this far away must be challenged"), 1e-5, 1, true);
    addSlider(QStringLiteral("q"), tr("q"), tr("Failure probability of Alice's and Bob's estimates, per step"), 1e-8, 0.5, true);
    addSlider(QStringLiteral("v"), tr("v"), tr("Failure probability of Vera's estimate"), 1e-6, 0.5, true);
    for (QLabel* label : {counts_, inequalities_}) {
        label->setWordWrap(true);
        label->setTextInteractionFlags(Qt::TextSelectableByMouse);
    }
    inequalities_->setObjectName(QStringLiteral("debateInequalities"));
    inequalities_->setTextFormat(Qt::RichText);
    connect(choice_, &QComboBox::activated, this, [this] {
        const QString chosen = choice_->currentData().toString();
        QJsonObject values{{QStringLiteral("parameters"), chosen}};
        // By hand starts from what was used, not from nothing.
        for (const char* name : kAccuracies)
            values[QLatin1String(name)] = chosen == kCustom && arena_ && arena_->setup.parameters ? QJsonValue(accuracy(*arena_->setup.parameters, QLatin1String(name))) : QJsonValue();
        setup_.set(values);
    });
    connect(computedK_, &QCheckBox::toggled, this, [this](bool computed) {
        setup_.set(QStringLiteral("k"), computed ? QJsonValue() : QJsonValue(arena_ ? arena_->setup.k : 1.0));
    });
}

void ParametersBox::addSlider(const QString& name, const QString& title, const QString& help, double low, double high, bool logarithmic) {
    auto* slider = new ValueSlider(title, help, low, high, logarithmic);
    slider->setObjectName(QStringLiteral("debate.") + name);
    form_->addRow(title, slider);
    sliders_[name] = slider;
    connect(slider, &ValueSlider::edited, this, [this, name](double value) { edited(name, value); });
}

void ParametersBox::edited(const QString& name, double value) {
    QJsonObject values{{name, value}};
    const bool isAccuracy = name.size() == 1 && QStringLiteral("csbqv").contains(name);
    if (isAccuracy && setup_.text(QStringLiteral("parameters")) != kCustom) {  // the others stay as they were computed
        values[QStringLiteral("parameters")] = kCustom;
        for (const char* other : kAccuracies)
            if (name != QLatin1String(other) && arena_ && arena_->setup.parameters) values[QLatin1String(other)] = accuracy(*arena_->setup.parameters, QLatin1String(other));
    }
    setup_.set(values);
}

void ParametersBox::setArena(std::shared_ptr<const Arena> arena) {
    arena_ = std::move(arena);
    refresh();
}

void ParametersBox::refresh() {
    const QSignalBlocker first(choice_), second(computedK_);
    choice_->setCurrentIndex(choice_->findData(setup_.text(QStringLiteral("parameters"))));
    const bool computed = !setup_.values().contains(QStringLiteral("k"));
    computedK_->setChecked(computed);
    sliders_[QStringLiteral("k")]->setEnabled(!computed);
    for (const char* name : {"w", "d"}) sliders_[QLatin1String(name)]->setValue(setup_.real(QLatin1String(name)));
    const auto* used = arena_ && arena_->setup.parameters ? &*arena_->setup.parameters : nullptr;
    if (!computed)
        sliders_[QStringLiteral("k")]->setValue(setup_.real(QStringLiteral("k")));
    else if (arena_)
        sliders_[QStringLiteral("k")]->setValue(arena_->setup.k);
    for (const char* name : kAccuracies) {
        const QJsonValue given = setup_.values()[QLatin1String(name)];
        if (given.isDouble())
            sliders_[QLatin1String(name)]->setValue(given.toDouble());
        else if (used)
            sliders_[QLatin1String(name)]->setValue(accuracy(*used, QLatin1String(name)));
    }
    counts_->setText(countsText());
    refreshInequalities();
}

QString ParametersBox::countsText() const {
    if (!arena_) return {};
    const Plan& plan = arena_->setup.plan;
    return tr("Judgements: Alice %1 and Bob %2 per step, Vera %3 once. Bob challenges from %4 on, Vera rejects from %5 on.")
        .arg(countText(plan.alice), countText(plan.bob), countText(plan.vera), numberText(plan.bobThreshold), numberText(plan.veraThreshold));
}

void ParametersBox::refreshInequalities() {
    if (!arena_) {
        inequalities_->clear();
        return;
    }
    if (!arena_->setup.parameters) {
        inequalities_->setText(tr("Sample counts were given by hand: no inequality of the theorem applies."));
        return;
    }
    QString rows;
    for (const Inequality& one : check(*arena_->setup.parameters))
        rows += QStringLiteral("<tr><td style='color:%1'><b>%2</b></td><td style='padding-left:6px'>%3</td><td align='right' style='padding-left:10px'>%4</td><td align='right' style='padding-left:10px'>%5</td></tr>")
                    .arg(one.holds ? QStringLiteral("#009E73") : QStringLiteral("#D55E00"), one.holds ? QStringLiteral("✓") : QStringLiteral("✗"),
                         QString::fromStdString(one.text).toHtmlEscaped(), numberText(one.left), numberText(one.right));
    inequalities_->setText(QStringLiteral("<table cellspacing='1'><tr><td></td><td style='padding-left:6px'>%1</td><td align='right' style='padding-left:10px'>%2</td><td align='right' style='padding-left:10px'>%3</td></tr>%4</table>")
                               .arg(tr("inequality"), tr("left"), tr("right"), rows));
}

}  // namespace driftscope::debate
