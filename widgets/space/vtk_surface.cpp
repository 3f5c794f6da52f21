#include "widgets/space/vtk_surface.h"

#include <vtkGenericOpenGLRenderWindow.h>
#include <vtkOpenGLFramebufferObject.h>
#include <vtkRenderer.h>
#include <QGuiApplication>
#include <QOffscreenSurface>
#include <QOpenGLContext>
#include <QOpenGLExtraFunctions>
#include <QOpenGLFramebufferObject>

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

VtkSurface::VtkSurface(QWidget* parent) : QOpenGLWidget(parent) {
    setFormat(vtkFormat());
    window_->SetOwnContext(0);
    window_->SetFrameBlitModeToNoBlit();
    window_->SetMultiSamples(0);
    window_->AddRenderer(renderer_);
}

VtkSurface::~VtkSurface() {
    if (context() == nullptr) return;
    disconnect(context(), nullptr, this, nullptr);  // it dies after our members, in the base class
    makeCurrent();
    release();
    doneCurrent();
}

void VtkSurface::release() {
    window_->SetIsCurrent(true);
    window_->Finalize();
}

vtkRenderer* VtkSurface::renderer() const {
    return renderer_;
}

void VtkSurface::initializeGL() {
    connect(
        context(), &QOpenGLContext::aboutToBeDestroyed, this,
        [this] {
            makeCurrent();
            release();
            doneCurrent();
        },
        Qt::DirectConnection);
    window_->SetReadyForRendering(true);
    window_->SetIsCurrent(true);
    window_->InitializeFromCurrentContext();
}

void VtkSurface::resizeGL(int width, int height) {
    const double ratio = devicePixelRatioF();
    window_->SetSize(static_cast<int>(width * ratio), static_cast<int>(height * ratio));
}

void VtkSurface::paintGL() {
    const int* size = window_->GetSize();
    window_->SetIsCurrent(true);
    window_->Render();
    auto* gl = context()->extraFunctions();
    window_->GetDisplayFramebuffer()->Bind(GL_READ_FRAMEBUFFER);
    gl->glBindFramebuffer(GL_DRAW_FRAMEBUFFER, defaultFramebufferObject());
    gl->glDisable(GL_SCISSOR_TEST);
    gl->glBlitFramebuffer(0, 0, size[0], size[1], 0, 0, size[0], size[1], GL_COLOR_BUFFER_BIT, GL_NEAREST);
    gl->glBindFramebuffer(GL_FRAMEBUFFER, defaultFramebufferObject());
    // VTK leaves its background transparent; Qt would let the window shine through.
    gl->glColorMask(GL_FALSE, GL_FALSE, GL_FALSE, GL_TRUE);
    gl->glClearColor(0, 0, 0, 1);
    gl->glClear(GL_COLOR_BUFFER_BIT);
    gl->glColorMask(GL_TRUE, GL_TRUE, GL_TRUE, GL_TRUE);
}

}  // namespace driftscope::space
