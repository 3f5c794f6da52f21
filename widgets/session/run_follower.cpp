#include "widgets/session/run_follower.h"

#include <QDateTime>
#include <QFile>
#include <algorithm>
#include <limits>
#include <nlohmann/json.hpp>

namespace driftscope {
namespace {

using nlohmann::json;

QString text(const json& event, const char* key) {
    const auto found = event.find(key);
    return found != event.end() && found->is_string() ? QString::fromStdString(found->get<std::string>()) : QString();
}

double number(const json& event, const char* key, double fallback) {
    const auto found = event.find(key);
    return found != event.end() && found->is_number() ? found->get<double>() : fallback;
}

}  // namespace

void RunFollower::forget() {
    const QString file = file_;
    *this = RunFollower(file);
}

bool RunFollower::read(std::vector<MetricPoint>* arrived) {
    QFile file(file_);
    if (!file.open(QIODevice::ReadOnly)) return false;
    if (file.size() < offset_) forget();  // the run was started afresh with --overwrite
    if (file.size() == offset_) return false;
    file.seek(offset_);
    const QByteArray fresh = file.readAll();
    const qsizetype complete = fresh.lastIndexOf('\n') + 1;
    offset_ += complete;
    for (qsizetype begin = 0; begin < complete;) {
        const qsizetype end = fresh.indexOf('\n', begin);
        const json event = json::parse(fresh.constData() + begin, fresh.constData() + end, nullptr, false);
        if (event.is_object())
            take(event, arrived);
        else
            log_ += QStringLiteral("(a damaged line of events.jsonl was skipped)\n");
        begin = end + 1;
    }
    return complete > 0;
}

void RunFollower::take(const json& event, std::vector<MetricPoint>* arrived) {
    const QString type = text(event, "type");
    if (type == QLatin1String("start")) ++attempt_;
    if (type == QLatin1String("metric")) takeMetric(event, arrived);
    if (type == QLatin1String("progress")) {
        stage_ = text(event, "stage");
        done_ = number(event, "done", 0);
        total_ = number(event, "total", 0);
        eta_ = number(event, "eta", -1);
        etaTime_ = number(event, "time", 0);
    }
    if (type == QLatin1String("log") || type == QLatin1String("warning")) {
        const auto time = QDateTime::fromMSecsSinceEpoch(static_cast<qint64>(number(event, "time", 0) * 1000));
        const QString mark = type == QLatin1String("warning") ? QStringLiteral("warning: ") : QString();
        log_ += time.toString(QStringLiteral("HH:mm:ss  ")) + mark + text(event, "text") + QLatin1Char('\n');
    }
}

void RunFollower::takeMetric(const json& event, std::vector<MetricPoint>* arrived) {
    const MetricPoint point{text(event, "name"), number(event, "step", 0), number(event, "value", std::numeric_limits<double>::quiet_NaN())};
    int& attempt = lastAttempt_.try_emplace(point.name, attempt_).first->second;
    if (attempt != attempt_) {
        // A resumed run repeats the steps since its checkpoint: the curve goes on from there.
        attempt = attempt_;
        std::erase_if(metrics_, [&](const MetricPoint& old) { return old.name == point.name && old.step >= point.step; });
    }
    metrics_.push_back(point);
    if (arrived) arrived->push_back(point);
}

double RunFollower::eta(double now) const {
    return eta_ < 0 ? -1 : std::max(0.0, eta_ - std::max(0.0, now - etaTime_));
}

}  // namespace driftscope
