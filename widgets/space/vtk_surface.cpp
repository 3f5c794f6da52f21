#include "widgets/space/vtk_surface.h"

#include <vtkOpenGLFramebufferObject.h>
#include <vtkRenderer.h>
#include <QGuiApplication>
#include <QOffscreenSurface>
#include <QOpenGLContext>
#include <QOpenGLExtraFunctions>
#include <QPainter>
#include <algorithm>

namespace driftscope::space {

namespace {

QSurfaceFormat vtkFormat() {
    QSurfaceFormat format;
    format.setVersion(3, 2);
    format.setProfile(QSurfaceFormat::CoreProfile);
    format.setDepthBufferSize(24);
    format.setSamples(0);  // multisampling is what software GL cannot afford
    return format;
}

}  // namespace

bool VtkSurface::openGlAvailable() {
    const QString platform = QGuiApplication::platformName();
    if (platform != QStringLiteral("xcb") && !platform.startsWith(QStringLiteral("wayland")) &&
        platform != QStringLiteral("eglfs"))
        return false;
    QOpenGLContext context;
    context.setFormat(vtkFormat());
    if (!context.create()) return false;
    QOffscreenSurface surface;
    surface.setFormat(context.format());
    surface.create();
    const auto version = context.format().version();
    return surface.isValid() && context.makeCurrent(&surface) && version >= qMakePair(3, 2);
}

VtkSurface::VtkSurface(QWidget* parent) : QWidget(parent) {
    setObjectName(QStringLiteral("scene"));
    setAttribute(Qt::WA_OpaquePaintEvent);
    window_->SetOwnContext(0);
    window_->SetFrameBlitModeToNoBlit();
    window_->SetMultiSamples(0);
    window_->AddRenderer(renderer_);
}

VtkSurface::~VtkSurface() {
    if (!context_ || !context_->makeCurrent(surface_.get())) return;
    window_->SetIsCurrent(true);
    window_->Finalize();
    context_->doneCurrent();
}

vtkRenderer* VtkSurface::renderer() const {
    return renderer_;
}

void VtkSurface::redraw() {
    stale_ = true;
    update();
}

/// On the first picture, so that a view that is never shown costs nothing.
bool VtkSurface::initialise() {
    if (!context_) {
        context_ = std::make_unique<QOpenGLContext>();
        context_->setFormat(vtkFormat());
        if (!context_->create()) return false;
        surface_ = std::make_unique<QOffscreenSurface>();
        surface_->setFormat(context_->format());
        surface_->create();
        if (!context_->makeCurrent(surface_.get())) return false;
        window_->SetReadyForRendering(true);
        window_->SetIsCurrent(true);
        window_->InitializeFromCurrentContext();
        const auto* name = reinterpret_cast<const char*>(context_->functions()->glGetString(GL_RENDERER));
        const QByteArray maker = QByteArray(name != nullptr ? name : "").toLower();
        software_ = maker.contains("llvmpipe") || maker.contains("softpipe") || maker.contains("software");
    }
    return context_->makeCurrent(surface_.get());
}

void VtkSurface::setCoarse(bool coarse) {
    const int wanted = coarse && software_ ? 2 : 1;
    if (wanted == coarseness_) return;
    coarseness_ = wanted;
    redraw();
}

const QImage& VtkSurface::picture() {
    const QSize full = (QSizeF(size()) * devicePixelRatioF()).toSize();
    if (!stale_ || full.isEmpty() || !initialise()) return picture_;
    window_->SetSize(std::max(1, full.width() / coarseness_), std::max(1, full.height() / coarseness_));
    window_->SetIsCurrent(true);
    window_->Render();
    readBack();
    stale_ = false;
    return picture_;
}

void VtkSurface::readBack() {
    const int* size = window_->GetSize();
    if (picture_.size() != QSize(size[0], size[1])) picture_ = QImage(size[0], size[1], QImage::Format_RGB32);
    auto* gl = context_->extraFunctions();
    window_->GetDisplayFramebuffer()->Bind(GL_READ_FRAMEBUFFER);
    constexpr GLenum kBgra = 0x80E1;  // QImage's order on little-endian machines; not in the headers of OpenGL ES
    gl->glPixelStorei(GL_PACK_ALIGNMENT, 4);
    gl->glReadPixels(0, 0, size[0], size[1], kBgra, GL_UNSIGNED_BYTE, picture_.bits());
    // OpenGL's rows go up. VTK leaves its background transparent, which this format does not look at.
    picture_ = std::move(picture_).mirrored();
}

void VtkSurface::paintEvent(QPaintEvent*) {
    QPainter painter(this);
    const QImage& scene = picture();
    if (scene.isNull()) return painter.fillRect(rect(), palette().color(QPalette::Base));
    painter.setCompositionMode(QPainter::CompositionMode_Source);  // opaque: a copy, not a blend
    painter.drawImage(rect(), scene);
}

void VtkSurface::resizeEvent(QResizeEvent*) {
    redraw();
}

}  // namespace driftscope::space
