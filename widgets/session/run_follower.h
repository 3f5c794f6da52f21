#pragma once

#include <QString>
#include <map>
#include <nlohmann/json_fwd.hpp>
#include <vector>

namespace driftscope {

/// A point of a live curve.
struct MetricPoint {
    QString name;
    double step;
    double value;  ///< NaN where the job reported a value that is not finite
};

/// Reads a growing events.jsonl piece by piece: only what was appended since the last call is read, and a line that is
/// still being written is left for the next one.
class RunFollower {
  public:
    explicit RunFollower(QString eventsFile) : file_(std::move(eventsFile)) {}

    /// Reads what is new; true when there was something. Metrics that arrived are appended to `arrived` when given.
    bool read(std::vector<MetricPoint>* arrived = nullptr);

    const std::vector<MetricPoint>& metrics() const { return metrics_; }
    const QString& log() const { return log_; }  ///< log lines and warnings, with the time of day
    const QString& stage() const { return stage_; }
    double done() const { return done_; }
    double total() const { return total_; }
    /// Seconds left at `now` (seconds since the epoch); -1 when not known.
    double eta(double now) const;

  private:
    void take(const nlohmann::json& event, std::vector<MetricPoint>* arrived);
    void takeMetric(const nlohmann::json& event, std::vector<MetricPoint>* arrived);
    void forget();

    QString file_;
    qint64 offset_ = 0;
    std::vector<MetricPoint> metrics_;
    std::map<QString, int> lastAttempt_;  ///< per metric, the attempt that wrote its newest point
    int attempt_ = 0;                     ///< grows with every resume
    QString log_;
    QString stage_;
    double done_ = 0, total_ = 0;
    double eta_ = -1, etaTime_ = 0;
};

}  // namespace driftscope
