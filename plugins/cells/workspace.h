#pragma once

#include <QJsonObject>
#include <QWidget>
#include <memory>
#include <optional>
#include <vector>

#include "plugins/cells/cells_data.h"
#include "plugins/cells/colouring.h"

class QComboBox;
class QLabel;
class QSplitter;
class QStackedWidget;
class QVBoxLayout;

namespace driftscope {
class EditStack;
class EmbeddingView2D;
class EmbeddingView3D;
class IdSet;
class SelectionHub;
}  // namespace driftscope
namespace driftscope::image {
class CropGallery;
class FilmStrip;
struct CropItem;
class TimeLapseCanvas;
class TimeLapseView;
}  // namespace driftscope::image
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
    EditStack& edits;
    Cursor& cursor;
    LabelModel& labels;
    Predictor& predictor;
    Annotator& annotator;
};

/// Image, map, film strip, ribbon and gallery on the same cells, linked in every direction through cursor and selection.
class Workspace : public QWidget {
    Q_OBJECT
  public:
    /// `cacheBytes` bounds the memory of decoded planes.
    Workspace(CellsContext context, std::uint64_t cacheBytes, QWidget* parent = nullptr);
    ~Workspace() override;

    void setData(std::shared_ptr<const CellsData> data);

    /// Forgets the data, so that no view mixes old and new rows while models change.
    void release() { data_.reset(); }

    QString colourMode() const { return colourMode_; }
    void setColourMode(const QString& key);
    void setMap(const QString& name);  ///< obsm name, "X_umap"
    QString map() const { return map_; }
    void setThreeD(bool on);
    bool threeD() const;
    void setShowsPredictions(bool on);  ///< the gallery: off, what to label next; on, predictions, surest first
    bool showsPredictions() const { return showsPredictions_; }

    image::TimeLapseCanvas& canvas() { return *canvas_; }
    /// The map that is shown, 2-D or 3-D, as a picture. Errors name the file.
    Result<void> exportMap(const QString& file, const QString& provenance);
    image::FilmStrip& filmStrip() { return *strip_; }
    image::CropGallery& gallery() { return *gallery_; }
    label::SchemaBar& schemaBar() { return *schemaBar_; }

    /// Mask of the followed cell in the current frame.
    std::optional<std::uint32_t> currentMask() const;

    QJsonObject saveState() const;
    void restoreState(const QJsonObject& state);

  private:
    void buildTop(QVBoxLayout* outer);
    QWidget* buildStrip();
    QWidget* buildGallery();
    void linkCanvas();
    void linkMap();
    void linkStrip();
    void linkGallery();
    void linkModels();

    void showField();
    void adoptContrast();  ///< crops follow the contrast of the image
    void showFrame();
    void showTrack();
    void showStates();
    void showColours();
    void showSelection();
    void showFilter();
    void showHover();
    void showGallery();
    void fillMaps();
    void showCoordinates();
    void fillThreeD();
    void choose(const IdSet& picked, Qt::KeyboardModifiers modifiers);
    void hover(std::optional<std::uint32_t> row);
    std::optional<std::uint32_t> rowOfMask(std::uint32_t id) const;
    std::uint32_t maskOf(std::uint32_t row) const;
    QString describe(std::uint32_t row) const;
    QString stateText(std::uint32_t row) const;
    std::vector<std::uint32_t> galleryRows() const;
    std::vector<std::uint32_t> pickedInGallery() const;
    std::vector<image::CropItem> stripItems() const;

    CellsContext context_;
    std::shared_ptr<const CellsData> data_;
    std::shared_ptr<io::PlaneCache> cache_;
    std::shared_ptr<CropSource> crops_;
    Colouring colouring_;
    QString colourMode_ = QStringLiteral("state");
    QString map_;
    bool showsPredictions_ = false;
    int cropSize_ = 64;
    std::vector<std::uint32_t> galleryRows_;
    std::optional<std::uint32_t> shownField_;

    label::SchemaBar* schemaBar_ = nullptr;
    QComboBox* colourBox_ = nullptr;
    QComboBox* mapBox_ = nullptr;
    QComboBox* fieldBox_ = nullptr;
    QSplitter* views_ = nullptr;
    QSplitter* rows_ = nullptr;
    image::TimeLapseView* imageView_ = nullptr;
    image::TimeLapseCanvas* canvas_ = nullptr;
    QStackedWidget* mapStack_ = nullptr;
    EmbeddingView2D* map2D_ = nullptr;
    QWidget* threeD_ = nullptr;         ///< EmbeddingView3D, or a label that says why there is none
    EmbeddingView3D* map3D_ = nullptr;  ///< null without OpenGL
    image::FilmStrip* strip_ = nullptr;
    label::StateRibbon* ribbon_ = nullptr;
    image::CropGallery* gallery_ = nullptr;
    QLabel* galleryTitle_ = nullptr;
    QLabel* trackTitle_ = nullptr;
};

}  // namespace driftscope::cells
