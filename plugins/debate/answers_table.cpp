#include "plugins/debate/answers_table.h"

#include <QHeaderView>
#include <QJsonArray>
#include <map>

#include "core/debate/answers.h"
#include "core/debate/arena.h"
#include "plugins/debate/setup_model.h"
#include "plugins/debate/words.h"
#include "widgets/session/json_bridge.h"

namespace driftscope::debate {
namespace {

enum Column { kQuestion, kUsed, kAnswer, kBy, kColumns };
constexpr int kMostRows = 5000;

}  // namespace

QJsonObject withAnswer(QJsonObject computation, const QString& question, double probability, const QString& by, double seconds) {
    QJsonArray kept;
    for (const auto& entry : computation[QStringLiteral("answers")].toArray())
        if (entry.toObject()[QStringLiteral("question")].toString() != question) kept.append(entry);
    if (probability >= 0) {
        QJsonObject answer{{QStringLiteral("question"), question}, {QStringLiteral("probability"), probability}, {QStringLiteral("by"), by}};
        if (seconds >= 0) answer[QStringLiteral("seconds")] = seconds;
        kept.append(answer);
    }
    computation[QStringLiteral("answers")] = kept;
    return computation;
}

AnswersTable::AnswersTable(SetupModel& setup, QString annotator, QWidget* parent) : QTableWidget(parent), setup_(setup), annotator_(std::move(annotator)) {
    setObjectName(QStringLiteral("debateAnswers"));
    setAccessibleName(tr("Answers"));
    setColumnCount(kColumns);
    setHorizontalHeaderLabels({tr("question"), tr("in use"), tr("answer"), tr("by")});
    horizontalHeaderItem(kUsed)->setToolTip(tr("Probability of yes before noise and drift, where the computation does not depend on earlier answers"));
    horizontalHeaderItem(kAnswer)->setToolTip(tr("Type a probability from 0 to 1; empty leaves what the computation states"));
    horizontalHeader()->setSectionResizeMode(kQuestion, QHeaderView::Stretch);
    horizontalHeader()->setHighlightSections(false);
    verticalHeader()->hide();
    verticalHeader()->setDefaultSectionSize(fontMetrics().height() + 8);
    setShowGrid(false);
    setFrameShape(QFrame::NoFrame);
    connect(this, &QTableWidget::itemChanged, this, &AnswersTable::edited);
}

void AnswersTable::setArena(const std::shared_ptr<const Arena>& arena) {
    filling_ = true;
    setRowCount(0);
    if (arena) {
        const Machine& machine = *arena->setup.machine;
        std::map<QString, QJsonObject> answers;
        const QJsonArray given = toQt(arena->setup.computation)[QStringLiteral("answers")].toArray();
        for (const auto& entry : given) answers[entry.toObject()[QStringLiteral("question")].toString()] = entry.toObject();
        std::map<std::string, double> used;
        debate::State state = machine.start();
        for (std::int64_t step = 0; step < machine.steps(); ++step) {
            used.try_emplace(machine.question(step), machine.probability(step, state));
            state = machine.next(step, state, machine.probability(step, state) >= 0.5);
        }
        std::vector<std::string> questions = questionsAsked(machine);
        if (questions.size() > kMostRows) questions.resize(kMostRows);
        setRowCount(static_cast<int>(questions.size()));
        for (int row = 0; row < rowCount(); ++row) {
            const QString question = QString::fromStdString(questions[static_cast<std::size_t>(row)]);
            const auto answer = answers.find(question);
            const bool answered = answer != answers.end();
            const QString texts[] = {question, probabilityText(used[questions[static_cast<std::size_t>(row)]], 3), answered ? QString::number(answer->second[QStringLiteral("probability")].toDouble()) : QString(),
                                     answered ? answer->second[QStringLiteral("by")].toString() : QString()};
            for (int column = 0; column < kColumns; ++column) {
                auto* item = new QTableWidgetItem(texts[column]);
                item->setFlags(column == kAnswer ? Qt::ItemIsEnabled | Qt::ItemIsSelectable | Qt::ItemIsEditable : Qt::ItemIsEnabled | Qt::ItemIsSelectable);
                item->setToolTip(texts[column]);
                setItem(row, column, item);
            }
        }
    }
    filling_ = false;
}

void AnswersTable::edited(QTableWidgetItem* changed) {
    if (filling_ || changed->column() != kAnswer) return;
    const QString question = item(changed->row(), kQuestion)->text();
    bool ok = true;
    const double p = changed->text().trimmed().isEmpty() ? -1 : changed->text().toDouble(&ok);
    if (!ok || p > 1 || (p < 0 && p != -1)) {
        Q_EMIT failed(tr("The answer to “%1” must be a probability from 0 to 1.").arg(question));
        filling_ = true;
        changed->setText(QString());
        filling_ = false;
        return;
    }
    setup_.setComputation(withAnswer(setup_.computation(), question, p, annotator_));
}

}  // namespace driftscope::debate
