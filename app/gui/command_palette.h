#pragma once

#include <QFrame>
#include <QPointer>
#include <functional>
#include <vector>

class QAction;
class QLineEdit;
class QListWidget;

namespace driftscope {

/// One thing that can be done, as the palette lists it.
struct Command {
    QString where;  ///< "File" or the panel's title
    QPointer<QAction> action;
};

/// How well `pattern` matches `text` as a subsequence; 0: not at all. Starts of words and runs of letters count more, and
/// shorter texts win between equals.
int fuzzyScore(const QString& pattern, const QString& text);

/// Ctrl+K: every action of the window and the open panels, found by typing some of its letters. Enter does it, Escape and
/// a click elsewhere close. What was used last is on top while nothing is typed.
class CommandPalette : public QFrame {
    Q_OBJECT
  public:
    CommandPalette(std::function<std::vector<Command>()> commands, QWidget* parent);

    void popUp();
    QLineEdit* input() const { return input_; }
    QStringList shown() const;  ///< the titles listed, best first

  protected:
    bool eventFilter(QObject* watched, QEvent* event) override;

  private:
    void filter();
    void runCurrent();
    void move(int rows);

    std::function<std::vector<Command>()> source_;
    std::vector<Command> commands_;
    QStringList used_;  ///< titles, last used first
    QLineEdit* input_;
    QListWidget* list_;
};

}  // namespace driftscope
