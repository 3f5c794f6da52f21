#pragma once

#include <QWidget>
#include <cstdint>
#include <string>
#include <vector>

#include "core/label/group_agreement.h"

class QComboBox;
class QLabel;
class QTableWidget;

namespace driftscope {
class EditStack;
}
namespace driftscope::plot {
class MatrixPlot;
}

namespace driftscope::cells {

/// Annotators of a project compared: agreement beyond chance, who confuses what, and the cells they see differently, the most
/// open first. Choosing one goes to the cell; a label given there settles it. A window of its own, beside the panel.
class AgreementView : public QWidget {
    Q_OBJECT
  public:
    explicit AgreementView(EditStack& edits, QWidget* parent = nullptr);

    /// Compares the labels of this data set under a schema, now and whenever labels change.
    void compare(const std::string& schema, const std::string& dataset);
    const GroupAgreement& result() const { return result_; }

  Q_SIGNALS:
    void chosen(const driftscope::LabelTarget& target);

  private:
    void refresh();
    void showPair();
    void showDisputes();

    EditStack& edits_;
    std::string schema_, dataset_;
    GroupAgreement result_;
    QLabel* summary_;
    QComboBox* pair_;
    plot::MatrixPlot* matrix_;
    QTableWidget* disputes_;
};

}  // namespace driftscope::cells
