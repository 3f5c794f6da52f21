#pragma once

#include <QWidget>

namespace driftscope::topics {

/// What a newcomer can do here, with a button for each.
class WelcomeView : public QWidget {
    Q_OBJECT
  public:
    explicit WelcomeView(bool withSample, QWidget* parent = nullptr);

  Q_SIGNALS:
    void sampleRequested();
    void newRequested();
    void openRequested();
    void judgementsRequested();
};

}  // namespace driftscope::topics
