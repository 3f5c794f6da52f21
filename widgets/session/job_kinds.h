#pragma once

#include <QObject>
#include <QString>
#include <vector>

#include "core/base/params.h"

class QProcess;

namespace driftscope {

/// A job kind as driftscope-run describes it.
struct KindInfo {
    QString name;
    QString title;
    QString help;
    std::vector<ParamSpec> params;
};

/// Asks `driftscope-run kinds --json` in the background: the GUI links no domain that computes.
class JobKinds : public QObject {
    Q_OBJECT
  public:
    explicit JobKinds(QString runner, QObject* parent = nullptr);
    ~JobKinds() override;

    /// Starts asking, once.
    void load();
    bool ready() const { return ready_; }
    const std::vector<KindInfo>& all() const { return kinds_; }
    const KindInfo* find(const QString& name) const;

  Q_SIGNALS:
    void loaded();
    void failed(const QString& message);

  private:
    void take(const QByteArray& answer);
    void reportFailure(const QString& why);

    QString runner_;
    QProcess* process_ = nullptr;
    bool ready_ = false;
    std::vector<KindInfo> kinds_;
};

}  // namespace driftscope
