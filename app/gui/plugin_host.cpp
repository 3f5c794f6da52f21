#include "app/gui/plugin_host.h"

#include <QDir>
#include <QJsonObject>
#include <QLibrary>
#include <QPluginLoader>
#include <algorithm>
#include <exception>

#include "plugins/api/plugin_contract.h"

namespace driftscope {
namespace {

const char* const kRebuild = "Build it again together with this version of Driftscope.";

/// What the metadata say, and why the plugin does not fit, without running any of its code.
PluginInfo inspect(const QString& file, const QJsonObject& outer) {
    const QJsonObject data = outer.value(QStringLiteral("MetaData")).toObject();
    const auto text = [&](const char* key) { return data.value(QLatin1String(key)).toString(); };
    PluginInfo info{.id = text("id"), .title = text("title"), .summary = text("summary"), .version = text("version"), .file = file, .problem = {}};
    const QString abi = data.value(QStringLiteral("abi")).toString();
    const int level = data.value(QStringLiteral("apiLevel")).toInt(-1);
    if (info.id.isEmpty()) info.id = QFileInfo(file).completeBaseName();
    if (info.title.isEmpty()) info.title = info.id;
    if (outer.isEmpty())
        info.problem = QStringLiteral("%1 is not a readable plugin file. %2").arg(file, QLatin1String(kRebuild));
    else if (outer.value(QStringLiteral("IID")).toString() != QLatin1String(DRIFTSCOPE_PANEL_PLUGIN_IID))
        info.problem = QStringLiteral("%1 is a plugin for another program (%2). Remove it from this folder.").arg(file, outer.value(QStringLiteral("IID")).toString());
    else if (level != pluginApiLevel())
        info.problem = QStringLiteral("%1 was made for plugin interface %2; this Driftscope has %3. %4").arg(file).arg(level).arg(pluginApiLevel()).arg(QLatin1String(kRebuild));
    else if (abi != pluginAbi())
        info.problem = QStringLiteral("%1 was built differently (%2; this Driftscope: %3). %4").arg(file, abi, pluginAbi(), QLatin1String(kRebuild));
    return info;
}

Error thrown(const PluginInfo& info, const char* what) {
    return {ErrorCode::Internal, fmt::format("The panel '{}' failed while opening: {}", info.title.toStdString(), what),
            "The rest of Driftscope is not affected. Please report this to the plugin's author.", {}};
}

}  // namespace

PluginHost::PluginHost() = default;
PluginHost::~PluginHost() = default;  // ~QPluginLoader does not unload

void PluginHost::scan(const QString& folder) {
    for (const QFileInfo& file : QDir(folder).entryInfoList(QDir::Files, QDir::Name)) {
        if (!QLibrary::isLibrary(file.fileName())) continue;
        auto loader = std::make_unique<QPluginLoader>(file.absoluteFilePath());
        PluginInfo info = inspect(file.absoluteFilePath(), loader->metaData());
        if (const PluginInfo* first = find(info.id); first && info.problem.isEmpty())
            info.problem = QStringLiteral("%1 has the same id as %2, which is used. Remove one of them.").arg(info.file, first->file);
        plugins_.push_back(std::move(info));
        loaders_.push_back(std::move(loader));
    }
}

const PluginInfo* PluginHost::find(const QString& id) const {
    const auto found = std::find_if(plugins_.begin(), plugins_.end(), [&](const PluginInfo& info) { return info.id == id; });
    return found == plugins_.end() ? nullptr : &*found;
}

Result<PanelPlugin*> PluginHost::load(PluginInfo& info) {
    QPluginLoader& loader = *loaders_[static_cast<std::size_t>(&info - plugins_.data())];
    try {
        if (auto* plugin = qobject_cast<PanelPlugin*>(loader.instance())) return plugin;
    } catch (const std::exception& error) {
        return tl::unexpected(thrown(info, error.what()));
    } catch (...) {
        return tl::unexpected(thrown(info, "an exception of unknown type"));
    }
    return fail(ErrorCode::Unsupported, fmt::format("The panel '{}' cannot be loaded: {}", info.title.toStdString(), loader.errorString().toStdString()), kRebuild);
}

Result<std::unique_ptr<Panel>> PluginHost::open(const QString& id, HostContext& context) {
    const auto info = std::find_if(plugins_.begin(), plugins_.end(), [&](const PluginInfo& candidate) { return candidate.id == id; });
    if (info == plugins_.end()) return fail(ErrorCode::NotFound, fmt::format("There is no panel '{}'.", id.toStdString()), "The menu Panels lists what is installed.");
    if (!info->problem.isEmpty()) return fail(ErrorCode::Unsupported, info->problem.toStdString());
    const auto opened = [&]() -> Result<std::unique_ptr<Panel>> {
        DS_ASSIGN(PanelPlugin * plugin, load(*info));
        try {
            DS_ASSIGN(std::unique_ptr<Panel> panel, plugin->open(context));
            if (!panel || !panel->widget()) return tl::unexpected(thrown(*info, "it made no view"));
            return panel;
        } catch (const std::exception& error) {
            return tl::unexpected(thrown(*info, error.what()));
        } catch (...) {
            return tl::unexpected(thrown(*info, "an exception of unknown type"));
        }
    };
    auto result = opened();
    // What a panel tells about its input may be different next time; a failing plugin stays refused.
    if (!result && (result.error().code == ErrorCode::Internal || result.error().code == ErrorCode::Unsupported))
        info->problem = QString::fromStdString(result.error().text());
    return result;
}

}  // namespace driftscope
