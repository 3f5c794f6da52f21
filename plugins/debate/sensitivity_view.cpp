#include "plugins/debate/sensitivity_view.h"

#include <QComboBox>
#include <QJsonArray>
#include <QLabel>
#include <QVBoxLayout>
#include <algorithm>

#include "widgets/plot/scatter_plot.h"
#include "widgets/style/palette.h"

namespace driftscope::debate {

SensitivityView::SensitivityView(QWidget* parent) : QWidget(parent), which_(new QComboBox), plot_(new plot::ScatterPlot), text_(new QLabel) {
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(6, 0, 0, 0);
    which_->setAccessibleName(tr("Which assumption"));
    which_->addItem(tr("K misjudged"), QStringLiteral("k"));
    which_->addItem(tr("Machine near 1/2"), QStringLiteral("w"));
    which_->addItem(tr("Dependent answers"), QStringLiteral("correlation"));
    plot_->setYAxis(tr("P(honest side wins)"));
    plot_->setEmptyText(tr("Tick “and what bends it” before measuring to see what a wrong K, an unsure machine and dependent answers do."));
    text_->setWordWrap(true);
    text_->setTextInteractionFlags(Qt::TextSelectableByMouse);
    layout->addWidget(which_);
    layout->addWidget(plot_, 1);
    layout->addWidget(text_);
    connect(which_, &QComboBox::currentIndexChanged, this, &SensitivityView::show);
    setStudy({});
}

void SensitivityView::setStudy(const QJsonObject& study) {
    study_ = study;
    which_->setVisible(!study_.isEmpty());
    text_->setVisible(!study_.isEmpty());
    show();
}

void SensitivityView::show() {
    if (study_.isEmpty()) {
        plot_->clear();
        return;
    }
    const QString key = which_->currentData().toString();
    const QString x = key == QLatin1String("k") ? QStringLiteral("factor") : key == QLatin1String("w") ? QStringLiteral("accept_probability") : QStringLiteral("correlation");
    const auto& colours = style::okabeIto();
    plot::ScatterPlot::Series measured{tr("measured"), {}, {}, {}, {}, {}, colours[0], true}, exact{tr("exact"), {}, {}, {}, {}, {}, colours[2]};
    plot::ScatterPlot::Series promised{tr("promised"), {}, {}, {}, {}, {}, colours[1], true}, claimed{tr("what the formula would say, not promised"), {}, {}, {}, {}, {}, colours[7]};
    QString worst;
    for (const auto& value : study_[key].toArray()) {
        const QJsonObject row = value.toObject();
        const double at = row[x].toDouble(), wins = row[QStringLiteral("honest_side_wins")].toDouble();
        const QJsonArray interval = row[QStringLiteral("interval")].toArray();
        measured.x.push_back(at);
        measured.y.push_back(wins);
        measured.errorLow.push_back(std::max(0.0, wins - interval.at(0).toDouble()));
        measured.errorHigh.push_back(std::max(0.0, interval.at(1).toDouble() - wins));
        measured.pointNames << row[QStringLiteral("statement")].toString();
        const auto add = [&](plot::ScatterPlot::Series& series, const QJsonValue& y) {
            if (!y.isDouble()) return;
            series.x.push_back(at);
            series.y.push_back(y.toDouble());
        };
        add(exact, row[QStringLiteral("exact")]);
        add(promised, row[QStringLiteral("promised")]);
        const bool speaks = key == QLatin1String("k") ? row[QStringLiteral("certified")].toBool() : at == 0;
        add(speaks ? promised : claimed, row[QStringLiteral("bound")]);
        if (key == QLatin1String("k") ? !row[QStringLiteral("bound_holds")].toBool(true) : row[QStringLiteral("below_bound")].toBool()) worst = row[QStringLiteral("statement")].toString();
    }
    plot_->setXAxis(key == QLatin1String("k") ? tr("K given / certified K") : key == QLatin1String("w") ? tr("P(machine says yes)") : tr("correlation of repeated answers"));
    plot_->setLogX(key == QLatin1String("k"));
    std::vector<plot::ScatterPlot::Series> shown;
    for (auto* series : {&measured, &exact, &promised, &claimed})
        if (!series->x.empty()) shown.push_back(std::move(*series));
    plot_->setSeries(std::move(shown));
    text_->setText(worst);
}

}  // namespace driftscope::debate
