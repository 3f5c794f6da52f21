# Every third-party package, looked up once. Debian 12 names are in app/install_dependencies.sh.
find_program(CCACHE_PROGRAM ccache)
if(CCACHE_PROGRAM)
  set(CMAKE_CXX_COMPILER_LAUNCHER ${CCACHE_PROGRAM})
endif()

find_package(Threads REQUIRED)
find_package(fmt REQUIRED)
find_package(spdlog REQUIRED)
find_package(nlohmann_json 3.11 REQUIRED)
find_package(tl-expected REQUIRED)
find_package(CLI11 REQUIRED)
find_package(PkgConfig REQUIRED)
pkg_check_modules(XXHASH REQUIRED IMPORTED_TARGET libxxhash)
pkg_check_modules(BLOSC REQUIRED IMPORTED_TARGET blosc)
pkg_check_modules(ZSTD REQUIRED IMPORTED_TARGET libzstd)
pkg_check_modules(LZ4 REQUIRED IMPORTED_TARGET liblz4)
find_package(ICU REQUIRED COMPONENTS uc i18n)
pkg_check_modules(ZIP REQUIRED IMPORTED_TARGET libzip)
find_package(ZLIB REQUIRED)
find_package(BZip2 REQUIRED)
find_package(EXPAT REQUIRED)
find_package(yaml-cpp REQUIRED)
find_package(TIFF REQUIRED)
find_package(SQLite3 REQUIRED)
find_package(HDF5 REQUIRED COMPONENTS C)
# Word stems of the topics domain.
find_path(STEMMER_INCLUDE_DIR libstemmer.h REQUIRED)
find_library(STEMMER_LIBRARY stemmer REQUIRED)
# Whatever provides BLAS at run time: app/install_dependencies.sh brings OpenBLAS.
find_package(LAPACK REQUIRED)
# highgui links Qt 5: only these three modules may be named.
find_package(igraph 0.10 REQUIRED)  # Leiden communities
find_package(Boost 1.74 REQUIRED)  # headers only: Boost.Math
find_package(OpenCV 4 REQUIRED COMPONENTS core imgproc imgcodecs)
find_package(Torch REQUIRED)
find_package(Qt6 6.4 REQUIRED COMPONENTS Core Gui Widgets OpenGL Svg PrintSupport Test)
find_package(QCustomPlotQt6 REQUIRED)
# GUISupportQt links Qt 5: the bridge to Qt 6 is ours (widgets/space).
find_package(VTK 9.1 REQUIRED COMPONENTS CommonCore CommonDataModel CommonColor FiltersCore FiltersSources
  InteractionStyle RenderingCore RenderingOpenGL2 RenderingFreeType RenderingAnnotation IOImage)
