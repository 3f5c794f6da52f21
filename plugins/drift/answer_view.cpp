#include "plugins/drift/answer_view.h"

#include <QSplitter>
#include <QTextBrowser>
#include <QVBoxLayout>
#include <cmath>

#include "plugins/drift/drift_labels.h"
#include "plugins/drift/inspect_model.h"
#include "plugins/drift/sample_table.h"
#include "widgets/label/label_history_view.h"

namespace driftscope::drift {

QString answerHtml(const Answer* answer) {
    if (!answer) return QObject::tr("<i>not asked</i>");
    return QObject::tr("%1 <b>(%2)</b>").arg(QString::fromStdString(answer->text).trimmed().toHtmlEscaped().replace(QLatin1Char('\n'), QStringLiteral("<br>")), verdictText(answer));
}

AnswerView::AnswerView(InspectModel& model, DriftLabels& labels, QWidget* parent) : QWidget(parent), model_(model), labels_(labels), text_(new QTextBrowser), history_(new label::LabelHistoryView) {
    text_->setObjectName(QStringLiteral("driftAnswerText"));
    text_->setFrameShape(QFrame::NoFrame);
    history_->follow(&labels.edits());
    history_->setEmptyText(tr("Choose a sample to see who labelled its answer."));
    auto* split = new QSplitter(Qt::Vertical);
    split->setChildrenCollapsible(false);
    split->addWidget(text_);
    split->addWidget(history_);
    split->setSizes({200, 90});
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(0, 0, 0, 0);
    column->addWidget(split);
    connect(&model_, &InspectModel::changed, this, &AnswerView::refresh);
    connect(&labels_, &DriftLabels::changed, this, &AnswerView::refresh);
    for (const auto signal : {&DriftSelection::layerChanged, &DriftSelection::stepChanged, &DriftSelection::samplesChanged}) connect(&model_.selection(), signal, this, &AnswerView::refresh);
    refresh();
}

void AnswerView::refresh() {
    const InspectedRun* run = model_.run();
    const auto chosen = model_.selection().sample();
    if (!run || !chosen || *chosen >= run->samples().size()) {
        text_->setHtml(tr("<i>Choose a sample in the table or the map.</i>"));
        return history_->clear();
    }
    const Sample& sample = run->samples()[*chosen];
    const std::int64_t step = model_.selection().step();
    const auto part = [](const QString& title, const QString& body) { return QStringLiteral("<p><b>%1</b><br>%2</p>").arg(title.toHtmlEscaped(), body); };
    QString html = part(tr("Prompt"), QString::fromStdString(sample.key()).toHtmlEscaped().replace(QLatin1Char('\n'), QStringLiteral("<br>")));
    html += part(tr("Before training"), answerHtml(run->answer(*chosen, kBefore))) + part(tr("%1, step %2").arg(run->title()).arg(step), answerHtml(run->answer(*chosen, step)));
    if (const InspectedRun* other = model_.other()) html += part(tr("%1, step %2").arg(other->title()).arg(step), answerHtml(other->answerTo(sample.key(), step)));
    if (!sample.output.empty()) html += part(tr("Answer it is measured on"), QString::fromStdString(sample.output).toHtmlEscaped());
    text_->setHtml(html);
    if (labels_.schema()) history_->setTarget(labels_.schema()->name, DriftLabels::target(run->dataset(), sample.key(), step), tr("sample %1, step %2").arg(*chosen + 1).arg(step));
}

QString AnswerView::text() const {
    return text_->toPlainText();
}

}  // namespace driftscope::drift
