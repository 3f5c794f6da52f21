#pragma once

#include <QJsonObject>
#include <QWidget>
#include <memory>
#include <optional>

#include "core/table/selection.h"

class QComboBox;
class QLabel;
class QSpinBox;

namespace driftscope {
class EmbeddingView2D;
struct HostContext;
struct JobView;
namespace label {
class LabelHistoryView;
class SchemaBar;
}  // namespace label
}  // namespace driftscope

namespace driftscope::debate {

class ClaimLabels;
class ClaimsData;
class PlayModel;
class RunBar;
class SetupModel;

/// The claims of many games in one map: coloured by verdict, cheating party or distance from the truth, linked with the game
/// that is played, and labelled like everything else.
class ClaimsView : public QWidget {
    Q_OBJECT
  public:
    ClaimsView(HostContext& host, SetupModel& setup, PlayModel& game, QWidget* parent = nullptr);
    ~ClaimsView() override;

    bool openTable(const QString& file);  ///< false (and failed()) when it is no table of claims
    RunBar& runs() { return *runs_; }
    EmbeddingView2D& map() { return *map_; }
    ClaimLabels& labels() { return *labels_; }
    const ClaimsData* data() const { return data_.get(); }
    QJsonObject computation() const;  ///< of the games; empty without data
    QJsonObject params() const;
    QString provenance() const;
    QJsonObject saveState() const;
    void restoreState(const QJsonObject& state);

  Q_SIGNALS:
    void failed(const QString& text);
    void said(const QString& text);
    /// The game of a claim is to be shown up to it; with `adopt` the setup of the claims' games comes first.
    void gameRequested(const QJsonObject& values, int position, bool adopt);
    void playRequested();  ///< and in front

  private:
    QWidget* buildTop();
    QWidget* buildDetails();
    void link();
    void linkLabels();
    void adopt(std::shared_ptr<const ClaimsData> data);
    void setupChanged();
    void showCoordinates();
    void showColours();
    void showSelection();
    void showDetails();
    void choose(const IdSet& picked, Qt::KeyboardModifiers modifiers);
    void followGame();                       ///< the map shows where the game stands
    void play(std::uint32_t row, bool adopt);  ///< the game goes to this claim
    void labelSelection(int classIndex);
    bool sameDebate() const;
    QString describe(std::uint32_t row) const;

    HostContext& host_;
    SetupModel& setup_;
    PlayModel& game_;
    RunBar* runs_;
    QSpinBox* games_;
    QComboBox *players_, *colour_, *coordinates_;
    label::SchemaBar* schemaBar_;
    EmbeddingView2D* map_;
    QLabel* details_;
    label::LabelHistoryView* history_;
    ClaimLabels* labels_;
    std::shared_ptr<const ClaimsData> data_;
    std::optional<std::uint32_t> current_;
};

}  // namespace driftscope::debate
