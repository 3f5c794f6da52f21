#pragma once

#include <QWidget>
#include <string>
#include <vector>

#include "core/base/params.h"

class QComboBox;
class QLabel;

namespace driftscope::debate {

struct Arena;
class SetupModel;
class SpecForm;
class ValueSlider;

/// Who answers the questions: the probabilities that the computation states, one for all, a table (edited here or a file), a
/// model on the rows of an embedding table, or a person (asked while playing, or recorded). Noise, drift, correlation and a
/// budget apply on top.
class OracleBox : public QWidget {
    Q_OBJECT
  public:
    explicit OracleBox(SetupModel& setup, QWidget* parent = nullptr);
    void setArena(const Arena* arena);

  Q_SIGNALS:
    void tableRequested();

  private:
    void build();
    void choose(const QString& source);
    QString source() const;
    void refresh();

    SetupModel& setup_;
    QComboBox* source_;
    ValueSlider* constant_;
    QLabel* note_;
    SpecForm *file_, *model_, *common_;
    QString waiting_;
};

}  // namespace driftscope::debate
