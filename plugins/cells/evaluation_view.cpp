#include "plugins/cells/evaluation_view.h"

#include <QComboBox>
#include <QGridLayout>
#include <QHBoxLayout>
#include <QHeaderView>
#include <QJsonArray>
#include <QLabel>
#include <QPushButton>
#include <QTableWidget>
#include <QVBoxLayout>

#include "widgets/plot/line_plot.h"
#include "widgets/plot/matrix_plot.h"
#include "widgets/plot/scatter_plot.h"
#include "widgets/session/job_runner.h"

namespace driftscope::cells {
namespace {

std::vector<double> numbers(const QJsonValue& array) {
    std::vector<double> out;
    for (const QJsonValue& value : array.toArray()) out.push_back(value.toDouble());
    return out;
}

QString score(const QJsonValue& value) {
    return value.isDouble() ? QString::number(value.toDouble(), 'f', 3) : QStringLiteral("–");
}

}  // namespace

EvaluationView::EvaluationView(JobRunner& jobs, QWidget* parent)
    : QWidget(parent, Qt::Window),
      jobs_(jobs),
      groups_(new QComboBox),
      holdout_(new QComboBox),
      evaluate_(new QPushButton(tr("Evaluate"))),
      draw_(new QPushButton(tr("Learning curve"))),
      summary_(new QLabel(tr("Scores on cells that the probe has not seen. Press Evaluate."))),
      confusion_(new plot::MatrixPlot),
      reliability_(new plot::ScatterPlot),
      learning_(new plot::LinePlot),
      classes_(new QTableWidget) {
    setWindowTitle(tr("Evaluation of the probe"));
    setObjectName(QStringLiteral("evaluation"));
    for (const auto& [key, name] : {std::pair("track", tr("tracks")), std::pair("fov", tr("positions")), std::pair("well", tr("wells")), std::pair("none", tr("single cells (leaks)"))})
        groups_->addItem(name, QLatin1String(key));
    groups_->setToolTip(tr("What is held out as a whole, so that no neighbour of a test cell is learnt from"));
    holdout_->addItem(tr("in 5 folds"), QStringLiteral("folds"));
    holdout_->addItem(tr("each left out once"), QStringLiteral("leave-one-out"));
    draw_->setToolTip(tr("Simulates annotators on the labels there are: one follows the queue, one labels in random order"));
    summary_->setWordWrap(true);
    summary_->setTextInteractionFlags(Qt::TextSelectableByMouse);
    confusion_->setTitle(tr("Confusion"));
    confusion_->setXAxis(tr("predicted"));
    confusion_->setYAxis(tr("label"));
    confusion_->setValueLabel(tr("cells"));
    confusion_->setRowShares(true);
    reliability_->setTitle(tr("Calibration"));
    reliability_->setXAxis(tr("confidence"));
    reliability_->setYAxis(tr("share that is right"));
    reliability_->setDiagonal(true);
    learning_->setTitle(tr("Learning curve"));
    learning_->setXAxis(tr("labels given"));
    learning_->setYAxis(tr("macro F1 on held-out groups"));
    classes_->setEditTriggers(QAbstractItemView::NoEditTriggers);
    classes_->verticalHeader()->hide();

    auto* bar = new QHBoxLayout;
    bar->addWidget(new QLabel(tr("Hold out")));
    bar->addWidget(groups_);
    bar->addWidget(holdout_);
    bar->addWidget(evaluate_);
    bar->addWidget(draw_);
    bar->addStretch();
    auto* grid = new QGridLayout;
    grid->addWidget(confusion_, 0, 0);
    grid->addWidget(classes_, 0, 1);
    grid->addWidget(reliability_, 1, 0);
    grid->addWidget(learning_, 1, 1);
    auto* layout = new QVBoxLayout(this);
    layout->addLayout(bar);
    layout->addWidget(summary_);
    layout->addLayout(grid, 1);
    resize(980, 700);
    connect(evaluate_, &QPushButton::clicked, this, &EvaluationView::evaluate);
    connect(draw_, &QPushButton::clicked, this, &EvaluationView::drawCurve);
    connect(&jobs_, &JobRunner::jobFinished, this, &EvaluationView::finished);
}

void EvaluationView::setSubject(const QString& table, const QString& labels, const QString& column, const QString& dataset) {
    table_ = table;
    labels_ = labels;
    column_ = column;
    dataset_ = dataset;
    evaluate_->setEnabled(!table.isEmpty());
    draw_->setEnabled(!table.isEmpty());
    if (table.isEmpty()) summary_->setText(tr("There is no embedding yet: prepare this movie first."));
}

void EvaluationView::evaluate() {
    evaluateJob_ = jobs_.start(QStringLiteral("label.evaluate"),
                               {{QStringLiteral("tables"), QJsonArray{table_}},
                                {QStringLiteral("labels"), labels_},
                                {QStringLiteral("column"), column_},
                                {QStringLiteral("dataset"), dataset_},
                                {QStringLiteral("groups"), groups_->currentData().toString()},
                                {QStringLiteral("holdout"), holdout_->currentData().toString()}},
                               tr("Evaluate %1").arg(column_));
    summary_->setText(tr("Evaluating…"));
}

void EvaluationView::drawCurve() {
    curveJob_ = jobs_.start(QStringLiteral("label.curve"),
                            {{QStringLiteral("table"), table_},
                             {QStringLiteral("labels"), labels_},
                             {QStringLiteral("column"), column_},
                             {QStringLiteral("dataset"), dataset_},
                             {QStringLiteral("groups"), groups_->currentData().toString()}},
                            tr("Learning curve of %1").arg(column_));
    summary_->setText(tr("Simulating annotators…"));
}

void EvaluationView::finished(const QString& id) {
    if (id != evaluateJob_ && id != curveJob_) return;
    const JobView* job = jobs_.find(id);
    if (!job) return;
    if (job->state != JobView::State::Done) {
        summary_->setText(job->error.isEmpty() ? tr("The job was cancelled.") : job->error);
        return;
    }
    (id == evaluateJob_ ? scores_ : curve_) = job->result;
    if (id == evaluateJob_)
        showScores();
    else
        showCurve();
}

void EvaluationView::showScores() {
    const QJsonArray interval = scores_[QStringLiteral("balanced_accuracy_interval")].toArray();
    const QJsonObject calibration = scores_[QStringLiteral("reliability")].toObject();
    summary_->setText(tr("Balanced accuracy %1 (95 % interval %2 to %3), macro F1 %4, AUROC %5, expected calibration error %6, on %7 labels in %8 groups.")
                          .arg(score(scores_[QStringLiteral("balanced_accuracy")]), score(interval.at(0)), score(interval.at(1)), score(scores_[QStringLiteral("macro_f1")]),
                               score(scores_[QStringLiteral("auroc")]), score(calibration[QStringLiteral("expected_calibration_error")]))
                          .arg(scores_[QStringLiteral("labelled")].toInt())
                          .arg(scores_[QStringLiteral("groups")].toInt()));
    plot::MatrixPlot::Matrix matrix;
    for (const QJsonValue& name : scores_[QStringLiteral("classes")].toArray()) matrix.rowNames << name.toString();
    matrix.columnNames = matrix.rowNames;
    matrix.rows = matrix.columns = static_cast<int>(matrix.rowNames.size());
    for (const QJsonValue& row : scores_[QStringLiteral("confusion")].toArray())
        for (const double value : numbers(row)) matrix.values.push_back(value);
    confusion_->setMatrix(std::move(matrix));

    const QJsonArray perClass = scores_[QStringLiteral("per_class")].toArray();
    const QStringList header{tr("Class"), tr("Precision"), tr("Recall"), tr("F1"), tr("AUROC"), tr("Labels")};
    classes_->setColumnCount(static_cast<int>(header.size()));
    classes_->setHorizontalHeaderLabels(header);
    classes_->setRowCount(static_cast<int>(perClass.size()));
    for (int row = 0; row < classes_->rowCount(); ++row) {
        const QJsonObject one = perClass.at(row).toObject();
        const QStringList texts{one[QStringLiteral("class")].toString(), score(one[QStringLiteral("precision")]), score(one[QStringLiteral("recall")]), score(one[QStringLiteral("f1")]),
                                score(one[QStringLiteral("auroc")]), QString::number(one[QStringLiteral("support")].toInt())};
        for (int column = 0; column < texts.size(); ++column) classes_->setItem(row, column, new QTableWidgetItem(texts[column]));
    }
    classes_->horizontalHeader()->setSectionResizeMode(QHeaderView::Stretch);

    plot::ScatterPlot::Series series{tr("held-out cells"), {}, {}};
    for (const QJsonValue& value : calibration[QStringLiteral("bins")].toArray()) {
        const QJsonObject bin = value.toObject();
        if (bin[QStringLiteral("rows")].toInt() == 0) continue;
        const double accuracy = bin[QStringLiteral("accuracy")].toDouble();
        const std::vector<double> range = numbers(bin[QStringLiteral("accuracy_interval")]);
        series.x.push_back(bin[QStringLiteral("confidence")].toDouble());
        series.y.push_back(accuracy);
        series.errorLow.push_back(accuracy - range[0]);
        series.errorHigh.push_back(range[1] - accuracy);
        series.pointNames << tr("%n cell(s)", nullptr, bin[QStringLiteral("rows")].toInt());
    }
    reliability_->setSeries({series});
}

void EvaluationView::showCurve() {
    learning_->clear();
    for (const auto& [key, name] : {std::pair(QStringLiteral("queue"), tr("queue")), {QStringLiteral("random"), tr("random order")}}) {
        const QJsonObject one = curve_[key].toObject();
        const std::vector<double> x = numbers(one[QStringLiteral("labels")]), y = numbers(one[QStringLiteral("macro_f1")]), deviation = numbers(one[QStringLiteral("deviation")]);
        std::vector<double> low, high;
        for (std::size_t i = 0; i < y.size(); ++i) {
            low.push_back(y[i] - deviation[i]);
            high.push_back(y[i] + deviation[i]);
        }
        learning_->setCurve(name, x, y, low, high);
    }
    const auto needed = [&](const QString& order) {
        const QJsonValue value = curve_[order].toObject()[QStringLiteral("needed")];
        return value.isDouble() ? tr("after %1 labels").arg(value.toDouble()) : tr("not at all");
    };
    summary_->setText(tr("Macro F1 with all labels %1. The queue reaches %2 %3, random order %4 (mean of %5 simulated annotators).")
                          .arg(score(curve_[QStringLiteral("full_macro_f1")]), score(curve_[QStringLiteral("wanted")]), needed(QStringLiteral("queue")), needed(QStringLiteral("random")))
                          .arg(curve_[QStringLiteral("seeds")].toInt()));
}

}  // namespace driftscope::cells
