#pragma once

#include <QWidget>

class QLabel;
class QSlider;
class QSplitter;

namespace driftscope::topics {

class DocumentsView;
class TopicLabels;
class TopicMapView;
class TopicTable;
class WordBars;
class Workspace;

/// Map and list of topics, words of the chosen one, and its documents: all show the same choice.
class ExploreView : public QWidget {
    Q_OBJECT
  public:
    ExploreView(Workspace& workspace, TopicLabels& labels, QWidget* parent = nullptr);

    TopicMapView& map() const { return *map_; }
    TopicTable& table() const { return *table_; }
    WordBars& bars() const { return *bars_; }
    DocumentsView& documents() const { return *documents_; }
    double lambda() const;
    void setLambda(double lambda);
    QByteArray saveLayout() const;
    void restoreLayout(const QByteArray& layout);

  Q_SIGNALS:
    void menuRequested(const QPoint& global);  ///< for the chosen topics

  private:
    QWidget* buildWords();
    void refreshHead();

    Workspace& workspace_;
    TopicLabels& labels_;
    TopicMapView* map_;
    TopicTable* table_;
    QLabel *head_, *lambdaText_;
    QSlider* slider_;
    WordBars* bars_;
    DocumentsView* documents_;
    QSplitter* split_;
};

}  // namespace driftscope::topics
