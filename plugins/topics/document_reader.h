#pragma once

#include <QTextBrowser>
#include <QWidget>
#include <optional>

#include "core/topics/view/token_topics.h"

class QComboBox;
class QLabel;
class QListWidget;

namespace driftscope::topics {

class TopicLabels;
class Workspace;

/// One document: the topics it is made of, its text with each token in its topic's colour, and the documents most like it.
/// A click on a token chooses its topic.
class DocumentReader : public QWidget {
    Q_OBJECT
  public:
    DocumentReader(Workspace& workspace, TopicLabels& labels, QWidget* parent = nullptr);

    /// Topics of the tokens of the shown document: sampled ones when training wrote them, else the likeliest ones.
    const std::vector<TokenTopic>& tokens() const { return tokens_; }
    QString plainText() const { return text_->toPlainText(); }

  protected:
    void changeEvent(QEvent* event) override;

  private:
    void refresh();
    void showText();
    void showShares();
    void showNearest();
    std::vector<TokenTopic> topicsOf(std::uint32_t row) const;
    QString coloured(const std::string& text, std::size_t begin, std::size_t end, const TokenTopic& token) const;

    Workspace& workspace_;
    TopicLabels& labels_;
    QLabel *head_, *how_;
    QTextBrowser* text_;
    QComboBox* distance_;
    QListWidget* nearest_;
    std::vector<TokenTopic> tokens_;
    std::optional<std::uint32_t> shown_;
};

}  // namespace driftscope::topics
