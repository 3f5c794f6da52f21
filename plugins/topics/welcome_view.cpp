#include "plugins/topics/welcome_view.h"

#include <QLabel>
#include <QPushButton>
#include <QVBoxLayout>

namespace driftscope::topics {
namespace {

constexpr int kColumnWidth = 560;

}  // namespace

WelcomeView::WelcomeView(bool withSample, QWidget* parent) : QWidget(parent) {
    auto* outer = new QHBoxLayout(this);
    auto* column = new QVBoxLayout;
    outer->addStretch(1);
    outer->addLayout(column);
    outer->addStretch(1);
    column->addStretch(2);
    auto* head = new QLabel(tr("<h2>Can these topics be trusted?</h2><p>Train several topic models on your texts, see which topics come back in every run and how far they agree with "
                               "human categories, join the runs into an ensemble, then read, name and rate.</p>"));
    head->setWordWrap(true);
    head->setFixedWidth(kColumnWidth);
    column->addWidget(head);
    const auto add = [&](const char* name, const QString& text, const QString& about, void (WelcomeView::*signal)()) {
        auto* button = new QPushButton(text);
        button->setObjectName(QLatin1String(name));
        button->setMinimumHeight(fontMetrics().height() * 2);
        connect(button, &QPushButton::clicked, this, signal);
        column->addWidget(button);
        auto* label = new QLabel(about);
        label->setWordWrap(true);
        label->setForegroundRole(QPalette::PlaceholderText);
        label->setContentsMargins(4, 0, 0, 8);
        label->setFixedWidth(kColumnWidth);
        column->addWidget(label);
    };
    add("topicWelcomeNew", tr("Make a corpus from your texts…"), tr("Text files, CSV, JSON lines, OCTIS or a document-term matrix; or drop a file on the window."), &WelcomeView::newRequested);
    add("topicWelcomeOpen", tr("Open a corpus or a topic run…"), tr("A folder made by topics.preprocess, topics.train or topics.import."), &WelcomeView::openRequested);
    if (withSample) add("topicWelcomeSample", tr("Try it with 300 news stories"), tr("A part of BBC News with five categories: ready in seconds."), &WelcomeView::sampleRequested);
    add("topicWelcomeJudgements", tr("Look at 12,300 published human judgements"), tr("300 topics, rated and tested for intruders by people, beside coherence metrics (Hoyle et al. 2021)."), &WelcomeView::judgementsRequested);
    column->addStretch(3);
}

}  // namespace driftscope::topics
