#pragma once

#include <QElapsedTimer>
#include <QJsonObject>
#include <QObject>
#include <optional>
#include <vector>

#include "core/base/params.h"
#include "core/debate/play.h"

namespace driftscope::debate {

/// The parameters of a job kind of this domain, as the command line knows them.
std::vector<ParamSpec> specsOf(const std::string& kind);
/// Any JSON value for Qt.
QJsonValue qtValue(const nlohmann::json& value);

/// What is debated and how, as a person sets it: a computation, values named like the parameters of debate.play, and who
/// is played by a person. Every change can be taken back.
class SetupModel : public QObject {
    Q_OBJECT
  public:
    explicit SetupModel(QObject* parent = nullptr);

    bool isEmpty() const { return computation().isEmpty(); }
    QJsonObject computation() const { return state_[QStringLiteral("computation")].toObject(); }
    QString title() const;
    /// The id of the worked example that the computation is, or nothing.
    QString example() const;
    void setComputation(const QJsonObject& computation);

    /// Values that were set; the rest have their defaults.
    QJsonObject values() const { return state_[QStringLiteral("values")].toObject(); }
    QJsonObject withDefaults() const;             ///< every value that is set or has a default
    QJsonValue value(const QString& name) const;  ///< what was set, else the default
    double real(const QString& name) const { return value(name).toDouble(); }
    QString text(const QString& name) const { return value(name).toString(); }
    void set(const QString& name, const QJsonValue& value) { set(QJsonObject{{name, value}}); }
    /// One step of undo; null and undefined return to the default.
    void set(const QJsonObject& values, std::optional<Seats> seats = {});
    QString protocol() const { return text(QStringLiteral("protocol")); }
    bool isStochastic() const { return protocol() == QLatin1String("stochastic"); }

    Seats seats() const;

    bool canUndo() const { return at_ > 0; }
    bool canRedo() const { return at_ + 1 < history_.size(); }
    void undo();
    void redo();

    QJsonObject save() const { return state_; }
    /// Unknown names are dropped and values that do not fit return to their defaults. Starts a new history.
    void restore(const QJsonObject& state);

    /// What debate.play, debate.measure … are given; names that `kind` does not have are left out.
    QJsonObject valuesFor(const std::string& kind) const;
    /// Checked parameters of Setup::make. Errors: a value out of range.
    Result<Params> params() const;
    PlayOptions playOptions() const;

  Q_SIGNALS:
    void changed();

  private:
    void commit(QJsonObject state, const QString& what);

    std::vector<ParamSpec> specs_;
    QJsonObject state_;
    std::vector<QJsonObject> history_;
    std::size_t at_ = 0;
    QString lastWhat_;
    QElapsedTimer lastChange_;
};

}  // namespace driftscope::debate
