#pragma once

#include <QWidget>
#include <vector>

#include "core/base/params.h"

namespace driftscope::form {
class ParamForm;
}

namespace driftscope::debate {

class SetupModel;

/// A form over some of the setup's values: whatever parameters the job has, with their ranges, help and checks.
class SpecForm : public QWidget {
    Q_OBJECT
  public:
    SpecForm(SetupModel& setup, const std::vector<ParamSpec>& specs, QWidget* parent = nullptr);

  private:
    void take();     ///< from the form into the setup
    void refresh();  ///< from the setup into the form

    SetupModel& setup_;
    std::vector<ParamSpec> specs_;
    form::ParamForm* form_;
    bool taking_ = false;
};

}  // namespace driftscope::debate
