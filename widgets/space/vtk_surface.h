#pragma once

#include <vtkGenericOpenGLRenderWindow.h>
#include <vtkNew.h>
#include <QImage>
#include <QWidget>
#include <memory>

class QOffscreenSurface;
class QOpenGLContext;
class vtkRenderer;

namespace driftscope::space {

/// Shows a VTK renderer in a plain widget: VTK draws off screen in a GL context of our own, and the pixels are read back
/// and painted. A QOpenGLWidget would make Qt compose the whole window with OpenGL, which on software OpenGL costs more
/// than the scene. (Debian's own Qt module of VTK is built for Qt 5.) Make it only where openGlAvailable() says yes.
class VtkSurface : public QWidget {
    Q_OBJECT
  public:
    explicit VtkSurface(QWidget* parent = nullptr);
    ~VtkSurface() override;

    vtkRenderer* renderer() const;
    /// The scene has changed: draws it with the next paint event. update() alone repaints the last picture.
    void redraw();
    /// The scene as it is, in device pixels.
    const QImage& picture();

    /// Draws at half the resolution and enlarges: on software OpenGL most of a frame goes into filling the picture.
    /// Ignored where a graphics card fills it.
    void setCoarse(bool coarse);
    /// Device pixels of the widget per pixel that is drawn: 1, or 2 while coarse.
    int coarseness() const { return coarseness_; }

    /// True when this platform can make an OpenGL 3.2 context.
    static bool openGlAvailable();

  protected:
    void paintEvent(QPaintEvent* event) override;
    void resizeEvent(QResizeEvent* event) override;

  private:
    bool initialise();
    void readBack();

    std::unique_ptr<QOffscreenSurface> surface_;
    std::unique_ptr<QOpenGLContext> context_;
    vtkNew<vtkGenericOpenGLRenderWindow> window_;
    vtkNew<vtkRenderer> renderer_;
    QImage picture_;
    bool stale_ = true;
    bool software_ = false;  ///< known once GL is initialised
    int coarseness_ = 1;
};

}  // namespace driftscope::space
