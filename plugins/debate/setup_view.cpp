#include "plugins/debate/setup_view.h"

#include <QComboBox>
#include <QHBoxLayout>
#include <QLabel>
#include <QPushButton>
#include <QScrollArea>
#include <QSignalBlocker>
#include <QVBoxLayout>

#include "core/debate/arena.h"
#include "plugins/debate/facts_view.h"
#include "plugins/debate/oracle_box.h"
#include "plugins/debate/parameters_box.h"
#include "plugins/debate/players_box.h"
#include "plugins/debate/setup_model.h"
#include "plugins/debate/spec_form.h"
#include "widgets/session/json_bridge.h"

namespace driftscope::debate {
namespace {

bool isByHand(const std::string& name) {
    return name.ends_with(".samples") || name.ends_with(".threshold");
}

}  // namespace

SetupView::SetupView(SetupModel& setup, QWidget* parent)
    : QWidget(parent), setup_(setup), column_(new QVBoxLayout), computation_(new QComboBox), about_(new QLabel), facts_(new FactsView), players_(new PlayersBox(setup)),
      parameters_(new ParametersBox(setup)), oracle_(new OracleBox(setup)), byHand_(buildByHand()) {
    auto* content = new QWidget;
    content->setLayout(column_);
    column_->setContentsMargins(10, 8, 10, 8);
    column_->setSpacing(4);
    addSection(tr("Computation"), buildComputation());
    addSection({}, facts_);
    addSection(tr("Players"), players_);
    addSection(tr("Parameters"), parameters_);
    addSection({}, byHand_);
    addSection(tr("Oracle"), oracle_);
    column_->addStretch(1);
    auto* scroll = new QScrollArea;
    scroll->setWidget(content);
    scroll->setWidgetResizable(true);
    scroll->setFrameShape(QFrame::NoFrame);
    scroll->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->addWidget(scroll);
    connect(oracle_, &OracleBox::tableRequested, this, &SetupView::editRequested);
    connect(&setup_, &SetupModel::changed, this, &SetupView::refresh);
    refresh();
}

void SetupView::addSection(const QString& title, QWidget* content) {
    if (!title.isEmpty()) {
        auto* head = new QLabel(QStringLiteral("<b>%1</b>").arg(title));
        column_->addSpacing(8);
        column_->addWidget(head);
        if (content == parameters_) parametersTitle_ = head;
    }
    column_->addWidget(content);
}

QWidget* SetupView::buildComputation() {
    auto* box = new QWidget;
    auto* layout = new QVBoxLayout(box);
    layout->setContentsMargins(0, 0, 0, 0);
    auto* row = new QHBoxLayout;
    computation_->setObjectName(QStringLiteral("debateComputation"));
    computation_->setAccessibleName(tr("Computation"));
    computation_->setToolTip(tr("What is debated: a worked example, or your own"));
    computation_->setSizeAdjustPolicy(QComboBox::AdjustToMinimumContentsLengthWithIcon);
    const QJsonObject examples = toQt(exampleComputations());
    for (auto it = examples.begin(); it != examples.end(); ++it) computation_->addItem(it.value().toObject()[QStringLiteral("title")].toString(), it.key());
    auto* edit = new QPushButton(tr("Edit"));
    edit->setToolTip(tr("Look at the computation and change it"));
    row->addWidget(computation_, 1);
    row->addWidget(edit);
    layout->addLayout(row);
    about_->setWordWrap(true);
    about_->setTextInteractionFlags(Qt::TextSelectableByMouse);
    layout->addWidget(about_);
    connect(edit, &QPushButton::clicked, this, &SetupView::editRequested);
    connect(computation_, &QComboBox::activated, this, [this] {
        const QJsonObject chosen = toQt(exampleComputations())[computation_->currentData().toString()].toObject();
        if (!chosen.isEmpty()) setup_.setComputation(chosen);
    });
    return box;
}

QWidget* SetupView::buildByHand() {
    std::vector<ParamSpec> specs;
    for (ParamSpec spec : specsOf("debate.play"))
        if (isByHand(spec.name)) specs.push_back(std::move(spec));
    return new SpecForm(setup_, specs);
}

void SetupView::setArena(std::shared_ptr<const Arena> arena) {
    facts_->setArena(arena.get());
    oracle_->setArena(arena.get());
    if (arena) players_->setSteps(arena->setup.machine->steps());
    parameters_->setArena(std::move(arena));
}

void SetupView::refresh() {
    const QSignalBlocker quiet(computation_);
    const QString example = setup_.example();
    const int own = computation_->findData(QString());
    if (own >= 0) computation_->removeItem(own);
    if (example.isEmpty() && !setup_.isEmpty()) computation_->addItem(setup_.title(), QString());
    computation_->setCurrentIndex(computation_->findData(example));
    about_->setText(setup_.computation()[QStringLiteral("about")].toString());
    about_->setVisible(!about_->text().isEmpty());
    for (QWidget* widget : {static_cast<QWidget*>(parameters_), parametersTitle_, byHand_}) widget->setVisible(setup_.isStochastic());
}

}  // namespace driftscope::debate
