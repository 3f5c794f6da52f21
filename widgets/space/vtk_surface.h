#pragma once

#include <vtkNew.h>
#include <vtkSmartPointer.h>
#include <QOpenGLWidget>

class vtkGenericOpenGLRenderWindow;
class vtkRenderer;

namespace driftscope::space {

/// Shows a VTK renderer in a QOpenGLWidget. Debian's own Qt module of VTK is built for Qt 5, hence this bridge: VTK
/// draws into its frame buffer inside our GL context, and the result is copied into the widget's. Make it only where
/// openGlAvailable() says yes: on platforms without GL, QOpenGLWidget crashes.
class VtkSurface : public QOpenGLWidget {
    Q_OBJECT
  public:
    explicit VtkSurface(QWidget* parent = nullptr);
    ~VtkSurface() override;

    vtkRenderer* renderer() const;

    /// True when this platform can make an OpenGL 3.2 context.
    static bool openGlAvailable();

  protected:
    void initializeGL() override;
    void resizeGL(int width, int height) override;
    void paintGL() override;

  private:
    void release();

    vtkNew<vtkGenericOpenGLRenderWindow> window_;
    vtkNew<vtkRenderer> renderer_;
};

}  // namespace driftscope::space
