#pragma once

#include <QJsonObject>
#include <QTimer>
#include <QWidget>
#include <memory>

class QComboBox;
class QLabel;
class QLineEdit;
class QPlainTextEdit;
class QStackedWidget;

namespace driftscope {
namespace form {
class ParamForm;
}
namespace plot {
class ScatterPlot;
}
}  // namespace driftscope

namespace driftscope::debate {

struct Arena;
class AnswersTable;
class DagView;
class SetupModel;

/// Builds a computation: a form for the simple kinds, an expression, or its JSON, checked while it is written. What is right
/// is used at once; while something is wrong the last right one stays in use, and the error says where.
class EditorView : public QWidget {
    Q_OBJECT
  public:
    EditorView(SetupModel& setup, const QString& annotator, QWidget* parent = nullptr);
    void setArena(const std::shared_ptr<const Arena>& arena);
    QString problem() const;

  Q_SIGNALS:
    void failed(const QString& text);

  private:
    QWidget* buildLeft();
    QWidget* buildRight();
    void addForm(const QString& type);
    void chooseKind();
    void takeForm();
    void takeJson();
    void offer(const QJsonObject& computation);  ///< checks it, and uses it when it is right
    void showProblem(const QString& text);
    void refresh();
    void showInfluence(const Arena& arena);

    SetupModel& setup_;
    QTimer debounce_;
    QComboBox* kind_;
    QLineEdit *title_, *about_;
    QPlainTextEdit *expression_, *json_;
    QStackedWidget* forms_;
    QLabel* problem_;
    DagView* drawing_;
    plot::ScatterPlot* influence_;
    AnswersTable* answers_;
    QJsonObject shown_;   ///< what the widgets show
    bool taking_ = false;
};

}  // namespace driftscope::debate
