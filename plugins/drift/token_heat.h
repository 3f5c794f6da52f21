#pragma once

#include <QAbstractScrollArea>
#include <optional>
#include <vector>

#include "core/table/embedding_table.h"
#include "plugins/drift/token_table.h"

namespace driftscope::drift {

/// What one strip shows: the tokens of a sample with the drift of each in every layer.
struct TokenStrip {
    QString title;
    std::vector<TokenRow> tokens;
    std::vector<std::int64_t> layers;  ///< ascending
    Matrix drift;                      ///< layers x tokens
};

/// Tokens laid out as text, the drift of every layer in columns under them, and above the layers how far the prediction of
/// the token moved (KL). Prompt and answer are apart. Several strips share colours and scroll together.
class TokenHeat : public QAbstractScrollArea {
    Q_OBJECT
  public:
    explicit TokenHeat(QWidget* parent = nullptr);

    void setStrips(std::vector<TokenStrip> strips);
    const std::vector<TokenStrip>& strips() const { return strips_; }
    void setLayer(std::int64_t layer);  ///< marked
    double greatest() const { return greatest_; }
    /// Where a cell is in the viewport; -1 as layer: the token's text. Empty when there is no such cell.
    QRect cellRect(std::size_t strip, std::int64_t layer, std::size_t token) const;
    QString csv() const;
    QSize sizeHint() const override { return {520, 240}; }

  Q_SIGNALS:
    void layerClicked(qint64 layer);

  protected:
    void paintEvent(QPaintEvent* event) override;
    void resizeEvent(QResizeEvent* event) override;
    void changeEvent(QEvent* event) override;
    bool viewportEvent(QEvent* event) override;
    void mousePressEvent(QMouseEvent* event) override;

  private:
    struct Cell {
        std::size_t strip = 0, token = 0;
        int row = 0;  ///< 0 text, 1 KL, 2 + layer
    };
    void layOut();
    int rowHeight() const;
    int stripHeight(const TokenStrip& strip) const;
    int labelWidth() const;
    int top(std::size_t strip) const;
    QRect rect(std::size_t strip, std::size_t token, int row) const;
    std::optional<Cell> cellAt(const QPoint& at) const;
    QString describe(const Cell& cell) const;
    void paintStrip(QPainter& painter, std::size_t strip) const;
    void paintLabels(QPainter& painter, std::size_t strip) const;

    std::vector<TokenStrip> strips_;
    std::vector<std::vector<int>> lefts_;  ///< left edge of every token and the end, per strip
    double greatest_ = 0, greatestKl_ = 0;
    std::int64_t layer_ = -1;
    QFont mono_;
};

/// A token as a person reads it: spaces and line breaks made visible.
QString shownPiece(const std::string& piece);

}  // namespace driftscope::drift
