#pragma once

#include <QSet>
#include <QWidget>
#include <map>
#include <vector>

class QToolButton;

namespace driftscope::drift {

/// The legend of a page: a chip per method, which shows and hides it in every plot.
class MethodChips : public QWidget {
    Q_OBJECT
  public:
    explicit MethodChips(QWidget* parent = nullptr);
    void setMethods(const std::vector<QString>& methods);
    bool isShown(const QString& method) const { return !hidden_.contains(method); }
    QStringList hidden() const { return {hidden_.begin(), hidden_.end()}; }
    void setHidden(const QStringList& methods);

  Q_SIGNALS:
    void changed();

  private:
    void paint(QToolButton& chip, const QString& method);

    std::map<QString, QToolButton*> chips_;
    QSet<QString> hidden_;
    std::vector<QString> methods_;
};

}  // namespace driftscope::drift
