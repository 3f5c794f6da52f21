#!/bin/sh
# Runs a program on a private X display with software OpenGL (QOpenGLWidget crashes on Qt's offscreen platform).
export QT_QPA_PLATFORM=xcb LIBGL_ALWAYS_SOFTWARE=1
exec xvfb-run --auto-servernum --server-args="-screen 0 1920x1200x24" "$@"
