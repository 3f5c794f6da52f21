#include "plugins/drift/grid_box.h"

#include <QCheckBox>
#include <QGridLayout>
#include <QLabel>
#include <QLineEdit>
#include <QPainter>
#include <QSignalBlocker>
#include <algorithm>
#include <cmath>

#include "plugins/drift/methods.h"
#include "plugins/drift/study_setup.h"

namespace driftscope::drift {
namespace {

const std::vector<double> kRatios{0, 0.01, 0.02, 0.05, 0.1, 0.2, 0.3};
const std::vector<double> kSeeds{1, 2, 3, 4, 5};

QIcon swatch(const QColor& colour) {
    QPixmap pixmap(12, 12);
    pixmap.fill(Qt::transparent);
    QPainter painter(&pixmap);
    painter.setRenderHint(QPainter::Antialiasing);
    painter.setPen(Qt::NoPen);
    painter.setBrush(colour);
    painter.drawEllipse(1, 1, 10, 10);
    return pixmap;
}

QLabel* heading(const QString& text, const QString& help = {}) {
    auto* label = new QLabel(text);
    QFont bold = label->font();
    bold.setWeight(QFont::DemiBold);
    label->setFont(bold);
    label->setToolTip(help);
    return label;
}

/// Numbers between commas or spaces. False when one is none, or outside.
bool parseNumbers(const QString& text, double least, double most, bool whole, std::vector<double>& out) {
    for (const QString& part : QString(text).replace(QLatin1Char(','), QLatin1Char(' ')).split(QLatin1Char(' '), Qt::SkipEmptyParts)) {
        bool fine = false;
        const double value = part.toDouble(&fine);
        if (!fine || !(value >= least && value <= most) || (whole && value != std::floor(value))) return false;
        out.push_back(value);
    }
    return true;
}

}  // namespace

GridBox::GridBox(StudySetup& setup, QWidget* parent) : QWidget(parent), setup_(setup) {
    auto* grid = new QGridLayout(this);
    grid->setContentsMargins(0, 0, 0, 0);
    grid->setHorizontalSpacing(14);
    grid->setVerticalSpacing(3);
    grid->setColumnStretch(2, 1);
    buildMethods(*grid);
    const int below = grid->rowCount();
    moreRatios_ = buildNumbers(*grid, below, tr("Poison ratios p"), tr("Share of harmful samples in the user's data. Papers: 0, .01, .05, .1, .2 (Vaccine), up to .3 (Lisa). p = 0 shows what benign fine-tuning alone does."), kRatios, ratios_, "driftRatios");
    moreSeeds_ = buildNumbers(*grid, below + 2, tr("Seeds"), tr("Each gives new adapters, order of samples and dropout. Three are the least that show whether a difference exceeds chance; the papers state none."), kSeeds, seeds_, "driftSeeds");
    connect(&setup_, &StudySetup::changedAnything, this, &GridBox::refresh);
    refresh();
}

void GridBox::buildMethods(QGridLayout& grid) {
    int rows[2]{1, 1};
    grid.addWidget(heading(tr("Defended while aligning"), tr("The method shapes the alignment; fine-tuning itself is plain.")), 0, 0);
    grid.addWidget(heading(tr("Defended while fine-tuning"), tr("Alignment is plain; the method shapes the fine-tuning, which the provider runs.")), 0, 1);
    for (const MethodWord& word : methodWords()) {
        auto* box = new QCheckBox(word.title);
        box->setIcon(swatch(methodColour(word.id)));
        box->setIconSize({12, 12});
        box->setToolTip(QStringLiteral("<p><b>%1</b></p><p>%2</p>").arg(word.title.toHtmlEscaped(), word.about.toHtmlEscaped()));
        box->setAccessibleDescription(word.about);
        box->setObjectName(QStringLiteral("driftMethod.") + word.id);
        grid.addWidget(box, rows[word.aligns ? 0 : 1]++, word.aligns ? 0 : 1);
        methods_[word.id] = box;
        connect(box, &QCheckBox::toggled, this, &GridBox::take);
    }
}

QLineEdit* GridBox::buildNumbers(QGridLayout& grid, int row, const QString& title, const QString& help, const std::vector<double>& common, std::map<double, QCheckBox*>& boxes, const char* name) {
    auto* head = heading(title, help);
    head->setContentsMargins(0, 6, 0, 0);
    grid.addWidget(head, row, 0, 1, 3);
    auto* line = new QHBoxLayout;
    line->setSpacing(10);
    for (const double value : common) {
        auto* box = new QCheckBox(QString::number(value));
        box->setToolTip(help);
        box->setObjectName(QStringLiteral("%1.%2").arg(QLatin1String(name)).arg(value));
        line->addWidget(box);
        boxes[value] = box;
        connect(box, &QCheckBox::toggled, this, &GridBox::take);
    }
    auto* more = new QLineEdit;
    more->setPlaceholderText(tr("others"));
    more->setToolTip(tr("Further values between commas"));
    more->setAccessibleName(tr("%1, further values").arg(title));
    more->setObjectName(QLatin1String(name));
    more->setMaximumWidth(110);
    line->addWidget(more);
    line->addStretch(1);
    grid.addLayout(line, row + 1, 0, 1, 3);
    connect(more, &QLineEdit::textChanged, this, &GridBox::take);
    return more;
}

void GridBox::take() {
    if (taking_) return;
    taking_ = true;
    problem_.clear();
    QStringList methods;
    for (const MethodWord& word : methodWords())
        if (methods_[word.id]->isChecked()) methods << word.id;
    std::vector<double> ratios, seeds;
    for (const auto& [value, box] : ratios_)
        if (box->isChecked()) ratios.push_back(value);
    for (const auto& [value, box] : seeds_)
        if (box->isChecked()) seeds.push_back(value);
    if (!parseNumbers(moreRatios_->text(), 0, 1, false, ratios)) problem_ = tr("'%1' are no poison ratios: write numbers from 0 to 1 between commas.").arg(moreRatios_->text());
    if (!parseNumbers(moreSeeds_->text(), 0, 1e15, true, seeds)) problem_ = tr("'%1' are no seeds: write whole numbers between commas.").arg(moreSeeds_->text());
    for (std::vector<double>* values : {&ratios, &seeds}) {
        std::sort(values->begin(), values->end());
        values->erase(std::unique(values->begin(), values->end()), values->end());
    }
    setup_.setMethods(methods);
    setup_.setRatios(ratios);
    setup_.setSeeds({seeds.begin(), seeds.end()});
    taking_ = false;
    Q_EMIT setup_.changedAnything();  // the problem may be new though the values are not
}

void GridBox::refresh() {
    if (taking_) return;
    taking_ = true;
    for (const auto& [id, box] : methods_) box->setChecked(setup_.methods().contains(id));
    const auto spread = [](const std::vector<double>& values, const std::map<double, QCheckBox*>& boxes, QLineEdit* more) {
        QStringList others;
        for (const auto& [value, box] : boxes) box->setChecked(std::find(values.begin(), values.end(), value) != values.end());
        for (const double value : values)
            if (!boxes.count(value)) others << QString::number(value);
        std::vector<double> typed;
        const bool understood = parseNumbers(more->text(), -1e300, 1e300, false, typed);
        QStringList shown;
        for (const double value : typed) shown << QString::number(value);
        if (understood && shown != others) more->setText(others.join(QStringLiteral(", ")));
    };
    spread(setup_.ratios(), ratios_, moreRatios_);
    const std::vector<std::int64_t> seeds = setup_.seeds();
    spread({seeds.begin(), seeds.end()}, seeds_, moreSeeds_);
    taking_ = false;
}

}  // namespace driftscope::drift
