#pragma once

#include <QJsonObject>
#include <QWidget>
#include <memory>
#include <optional>
#include <unordered_map>

#include "plugins/cells/cells_data.h"
#include "plugins/cells/colouring.h"

class QComboBox;
class QLabel;
class QSplitter;
class QStackedWidget;
class QVBoxLayout;

namespace driftscope {
class SelectionHub;
}
namespace driftscope::image {
class ChannelControls;
class CropGallery;
class FilmStrip;
class TimeLapseCanvas;
}  // namespace driftscope::image
namespace driftscope::space {
class EmbeddingView2D;
class EmbeddingView3D;
}  // namespace driftscope::space
namespace driftscope::label {
class SchemaBar;
class StateRibbon;
}  // namespace driftscope::label
namespace driftscope::io {
class PlaneCache;
}

namespace driftscope::cells {

class Annotator;
class CropSource;
class Cursor;
class LabelModel;
class Predictor;

/// What the views of one panel work on; owned by the panel.
struct CellsContext {
    SelectionHub& selection;
    Cursor& cursor;
    LabelModel& labels;
    Predictor& predictor;
    Annotator& annotator;
};

/// Image, map, film strip, ribbon and queue on the same cells, linked in every direction through cursor and selection.
class Workspace : public QWidget {
    Q_OBJECT
  public:
    explicit Workspace(CellsContext context, QWidget* parent = nullptr);
    ~Workspace() override;

    void setData(std::shared_ptr<const CellsData> data);
    void setCacheBytes(std::size_t bytes);

    QString colourMode() const { return colourMode_; }
    void setColourMode(const QString& key);
    void setMap(const QString& name);  ///< obsm name, "X_umap"
    QString map() const { return map_; }
    void setThreeD(bool on);
    bool threeD() const;
    void setGalleryOfPredictions(bool on);  ///< off: what to label next; on: predictions, surest first
    bool galleryOfPredictions() const { return galleryOfPredictions_; }

    image::TimeLapseCanvas& canvas() { return *canvas_; }
    space::EmbeddingView2D& map2D() { return *map2D_; }
    image::FilmStrip& filmStrip() { return *strip_; }
    image::CropGallery& gallery() { return *gallery_; }
    label::SchemaBar& schemaBar() { return *schemaBar_; }

    QJsonObject saveState() const;
    void restoreState(const QJsonObject& state);

  Q_SIGNALS:
    void editSchemas();

  private:
    void buildTop(QVBoxLayout* outer);
    void buildViews();
    void buildStrip();
    void linkCanvas();
    void linkMap();
    void linkStrip();
    void linkGallery();
    void linkModels();

    void showField();
    void showFrame();
    void showTrack();
    void showColours();
    void showCanvasColours();
    void showSelection();
    void showHover();
    void showQueue();
    void showProgress();
    void fillMaps();
    void showCoordinates();
    void chooseRows(const IdSet& rows, Qt::KeyboardModifiers modifiers);
    void hoverRow(std::optional<std::uint32_t> row);
    std::optional<std::uint32_t> rowOfMask(std::uint32_t id) const;

    CellsContext context_;
    std::shared_ptr<const CellsData> data_;
    std::shared_ptr<io::PlaneCache> cache_;
    std::unique_ptr<CropSource> crops_;
    Colouring colouring_;
    QString colourMode_ = QStringLiteral("state");
    QString map_;
    bool galleryOfPredictions_ = false;
    std::vector<std::uint32_t> galleryRows_;
    std::uint32_t shownField_ = ~0u;
    std::optional<std::uint32_t> hovered_;

    label::SchemaBar* schemaBar_ = nullptr;
    QComboBox* colourBox_ = nullptr;
    QComboBox* mapBox_ = nullptr;
    QComboBox* fieldBox_ = nullptr;
    QSplitter* views_ = nullptr;
    QSplitter* rows_ = nullptr;
    image::TimeLapseCanvas* canvas_ = nullptr;
    image::ChannelControls* channels_ = nullptr;
    QStackedWidget* mapStack_ = nullptr;
    space::EmbeddingView2D* map2D_ = nullptr;
    space::EmbeddingView3D* map3D_ = nullptr;
    image::FilmStrip* strip_ = nullptr;
    label::StateRibbon* ribbon_ = nullptr;
    image::CropGallery* gallery_ = nullptr;
    QLabel* galleryTitle_ = nullptr;
    QLabel* progress_ = nullptr;
    QLabel* trackTitle_ = nullptr;
};

}  // namespace driftscope::cells
