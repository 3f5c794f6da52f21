#pragma once

#include <QPointer>
#include <QWidget>

class QLabel;
class QPushButton;
class QStackedWidget;
class QTableWidget;
class QVBoxLayout;

namespace driftscope::form {
class ParamForm;
}

namespace driftscope::topics {

class Workspace;

/// The corpus that is open: what it holds, what was dropped and why; and a form to make one from a file.
class CorpusBox : public QWidget {
    Q_OBJECT
  public:
    explicit CorpusBox(Workspace& workspace, QWidget* parent = nullptr);

    /// Shows the form for a new corpus, with `input` filled in.
    void showForm(const QString& input = {});
    void start();  ///< of the form

  Q_SIGNALS:
    void openRequested();
    void failed(const QString& text);

  private:
    QWidget* buildFacts();
    QWidget* buildForm();
    void fillForm();
    void refreshFacts();
    void showDropped();

    Workspace& workspace_;
    QStackedWidget* pages_;
    QLabel* facts_;
    QTableWidget* dropped_;
    QVBoxLayout* formColumn_ = nullptr;
    QPointer<form::ParamForm> form_;
    QLabel* problem_;
    QPushButton* start_;
    QString wantedInput_;
    QString running_;  ///< preprocessing that was started here
};

}  // namespace driftscope::topics
