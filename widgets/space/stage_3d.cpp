#include "widgets/space/stage_3d.h"

#include <vtkActor.h>
#include <vtkBillboardTextActor3D.h>
#include <vtkBoundingBox.h>
#include <vtkCamera.h>
#include <vtkCellArray.h>
#include <vtkIdTypeArray.h>
#include <vtkMatrix4x4.h>
#include <vtkNew.h>
#include <vtkOutlineSource.h>
#include <vtkPointData.h>
#include <vtkPoints.h>
#include <vtkPolyData.h>
#include <vtkPolyDataMapper.h>
#include <vtkProperty.h>
#include <vtkRenderer.h>
#include <vtkTextProperty.h>
#include <vtkUnsignedCharArray.h>

#include <algorithm>
#include <cmath>

#include "widgets/style/palette.h"

namespace driftscope::space {

namespace {

/// One cell with all these points: VTK then draws them in one call.
void setVertices(vtkPolyData* data, const std::vector<std::uint32_t>& ids) {
    vtkNew<vtkIdTypeArray> offsets, connectivity;
    offsets->InsertNextValue(0);
    if (!ids.empty()) {
        connectivity->SetNumberOfValues(static_cast<vtkIdType>(ids.size()));
        std::copy(ids.begin(), ids.end(), connectivity->GetPointer(0));
        offsets->InsertNextValue(static_cast<vtkIdType>(ids.size()));
    }
    vtkNew<vtkCellArray> cells;
    cells->SetData(offsets, connectivity);
    data->SetVerts(cells);
    data->Modified();
}

/// A fixed, well mixed order for samples.
std::uint32_t mixed(std::uint32_t id) {
    return static_cast<std::uint32_t>((id * 0x9E3779B97F4A7C15ULL) >> 40);
}

}  // namespace

struct Stage3D::Parts {
    struct Layer {
        vtkNew<vtkPolyData> data;
        vtkNew<vtkPolyDataMapper> mapper;
        vtkNew<vtkActor> actor;

        void addTo(vtkRenderer* renderer, double pointSize) {
            mapper->SetInputData(data);
            mapper->SetColorModeToDirectScalars();
            mapper->SetScalarModeToUsePointData();
            actor->SetMapper(mapper);
            actor->GetProperty()->LightingOff();  // points and lines have no surface; unlit shaders are cheaper too
            actor->GetProperty()->SetPointSize(static_cast<float>(pointSize));
            renderer->AddActor(actor);
        }
    };

