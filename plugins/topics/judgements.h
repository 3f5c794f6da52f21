#pragma once

#include <QObject>
#include <QString>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/label/label_store.h"
#include "core/topics/view/judgement_tests.h"

namespace driftscope {
class EditStack;
}

namespace driftscope::topics {

struct TopicData;

/// What raters said of the topics of a run: ratings on three points and answers to intrusion questions. Each is a label event
/// with the rater as annotator, so that it is durable, can be undone, and several raters stand side by side. The questions
/// follow from the run and a fixed seed: what was asked can be told from the event alone.
class Judgements : public QObject {
    Q_OBJECT
  public:
    static constexpr int kPoints = 3;
    static constexpr int kNone = -1;
    static constexpr std::size_t kIntruder = kIntrusionWords;  ///< the answer that is right

    explicit Judgements(EditStack& edits, QObject* parent = nullptr);
    void setRun(std::shared_ptr<const TopicData> run);
    const std::shared_ptr<const TopicData>& run() const { return run_; }

    QString rater() const;
    void setRater(const QString& name);
    /// Everyone who judged this run, by name.
    std::vector<std::string> raters() const;

    const std::vector<IntrusionItem>& items() const { return items_; }
    const std::vector<std::uint32_t>& skipped() const { return skipped_; }  ///< topics without an intruder
    std::uint64_t seed() const { return kSeed; }

    /// 0, 1 or 2 (not very, somewhat, very related); kNone without one.
    int rating(std::uint32_t topic, const std::string& rater) const;
    /// The word that was taken for the intruder: 0 … 4 of the topic, kIntruder; kNone without an answer.
    int answer(std::uint32_t topic, const std::string& rater) const;
    Result<void> rate(std::uint32_t topic, int points);
    Result<void> choose(std::uint32_t topic, int word);

    /// Ratings 1 … 3 of all raters per topic, and 0/1 whether the intruder was found.
    std::vector<std::vector<double>> ratings() const;
    std::vector<std::vector<double>> found() const;
    /// Chosen words per topic, as nominal codes.
    std::vector<std::vector<double>> choices() const;
    /// One line per answer: who, when, about what, and what was shown.
    QString csv() const;

  Q_SIGNALS:
    void changed();
    void raterChanged();
    void moved(const std::string& schema, std::uint32_t topic);  ///< undo or redo touched this answer

  private:
    static constexpr std::uint64_t kSeed = 2021;
    struct Said {
        std::uint32_t topic;
        std::string rater;
        int value;
        double time;
    };
    void reload();
    std::vector<Said> read(const char* schema, std::int64_t step, const std::vector<std::string>& names) const;
    Result<void> store(const char* schema, std::uint32_t topic, std::int64_t step, const std::string& label);
    std::vector<std::vector<double>> collect(const std::vector<Said>& said, double (*value)(int)) const;

    EditStack& edits_;
    std::shared_ptr<const TopicData> run_;
    std::vector<IntrusionItem> items_;
    std::vector<std::uint32_t> skipped_;
    std::vector<Said> ratings_, answers_;
};

}  // namespace driftscope::topics
