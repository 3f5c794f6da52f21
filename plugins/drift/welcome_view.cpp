#include "plugins/drift/welcome_view.h"

#include <QLabel>
#include <QPushButton>
#include <QVBoxLayout>

#include "widgets/style/palette.h"

namespace driftscope::drift {
namespace {

constexpr int kColumnWidth = 600;

}  // namespace

WelcomeView::WelcomeView(QWidget* parent) : QWidget(parent) {
    auto* middle = new QHBoxLayout(this);
    auto* column = new QVBoxLayout;
    middle->addStretch(1);
    middle->addLayout(column, 6);
    middle->addStretch(1);
    column->addStretch(1);
    auto* head = new QLabel(tr("<h2>What does fine-tuning move?</h2><p>Align a language model plainly or with a defence, fine-tune it on user data with a share of "
                               "harmful samples, and see layer by layer, token by token and step by step how its hidden states drift and when it begins to comply.</p>"));
    head->setWordWrap(true);
    head->setMaximumWidth(kColumnWidth);
    column->addWidget(head);
    column->addSpacing(6);
    connect(addWay(column, "driftDemo", tr("Try the demo"), tr("A small Llama, trained from scratch in minutes on two cores. The secrets of stage magic stand for harm; nothing in it is harmful.")),
            &QPushButton::clicked, this, &WelcomeView::demoRequested);
    connect(addWay(column, "driftStudy", tr("Set up a study"), tr("Your own Hugging Face folder and data: methods × poison ratios × seeds, with an estimate before it starts.")), &QPushButton::clicked, this,
            &WelcomeView::studyRequested);
    connect(addWay(column, "driftOpen", tr("Open a study"), tr("A folder that llm.study, llm.demo, llm.align or llm.finetune wrote, here or on a cluster.")), &QPushButton::clicked, this,
            &WelcomeView::openRequested);
    column->addStretch(2);
}

QPushButton* WelcomeView::addWay(QVBoxLayout* column, const char* name, const QString& title, const QString& about) {
    auto* row = new QHBoxLayout;
    auto* button = new QPushButton(title);
    button->setObjectName(QLatin1String(name));
    button->setMinimumWidth(150);
    button->setMinimumHeight(34);
    button->setAccessibleDescription(about);
    auto* text = new QLabel(about);
    text->setWordWrap(true);
    text->setMaximumWidth(kColumnWidth - 160);
    row->addWidget(button, 0, Qt::AlignTop);
    row->addSpacing(10);
    row->addWidget(text, 1);
    row->addStretch(0);
    column->addLayout(row);
    column->addSpacing(8);
    return button;
}

}  // namespace driftscope::drift
