#include "plugins/drift/study_view.h"

#include <QClipboard>
#include <QFrame>
#include <QGroupBox>
#include <QGuiApplication>
#include <QJsonArray>
#include <QJsonDocument>
#include <QScrollArea>
#include <QVBoxLayout>

#include "plugins/api/panel_plugin.h"
#include "plugins/drift/estimate_box.h"
#include "plugins/drift/grid_box.h"
#include "plugins/drift/input_check.h"
#include "plugins/drift/settings_box.h"
#include "plugins/drift/source_box.h"
#include "plugins/drift/study_setup.h"
#include "widgets/session/job_runner.h"

namespace driftscope::drift {

StudyView::StudyView(HostContext& host, RunCatalog& catalog, QWidget* parent)
    : QWidget(parent), host_(host), setup_(new StudySetup(this)), check_(new InputCheck(this)), source_(new SourceBox(*setup_, *check_)), grid_(new GridBox(*setup_)), settings_(new SettingsBox(*setup_)),
      estimate_(new EstimateBox(*setup_, *check_, catalog)) {
    build();
    connect(setup_, &StudySetup::changedAnything, this, [this] { estimate_->setProblem(!grid_->problem().isEmpty() ? grid_->problem() : settings_->problem()); });
    connect(estimate_, &EstimateBox::startRequested, this, &StudyView::start);
    connect(estimate_, &EstimateBox::measureRequested, this, &StudyView::measure);
    connect(estimate_, &EstimateBox::commandRequested, this, &StudyView::copyCommand);
}

QWidget* StudyView::box(const QString& title, QWidget* content) {
    auto* group = new QGroupBox(title);
    auto* column = new QVBoxLayout(group);
    column->addWidget(content);
    return group;
}

void StudyView::build() {
    auto* content = new QWidget;
    auto* columns = new QHBoxLayout(content);
    auto* left = new QVBoxLayout;
    auto* right = new QVBoxLayout;
    left->addWidget(box(tr("Model and data"), source_));
    left->addStretch(1);
    right->addWidget(box(tr("What is compared"), grid_));
    right->addWidget(box(tr("Settings of the runs"), settings_));
    right->addStretch(1);
    columns->addLayout(left, 5);
    columns->addLayout(right, 6);
    auto* scroll = new QScrollArea;
    scroll->setWidget(content);
    scroll->setWidgetResizable(true);
    scroll->setFrameShape(QFrame::NoFrame);
    auto* line = new QFrame;
    line->setFrameShape(QFrame::HLine);
    line->setFrameShadow(QFrame::Sunken);
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(0);
    column->addWidget(scroll, 1);
    column->addWidget(line);
    column->addWidget(estimate_);
}

void StudyView::start() {
    if (!estimate_->canStart()) return Q_EMIT failed(estimate_->text());
    const QString title = setup_->demo() ? tr("Demo: %1").arg(setup_->methods().join(QStringLiteral(", "))) : tr("Study: %1").arg(setup_->methods().join(QStringLiteral(", ")));
    const QString id = host_.jobs.start(setup_->kind(), setup_->params(), title);
    if (!id.isEmpty()) Q_EMIT started(id);
}

void StudyView::measure() {
    if (!estimate_->canStart()) return Q_EMIT failed(estimate_->text());
    QJsonObject params = setup_->inputs();
    QString kind = setup_->kind();
    if (setup_->demo()) {
        params[QStringLiteral("methods")] = QJsonArray{QStringLiteral("sft")};
        params[QStringLiteral("ratios")] = QJsonArray{0};
        params[QStringLiteral("seeds")] = QJsonArray{1};
        params[QStringLiteral("pretrain_steps")] = 20;
        params[QStringLiteral("settings")] = QJsonArray{QStringLiteral("align.steps=8"), QStringLiteral("finetune.steps=8"), QStringLiteral("align.eval_samples=8"), QStringLiteral("finetune.eval_samples=8")};
    } else {
        kind = QStringLiteral("llm.align");
        params = {{QStringLiteral("model"), params[QStringLiteral("model")]}, {QStringLiteral("data"), params[QStringLiteral("align")]}, {QStringLiteral("template"), params[QStringLiteral("template")]},
                  {QStringLiteral("judge"), params[QStringLiteral("judge")]}, {QStringLiteral("eval_harmful"), params[QStringLiteral("test_harmful")]}, {QStringLiteral("steps"), 8},
                  {QStringLiteral("eval_samples"), 8}};
    }
    host_.jobs.start(kind, params, tr("Time of a step"));
    Q_EMIT said(tr("A few steps are being timed; the estimate follows."));
}

void StudyView::copyCommand() {
    QGuiApplication::clipboard()->setText(setup_->commandLine());
    Q_EMIT said(tr("Copied: %1").arg(setup_->commandLine()));
}

void StudyView::adopt(const QJsonObject& params, bool demo) {
    QJsonObject inputs = params, changed;
    for (const char* name : {"methods", "ratios", "seeds", "settings", "threads"}) inputs.remove(QLatin1String(name));
    const QStringList methods = params[QStringLiteral("methods")].toVariant().toStringList();
    for (const auto& value : params[QStringLiteral("settings")].toArray()) {
        const QString line = value.toString();
        const qsizetype equal = line.indexOf(QLatin1Char('='));
        QString scope, key = line.left(equal);
        for (const QString& method : methods)
            if (key.startsWith(method + QLatin1Char('.'))) scope = method + QLatin1Char('.');
        key.remove(0, scope.size());
        scope += key.section(QLatin1Char('.'), 0, 0);
        const std::string name = key.section(QLatin1Char('.'), 1).toStdString();
        for (const ParamSpec& spec : setup_->specs(scope))
            if (spec.name == name)
                if (const auto parsed = Params::parse(spec, line.mid(equal + 1).toStdString())) {
                    QJsonObject own = changed[scope].toObject();
                    own[QString::fromStdString(name)] = QJsonDocument::fromJson(QByteArray::fromStdString(nlohmann::json{{"v", *parsed}}.dump())).object()[QStringLiteral("v")];
                    changed[scope] = own;
                }
    }
    setup_->restore({{QStringLiteral("demo"), demo}, {demo ? QStringLiteral("demo_inputs") : QStringLiteral("files"), inputs}, {QStringLiteral("methods"), params[QStringLiteral("methods")]},
                     {QStringLiteral("ratios"), params[QStringLiteral("ratios")]}, {QStringLiteral("seeds"), params[QStringLiteral("seeds")]}, {QStringLiteral("changed"), changed}});
}

}  // namespace driftscope::drift
