#pragma once

#include "plugins/drift/view_frame.h"

class QComboBox;
class QLabel;
class QLineEdit;
class QPushButton;
class QTableView;

namespace driftscope::label {
class SchemaBar;
}

namespace driftscope::drift {

class DriftLabels;
class InspectModel;
class ProbeJudge;
class SampleFilter;
class SampleTable;

/// All samples with their answers before and after, sorted by drift: search, filter, label by key, train the probe judge.
class SamplesView : public ViewFrame {
    Q_OBJECT
  public:
    SamplesView(InspectModel& model, DriftLabels& labels, ProbeJudge& probe, QWidget* parent = nullptr);

    QTableView& table() { return *table_; }
    /// To be placed by the page: its keys are for all views of it.
    label::SchemaBar& schemaBar() { return *bar_; }
    void labelChosen(int classIndex);
    void nextUnlabelled();
    void focusSearch();
    Result<void> exportTo(const QString& path) override;

  private:
    void buildTop();
    void buildTable();
    void link();
    void linkLabels();
    void refresh();
    void showProbe();
    void showSelection();
    void takeSelection();
    void trainProbe();
    std::uint32_t sampleOf(int viewRow) const;

    InspectModel& model_;
    DriftLabels& labels_;
    ProbeJudge& probe_;
    SampleTable* samples_;
    SampleFilter* filter_;
    QTableView* table_;
    label::SchemaBar* bar_;
    QComboBox* which_;
    QLineEdit* search_;
    QPushButton* train_;
    bool following_ = false;  ///< the table takes over a selection made elsewhere
};

}  // namespace driftscope::drift
