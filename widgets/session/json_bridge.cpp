#include "widgets/session/json_bridge.h"

#include <QJsonDocument>
#include <nlohmann/json.hpp>

namespace driftscope {

nlohmann::json fromQt(const QJsonObject& object) {
    return nlohmann::json::parse(QJsonDocument(object).toJson(QJsonDocument::Compact).toStdString());
}

QJsonObject toQt(const nlohmann::json& object) {
    const std::string text = object.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
    return QJsonDocument::fromJson(QByteArray::fromStdString(text)).object();
}

}  // namespace driftscope
