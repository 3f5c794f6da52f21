#pragma once

#include <QJsonObject>
#include <nlohmann/json_fwd.hpp>

namespace driftscope {

/// Between the JSON of Qt (widgets) and of the core. Whole numbers stay whole numbers.
nlohmann::json fromQt(const QJsonObject& object);
/// Anything but an object gives an empty object.
QJsonObject toQt(const nlohmann::json& object);

}  // namespace driftscope
