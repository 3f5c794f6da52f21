#include "plugins/drift/metric_plot.h"

#include <QComboBox>
#include <QVBoxLayout>

#include "core/llm/study/study_results.h"
#include "widgets/plot/line_plot.h"

namespace driftscope::drift {
namespace {

/// Written at every step, not only when something is measured.
const std::pair<const char*, const char*> kStepMetrics[]{{"loss", "training loss, every step"}, {"gradient norm", "gradient norm"}, {"learning rate", "learning rate"}, {"seconds per step", "seconds per step"}};

QString titleOf(const std::string& metric) {
    for (const auto& [name, title] : kStepMetrics)
        if (metric == name) return QObject::tr(title);
    return QString::fromStdString(llm::metricName(metric).title);
}

}  // namespace

MetricPlot::MetricPlot(const std::string& metric, const QString& xLabel, QWidget* parent) : QWidget(parent), choice_(new QComboBox), plot_(new plot::LinePlot), xLabel_(xLabel) {
    for (const llm::MetricName& name : llm::studyMetrics()) {
        choice_->addItem(QString::fromStdString(name.title), QString::fromStdString(name.metric));
        choice_->setItemData(choice_->count() - 1, QStringLiteral("<p>%1</p>").arg(QString::fromStdString(name.definition).toHtmlEscaped()), Qt::ToolTipRole);
    }
    for (const auto& [name, title] : kStepMetrics) choice_->addItem(titleOf(name), QString::fromLatin1(name));
    choice_->setAccessibleName(tr("What is plotted"));
    choice_->setSizeAdjustPolicy(QComboBox::AdjustToMinimumContentsLengthWithIcon);
    choice_->setFrame(false);
    plot_->setLegendVisible(false);
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(0);
    column->addWidget(choice_);
    column->addWidget(plot_, 1);
    setMetric(metric);
    connect(choice_, &QComboBox::currentIndexChanged, this, [this] {
        label();
        Q_EMIT metricChosen();
    });
}

std::string MetricPlot::metric() const {
    return choice_->currentData().toString().toStdString();
}

void MetricPlot::setMetric(const std::string& metric) {
    const int index = choice_->findData(QString::fromStdString(metric));
    if (index >= 0) choice_->setCurrentIndex(index);
    label();
}

double MetricPlot::scale() const {
    return llm::metricName(metric()).scale();
}

void MetricPlot::label() {
    const llm::MetricName name = llm::metricName(metric());
    choice_->setToolTip(QStringLiteral("<p>%1</p>").arg(QString::fromStdString(name.definition).toHtmlEscaped()));
    plot_->setYIncludes(0, name.unit == "%" ? 100 : 0);
    plot_->setXAxis(xLabel_);
    plot_->setYAxis(QString::fromStdString(name.brief), QString::fromStdString(name.unit));
    plot_->setAccessibleName(titleOf(metric()));
}

}  // namespace driftscope::drift
