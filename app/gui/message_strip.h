#pragma once

#include <QWidget>
#include <functional>
#include <utility>
#include <vector>

class QVBoxLayout;

namespace driftscope {

/// Messages above the content instead of dialogs in front of it: text that can be selected, with the remedy and buttons
/// for it. The newest is on top; the same text is shown once.
class MessageStrip : public QWidget {
    Q_OBJECT
  public:
    enum class Kind { Note, Warning, Error };
    using Choice = std::pair<QString, std::function<void()>>;

    explicit MessageStrip(QWidget* parent = nullptr);

    /// A choice closes the message and then acts. `remedy` is what the person can do.
    void show(Kind kind, const QString& message, const QString& remedy = {}, const std::vector<Choice>& choices = {});
    QStringList messages() const;
    void clear();

  private:
    QWidget* makeRow(Kind kind, const QString& message, const QString& remedy, const std::vector<Choice>& choices);
    void drop(QWidget* row);

    QVBoxLayout* layout_;
    std::vector<QWidget*> rows_;  ///< newest first
};

}  // namespace driftscope
