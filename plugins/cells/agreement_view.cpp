#include "plugins/cells/agreement_view.h"

#include <QComboBox>
#include <QSignalBlocker>
#include <QHeaderView>
#include <QLabel>
#include <QSplitter>
#include <QTableWidget>
#include <QVBoxLayout>

#include "widgets/plot/matrix_plot.h"
#include "widgets/session/edit_stack.h"

namespace driftscope::cells {
namespace {

QString text(const std::string& utf8) {
    return QString::fromStdString(utf8);
}

QString number(const std::optional<double>& value) {
    return value ? QString::number(*value, 'f', 3) : QStringLiteral("–");
}

}  // namespace

AgreementView::AgreementView(EditStack& edits, QWidget* parent)
    : QWidget(parent, Qt::Window), edits_(edits), summary_(new QLabel), pair_(new QComboBox), matrix_(new plot::MatrixPlot), disputes_(new QTableWidget) {
    setWindowTitle(tr("Compare annotators"));
    setObjectName(QStringLiteral("agreement"));
    summary_->setWordWrap(true);
    summary_->setTextInteractionFlags(Qt::TextSelectableByMouse);
    summary_->setToolTip(tr("Cohen 1960, Fleiss 1971, Krippendorff 2011: 1 is full agreement, 0 what chance gives"));
    pair_->setAccessibleName(tr("Pair of annotators"));
    pair_->setToolTip(tr("Whose labels the matrix compares"));
    matrix_->setValueLabel(tr("cells"));
    matrix_->setRowShares(true);
    disputes_->setEditTriggers(QAbstractItemView::NoEditTriggers);
    disputes_->setSelectionBehavior(QAbstractItemView::SelectRows);
    disputes_->setSelectionMode(QAbstractItemView::SingleSelection);
    disputes_->verticalHeader()->hide();
    disputes_->setAlternatingRowColors(true);
    auto* left = new QWidget;
    auto* column = new QVBoxLayout(left);
    column->setContentsMargins(0, 0, 0, 0);
    column->addWidget(pair_);
    column->addWidget(matrix_, 1);
    auto* split = new QSplitter;
    split->addWidget(left);
    split->addWidget(disputes_);
    split->setSizes({420, 520});
    auto* layout = new QVBoxLayout(this);
    layout->addWidget(summary_);
    layout->addWidget(split, 1);
    resize(980, 520);
    connect(pair_, &QComboBox::currentIndexChanged, this, &AgreementView::showPair);
    connect(disputes_, &QTableWidget::itemSelectionChanged, this, [this] {
        const int row = disputes_->currentRow();
        if (row >= 0 && row < static_cast<int>(result_.disputes.size())) Q_EMIT chosen(result_.disputes[static_cast<std::size_t>(row)].target);
    });
    connect(&edits_, &EditStack::changed, this, [this](const std::string& schema) {
        if (isVisible() && schema == schema_) refresh();
    });
}

void AgreementView::compare(const std::string& schema, const std::string& dataset) {
    schema_ = schema;
    dataset_ = dataset;
    refresh();
}

void AgreementView::refresh() {
    const QString kept = pair_->currentText();
    auto compared = groupAgreement(edits_.store(), schema_, {}, dataset_);
    result_ = compared ? std::move(*compared) : GroupAgreement{};
    summary_->setText(!compared ? text(compared.error().text())
                                : tr("<b>%1</b>: %2 annotators, %3 cells labelled by two or more of %4. Fleiss' kappa %5 (on %6 that all labelled), "
                                     "Krippendorff's alpha %7. %8 cells are disputed.")
                                      .arg(text(schema_))
                                      .arg(result_.annotators.size())
                                      .arg(result_.shared)
                                      .arg(result_.targets)
                                      .arg(number(result_.fleiss))
                                      .arg(result_.complete)
                                      .arg(number(result_.krippendorff))
                                      .arg(result_.disputes.size()));
    {
        const QSignalBlocker quiet(pair_);
        pair_->clear();
        for (const auto& [names, pair] : result_.pairs)
            pair_->addItem(tr("%1 and %2: kappa %3 on %4 cells").arg(text(names.first), text(names.second), number(pair.kappa)).arg(pair.both));
        pair_->setCurrentIndex(std::max(0, pair_->findText(kept.section(QLatin1Char(':'), 0, 0), Qt::MatchStartsWith)));
    }
    showPair();
    showDisputes();
}

void AgreementView::showPair() {
    const int index = pair_->currentIndex();
    if (index < 0 || index >= static_cast<int>(result_.pairs.size())) {
        matrix_->clear();
        return;
    }
    const auto& [names, pair] = *std::next(result_.pairs.begin(), index);
    plot::MatrixPlot::Matrix shown;
    shown.rows = shown.columns = static_cast<int>(result_.classes.size());
    for (const std::string& row : result_.classes) {
        shown.rowNames << text(row);
        shown.columnNames << text(row);
        for (const std::string& column : result_.classes) {
            const auto found = pair.confusion.find({row, column});
            shown.values.push_back(found == pair.confusion.end() ? 0 : static_cast<double>(found->second));
        }
    }
    matrix_->setXAxis(text(names.second));
    matrix_->setYAxis(text(names.first));
    matrix_->setMatrix(std::move(shown));
}

void AgreementView::showDisputes() {
    const QSignalBlocker quiet(disputes_);
    QStringList header{tr("Cell"), tr("Frame")};
    for (const std::string& name : result_.annotators) header << text(name);
    header << tr("Majority");
    disputes_->setColumnCount(static_cast<int>(header.size()));
    disputes_->setHorizontalHeaderLabels(header);
    disputes_->setRowCount(static_cast<int>(result_.disputes.size()));
    for (int row = 0; row < disputes_->rowCount(); ++row) {
        const Dispute& dispute = result_.disputes[static_cast<std::size_t>(row)];
        int column = 0;
        const auto put = [&](const QString& value) { disputes_->setItem(row, column++, new QTableWidgetItem(value)); };
        put(text(dispute.target.entity));
        put(QString::number(dispute.target.step));
        for (const std::string& name : result_.annotators) {
            const auto vote = dispute.votes.find(name);
            put(vote == dispute.votes.end() ? QString() : text(vote->second));
        }
        put(dispute.majority.empty() ? tr("tie") : text(dispute.majority));
    }
    disputes_->resizeColumnsToContents();
    disputes_->horizontalHeader()->setStretchLastSection(true);
}

}  // namespace driftscope::cells