    vtkRenderer* renderer;
    vtkNew<vtkPoints> points;
    vtkNew<vtkUnsignedCharArray> colours;
    Layer all, sample, selected, emphasised, hover, tracks, trackSample, box;
    vtkNew<vtkOutlineSource> outline;
    std::array<vtkNew<vtkBillboardTextActor3D>, 3> names;
};

Stage3D::Stage3D(vtkRenderer* renderer) : parts_(std::make_unique<Parts>()) {
    Parts& p = *parts_;
    p.renderer = renderer;
    p.points->SetDataTypeToFloat();
    p.colours->SetNumberOfComponents(3);
    p.tracks.addTo(renderer, 1);
    p.trackSample.addTo(renderer, 1);
    p.trackSample.actor->VisibilityOff();
    for (Parts::Layer* layer : {&p.all, &p.sample, &p.selected, &p.emphasised, &p.hover}) {
        layer->data->SetPoints(p.points);
        layer->data->GetPointData()->SetScalars(p.colours);
        layer->addTo(renderer, 2);
    }
    p.sample.actor->VisibilityOff();
    p.hover.mapper->ScalarVisibilityOff();
    p.box.addTo(renderer, 1);
    p.box.mapper->SetInputConnection(p.outline->GetOutputPort());
    p.box.mapper->ScalarVisibilityOff();
    for (auto& name : p.names) renderer->AddActor(name);
}

Stage3D::~Stage3D() = default;

bool Stage3D::isDrawable(std::uint32_t id) const {
    constexpr float kLimit = 1e18F;
    return std::abs(x_[id]) < kLimit && std::abs(y_[id]) < kLimit && std::abs(z_[id]) < kLimit;
}

void Stage3D::setPoints(std::vector<float> x, std::vector<float> y, std::vector<float> z) {
    const std::size_t count = std::min({x.size(), y.size(), z.size()});
    x_ = std::move(x);
    y_ = std::move(y);
    z_ = std::move(z);
    x_.resize(count);
    y_.resize(count);
    z_.resize(count);
    skipped_ = 0;
    vtkBoundingBox bounds;
    Parts& p = *parts_;
    p.points->SetNumberOfPoints(static_cast<vtkIdType>(count));
    for (std::uint32_t id = 0; id < count; ++id) {
        const bool drawable = isDrawable(id);
        skipped_ += drawable ? 0 : 1;
        if (drawable) bounds.AddPoint(x_[id], y_[id], z_[id]);
        p.points->SetPoint(id, drawable ? x_[id] : 0, drawable ? y_[id] : 0, drawable ? z_[id] : 0);
    }
    p.points->Modified();
    setColours(std::vector<QRgb>(count, 0xFF808080U));
    if (bounds.IsValid()) {
        bounds.ScaleAboutCenter(1.04);
        double box[6];
        bounds.GetBounds(box);
        p.outline->SetBounds(box);
        const double* low = bounds.GetMinPoint();
        const double* high = bounds.GetMaxPoint();
        p.names[0]->SetPosition((low[0] + high[0]) / 2, low[1], low[2]);
        p.names[1]->SetPosition(low[0], (low[1] + high[1]) / 2, low[2]);
        p.names[2]->SetPosition(low[0], low[1], (low[2] + high[2]) / 2);
    }
    setTracks({}, Qt::black, Qt::white);
    setLayers(std::vector<bool>(count, true), {}, {});
}

void Stage3D::setColours(std::span<const QRgb> colours) {
    Parts& p = *parts_;
    p.colours->SetNumberOfTuples(static_cast<vtkIdType>(size()));
    unsigned char* out = p.colours->GetPointer(0);
    for (std::size_t id = 0; id < std::min(size(), colours.size()); ++id) {
        *out++ = static_cast<unsigned char>(qRed(colours[id]));
        *out++ = static_cast<unsigned char>(qGreen(colours[id]));
        *out++ = static_cast<unsigned char>(qBlue(colours[id]));
    }
    p.colours->Modified();
}

void Stage3D::setLayers(const std::vector<bool>& visible, const IdSet& selected, const IdSet& emphasised) {
    visible_ = visible;
    std::vector<std::uint32_t> all, sample;
    const auto wanted = static_cast<std::uint64_t>(kMovingPoints) * (1U << 24) / std::max<std::size_t>(1, size());
    for (std::uint32_t id = 0; id < size(); ++id) {
        visible_[id] = visible_[id] && isDrawable(id);
        if (!visible_[id]) continue;
        all.push_back(id);
        if (mixed(id) < wanted) sample.push_back(id);
    }
    const auto shown = [this](const IdSet& ids) {
        std::vector<std::uint32_t> list;
        for (std::uint32_t id : ids.ids())
            if (id < size() && visible_[id]) list.push_back(id);
        return list;
    };
    setVertices(parts_->all.data, all);
    setVertices(parts_->sample.data, sample);
    setVertices(parts_->selected.data, shown(selected));
    setVertices(parts_->emphasised.data, shown(emphasised));
}

void Stage3D::setHover(std::optional<std::uint32_t> id, const QColor& ring) {
    std::vector<std::uint32_t> ids;
    if (id && *id < size() && isDrawable(*id)) ids.push_back(*id);
    setVertices(parts_->hover.data, ids);
    parts_->hover.actor->GetProperty()->SetColor(ring.redF(), ring.greenF(), ring.blueF());
}

void Stage3D::setTracks(const std::vector<std::vector<std::uint32_t>>& tracks, const QColor& ink,
                        const QColor& ground) {
    std::array<std::array<unsigned char, 3>, 64> ages;
    for (std::size_t age = 0; age < ages.size(); ++age) {
        const QColor colour = style::mix(ground, ink, 0.2 + 0.8 * static_cast<double>(age) / (ages.size() - 1));
        ages[age] = {static_cast<unsigned char>(colour.red()), static_cast<unsigned char>(colour.green()),
                     static_cast<unsigned char>(colour.blue())};
    }
    vtkNew<vtkPoints> points;
    points->SetDataTypeToFloat();
    vtkNew<vtkUnsignedCharArray> colours;
    colours->SetNumberOfComponents(3);
    vtkNew<vtkCellArray> lines, sample;
    vertices_ = 0;
    for (const auto& track : tracks) vertices_ += track.size();
    const auto wanted = static_cast<std::uint64_t>(kMovingVertices) * (1U << 24) / std::max<std::size_t>(1, vertices_);
    std::vector<vtkIdType> run;
    for (std::size_t t = 0; t < tracks.size(); ++t) {
        const auto& track = tracks[t];
        const auto flush = [&] {
            if (run.size() > 1) lines->InsertNextCell(static_cast<vtkIdType>(run.size()), run.data());
            if (run.size() > 1 && mixed(static_cast<std::uint32_t>(t)) < wanted)
                sample->InsertNextCell(static_cast<vtkIdType>(run.size()), run.data());
            run.clear();
        };
        for (std::size_t i = 0; i < track.size(); ++i) {
            const std::uint32_t id = track[i];
            if (id >= size() || !isDrawable(id)) {
                flush();  // a gap breaks the line
                continue;
            }
            run.push_back(points->InsertNextPoint(x_[id], y_[id], z_[id]));
            const std::size_t age = track.size() > 1 ? i * (ages.size() - 1) / (track.size() - 1) : ages.size() - 1;
            colours->InsertNextTypedTuple(ages[age].data());
        }
        flush();
    }
    const auto show = [&](Parts::Layer& layer, vtkCellArray* cells) {
        layer.data->SetPoints(points);
        layer.data->SetLines(cells);
        layer.data->GetPointData()->SetScalars(colours);
        layer.data->Modified();
    };
    show(parts_->tracks, lines);
    show(parts_->trackSample, sample);
    setMoving(moving_);
}

void Stage3D::setLook(const QColor& ground, const QColor& ink, const std::array<QString, 3>& axisNames,
                      double pixelRatio) {
    Parts& p = *parts_;
    p.renderer->SetBackground(ground.redF(), ground.greenF(), ground.blueF());
    const QColor box = style::mix(ground, ink, 0.22), text = style::mix(ground, ink, 0.75);
    p.box.actor->GetProperty()->SetColor(box.redF(), box.greenF(), box.blueF());
    for (std::size_t axis = 0; axis < 3; ++axis) {
        p.names[axis]->SetInput(axisNames[axis].toUtf8().constData());
        vtkTextProperty* property = p.names[axis]->GetTextProperty();
        property->SetColor(text.redF(), text.greenF(), text.blueF());
        property->SetJustificationToCentered();
        property->SetVerticalJustificationToTop();
    }
    // Round points where the sizes allow it to be seen.
    for (Parts::Layer* layer : {&p.all, &p.selected, &p.emphasised, &p.hover})
        layer->actor->GetProperty()->SetRenderPointsAsSpheres(size() <= kMovingPoints);
    setPixelRatio(pixelRatio);
}

void Stage3D::setPixelRatio(double pixelRatio) {
    Parts& p = *parts_;
    for (auto& name : p.names) name->GetTextProperty()->SetFontSize(std::max(1, static_cast<int>(13 * pixelRatio)));
    // Fewer points can afford to be larger.
    const double base =
        std::clamp(900.0 / std::sqrt(static_cast<double>(std::max<std::size_t>(1, size()))), 1.0, 6.0) * pixelRatio;
    const auto setSize = [](Parts::Layer& layer, double pixels) {
        layer.actor->GetProperty()->SetPointSize(static_cast<float>(pixels));
    };
    setSize(p.all, base);
    setSize(p.sample, base * (size() > kMovingPoints ? 1.5 : 1.0));
    setSize(p.selected, base + 2 * pixelRatio);
    setSize(p.emphasised, base + 4 * pixelRatio);
    setSize(p.hover, base + 7 * pixelRatio);
    for (Parts::Layer* layer : {&p.tracks, &p.trackSample})
        layer->actor->GetProperty()->SetLineWidth(static_cast<float>(1.4 * pixelRatio));
}

void Stage3D::setMoving(bool moving) {
    moving_ = moving;
    const bool sampled = moving && size() > kMovingPoints;
    parts_->all.actor->SetVisibility(!sampled);
    parts_->sample.actor->SetVisibility(sampled);
    const bool sampledTracks = moving && vertices_ > kMovingVertices;
    parts_->tracks.actor->SetVisibility(!sampledTracks);
    parts_->trackSample.actor->SetVisibility(sampledTracks);
}

void Stage3D::fit() {
    double bounds[6];
    parts_->outline->GetBounds(bounds);
    vtkCamera* camera = parts_->renderer->GetActiveCamera();
    camera->SetFocalPoint((bounds[0] + bounds[1]) / 2, (bounds[2] + bounds[3]) / 2, (bounds[4] + bounds[5]) / 2);
    const double* focus = camera->GetFocalPoint();
    camera->SetPosition(focus[0] + 0.9, focus[1] - 1.6, focus[2] + 0.8);
    camera->SetViewUp(0, 0, 1);
    parts_->renderer->ResetCamera(bounds);
    camera->Dolly(1.08);
    parts_->renderer->ResetCameraClippingRange();
}

void Stage3D::orbit(double degreesRight, double degreesUp) {
    vtkCamera* camera = parts_->renderer->GetActiveCamera();
    camera->Azimuth(-degreesRight);
    camera->Elevation(degreesUp);
    camera->OrthogonalizeViewUp();
    parts_->renderer->ResetCameraClippingRange();
}

void Stage3D::zoom(double factor) {
    parts_->renderer->GetActiveCamera()->Dolly(factor);
    parts_->renderer->ResetCameraClippingRange();
}

void Stage3D::pan(const QPointF& pixels, const QSize& size) {
    vtkCamera* camera = parts_->renderer->GetActiveCamera();
    const double perPixel =
        2 * camera->GetDistance() * std::tan(camera->GetViewAngle() * M_PI / 360) / std::max(1, size.height());
    double up[3], right[3], forward[3], focus[3], position[3];
    camera->GetViewUp(up);
    camera->GetDirectionOfProjection(forward);
    for (int i = 0; i < 3; ++i)
        right[i] = forward[(i + 1) % 3] * up[(i + 2) % 3] - forward[(i + 2) % 3] * up[(i + 1) % 3];
    camera->GetFocalPoint(focus);
    camera->GetPosition(position);
    for (int i = 0; i < 3; ++i) {
        const double shift = (-pixels.x() * right[i] + pixels.y() * up[i]) * perPixel;
        focus[i] += shift;
        position[i] += shift;
    }
    camera->SetFocalPoint(focus);
    camera->SetPosition(position);
    parts_->renderer->ResetCameraClippingRange();
}

std::array<float, 16> Stage3D::clipMatrix(const QSize& size) const {
    const double aspect = static_cast<double>(size.width()) / std::max(1, size.height());
    vtkMatrix4x4* matrix = parts_->renderer->GetActiveCamera()->GetCompositeProjectionTransformMatrix(aspect, -1, 1);
    std::array<float, 16> flat;
    for (int i = 0; i < 16; ++i)
        flat[static_cast<std::size_t>(i)] = static_cast<float>(matrix->GetElement(i / 4, i % 4));
    return flat;
}

std::optional<Stage3D::OnScreen> Stage3D::project(std::uint32_t id, const QSize& size) const {
    if (id >= x_.size() || !isDrawable(id)) return {};
    const auto m = clipMatrix(size);
    const auto row = [&](std::size_t r) {
        return m[4 * r] * x_[id] + m[4 * r + 1] * y_[id] + m[4 * r + 2] * z_[id] + m[4 * r + 3];
    };
    const float w = row(3);
    if (w <= 0) return {};
    return OnScreen{{(row(0) / w + 1) / 2 * size.width(), (1 - row(1) / w) / 2 * size.height()}, row(2) / w};
}

std::optional<std::uint32_t> Stage3D::pick(const QPointF& pixel, double reach, const QSize& size) const {
    const auto m = clipMatrix(size);
    const auto halfWidth = static_cast<float>(size.width()) / 2, halfHeight = static_cast<float>(size.height()) / 2;
    const auto targetX = static_cast<float>(pixel.x()) - halfWidth,
               targetY = halfHeight - static_cast<float>(pixel.y());
    const auto reachSquared = static_cast<float>(reach * reach);
    std::optional<std::uint32_t> best;
    float bestScore = 2;
    for (std::uint32_t id = 0; id < x_.size(); ++id) {
        const float w = m[12] * x_[id] + m[13] * y_[id] + m[14] * z_[id] + m[15];
        const float dx = (m[0] * x_[id] + m[1] * y_[id] + m[2] * z_[id] + m[3]) * halfWidth - targetX * w;
        const float dy = (m[4] * x_[id] + m[5] * y_[id] + m[6] * z_[id] + m[7]) * halfHeight - targetY * w;
        // Compared before dividing by w; NaN fails.
        if (!(w > 0 && dx * dx + dy * dy <= reachSquared * w * w) || !visible_[id]) continue;
        const float distance = std::sqrt(dx * dx + dy * dy) / w / static_cast<float>(reach);
        const float depth = (m[8] * x_[id] + m[9] * y_[id] + m[10] * z_[id] + m[11]) / w;
        const float score = distance + 0.5F * (depth + 1);
        if (score >= bestScore) continue;
        bestScore = score;
        best = id;
    }
    return best;
}

IdSet Stage3D::inside(const QPolygonF& polygon, const QSize& size) const {
    const QRectF bounds = polygon.boundingRect();
    std::vector<std::uint32_t> ids;
    for (std::uint32_t id = 0; id < x_.size(); ++id) {
        if (!visible_[id]) continue;
        const auto on = project(id, size);
        if (on && bounds.contains(on->at) && polygon.containsPoint(on->at, Qt::WindingFill)) ids.push_back(id);
    }
    return IdSet(std::move(ids));
}

}  // namespace driftscope::space
