#pragma once

#include <QColor>
#include <QObject>
#include <QString>
#include <memory>
#include <optional>
#include <vector>

#include "core/label/label_store.h"
#include "core/topics/view/topic_groups.h"

namespace driftscope {
class EditStack;
}

namespace driftscope::topics {

struct TopicData;

/// What people made of the topics of a run: names, codes, merged and hidden ones. Every change is a label event of the project,
/// so that it can be undone and has an author; native numbers never change.
class TopicLabels : public QObject {
    Q_OBJECT
  public:
    static constexpr int kNoCode = -1;
    static constexpr const char* kCodes = "topic_code";

    explicit TopicLabels(EditStack& edits, QObject* parent = nullptr);
    void setRun(std::shared_ptr<const TopicData> run);

    /// The given name; empty without one.
    QString name(std::uint32_t topic) const { return topic < names_.size() ? names_[topic] : QString(); }
    /// "7  Football" or "7  match, win, game": number and name, or number and first words.
    QString title(std::uint32_t topic) const;
    const TopicGroups& groups() const { return groups_; }
    int code(std::uint32_t topic) const { return topic < codes_.size() ? codes_[topic] : kNoCode; }
    const LabelSchema* codeSchema() const { return codeSchema_ ? &*codeSchema_ : nullptr; }
    /// The topic's colour: that of the topic it was merged into; the same in every view.
    QColor colour(std::uint32_t topic) const;

    Result<void> rename(std::uint32_t topic, const QString& name);  ///< empty takes the name away
    Result<void> merge(const std::vector<std::uint32_t>& topics, std::uint32_t into);
    Result<void> separate(std::uint32_t topic);                     ///< takes merges into or of this topic back
    Result<void> setHidden(std::uint32_t topic, bool hidden);
    Result<void> setCode(std::uint32_t topic, int code);
    LabelTarget target(std::uint32_t topic) const;

  Q_SIGNALS:
    void changed();
    /// Undo or redo touched this topic.
    void moved(std::uint32_t topic);

  private:
    void reload();
    Result<void> assign(const char* schema, const std::vector<std::uint32_t>& topics, const std::string& label);
    std::vector<std::optional<std::string>> labelsOf(const char* schema) const;
    std::optional<std::uint32_t> topicOf(const LabelTarget& target) const;

    EditStack& edits_;
    std::shared_ptr<const TopicData> run_;
    std::vector<QString> names_;
    std::vector<int> codes_;
    std::vector<QColor> colours_;
    std::vector<std::optional<std::uint32_t>> into_;
    std::optional<LabelSchema> codeSchema_;
    TopicGroups groups_;
};

/// "topic 17", as in label events; and back. Nothing for other text.
std::string topicEntity(std::uint32_t topic);
std::optional<std::uint32_t> topicOfEntity(const std::string& entity);
/// Makes sure the project has the schema and, in it, the class.
Result<void> ensureClass(EditStack& edits, const LabelSchema& fallback, const std::string& name);

}  // namespace driftscope::topics
