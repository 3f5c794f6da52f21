// The smallest good panel plugin: a label, one action, a counter as state.
#include <QAction>
#include <QLabel>

#include "plugins/api/panel_plugin.h"

namespace {

using namespace driftscope;

class EmptyPanel : public Panel {
  public:
    EmptyPanel() : count_(QStringLiteral("Count"), &label_) {
        label_.setObjectName(QStringLiteral("emptyPanelLabel"));
        label_.setAccessibleName(QStringLiteral("Count"));
        count_.setShortcut(QKeySequence(QStringLiteral("Ctrl+Shift+K")));
        QObject::connect(&count_, &QAction::triggered, &label_, [this] { show(value_ + 1); });
        show(0);
    }
    QWidget* widget() override { return &label_; }
    QJsonObject saveState() const override { return {{QStringLiteral("value"), value_}, {QStringLiteral("path"), path_}}; }
    Result<void> restoreState(const QJsonObject& state) override {
        if (!state.isEmpty() && !state.value(QStringLiteral("value")).isDouble())
            return fail(ErrorCode::BadInput, "The saved state has no number 'value'.", "The panel opens as new.");
        path_ = state.value(QStringLiteral("path")).toString();
        show(state.value(QStringLiteral("value")).toInt());
        return {};
    }
    std::vector<QAction*> actions() const override { return {const_cast<QAction*>(&count_)}; }
    bool openPath(const QString& path) override {
        if (path.endsWith(QStringLiteral(".unknown"))) return false;
        path_ = path;
        return true;
    }

  private:
    void show(int value) {
        value_ = value;
        label_.setText(QStringLiteral("%1 counted").arg(value));
    }
    QLabel label_;
    QAction count_;
    int value_ = 0;
    QString path_;
};

class EmptyPlugin : public QObject, public PanelPlugin {
    Q_OBJECT
    Q_PLUGIN_METADATA(IID DRIFTSCOPE_PANEL_PLUGIN_IID FILE "empty/plugin.json")
    Q_INTERFACES(driftscope::PanelPlugin)
  public:
    Result<std::unique_ptr<Panel>> open(HostContext&) override { return std::make_unique<EmptyPanel>(); }
};

}  // namespace

#include "empty_plugin.moc"
