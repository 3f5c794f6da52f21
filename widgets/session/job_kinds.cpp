#include "widgets/session/job_kinds.h"

#include <QProcess>
#include <algorithm>
#include <nlohmann/json.hpp>

namespace driftscope {

using nlohmann::json;

JobKinds::JobKinds(QString runner, QObject* parent) : QObject(parent), runner_(std::move(runner)) {}

JobKinds::~JobKinds() {
    if (!process_) return;
    process_->disconnect(this);
    process_->kill();
    process_->waitForFinished();
}

void JobKinds::load() {
    if (process_ || ready_) return;
    process_ = new QProcess(this);
    connect(process_, &QProcess::errorOccurred, this, [this](QProcess::ProcessError error) {
        if (error == QProcess::FailedToStart) reportFailure(process_->errorString());
    });
    connect(process_, &QProcess::finished, this, [this](int code, QProcess::ExitStatus status) {
        if (status == QProcess::NormalExit && code == 0)
            take(process_->readAllStandardOutput());
        else
            reportFailure(QString::fromLocal8Bit(process_->readAllStandardError()).trimmed());
    });
    process_->start(runner_, {QStringLiteral("kinds"), QStringLiteral("--json")}, QIODevice::ReadOnly);
}

void JobKinds::take(const QByteArray& answer) {
    try {
        const json list = json::parse(answer.constData(), answer.constData() + answer.size());
        for (const json& kind : list.at("kinds")) {
            KindInfo info{QString::fromStdString(kind.at("name").get<std::string>()), QString::fromStdString(kind.at("title").get<std::string>()),
                          QString::fromStdString(kind.at("help").get<std::string>()), {}};
            for (const json& spec : kind.at("params")) info.params.push_back(ParamSpec::fromJson(spec));
            kinds_.push_back(std::move(info));
        }
    } catch (const json::exception& error) {
        kinds_.clear();
        reportFailure(QStringLiteral("its answer is not understood (%1)").arg(QString::fromUtf8(error.what())));
        return;
    }
    ready_ = true;
    Q_EMIT loaded();
}

void JobKinds::reportFailure(const QString& why) {
    Q_EMIT failed(tr("%1 does not tell which jobs it can run: %2. Build or install driftscope-run beside driftscope, or name it with --runner.")
                      .arg(runner_, why.isEmpty() ? tr("it ended without an answer") : why));
}

const KindInfo* JobKinds::find(const QString& name) const {
    const auto found = std::find_if(kinds_.begin(), kinds_.end(), [&](const KindInfo& kind) { return kind.name == name; });
    return found == kinds_.end() ? nullptr : &*found;
}

}  // namespace driftscope
