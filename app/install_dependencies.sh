#!/bin/sh
# Installs the Debian 12 packages Driftscope is built with. As root, or with sudo. Usage: install_dependencies.sh [--tests]
set -eu
build="build-essential cmake ninja-build pkg-config ccache
 qt6-base-dev libqt6opengl6-dev qt6-svg-dev libqcustomplot-dev libgl-dev libgl1-mesa-dri
 libvtk9-dev libopencv-dev libhdf5-dev libtorch-dev libgloo-dev libopenblas0-pthread liblapack-dev
 libblosc-dev libzstd-dev liblz4-dev zlib1g-dev libbz2-dev libexpat1-dev libtiff-dev libsqlite3-dev libxxhash-dev
 libigraph-dev libglpk-dev libplfit-dev libgmp-dev libxml2-dev libarpack2-dev
 libyaml-cpp-dev libhnswlib-dev liblinear-dev libzip-dev libicu-dev libstemmer-dev libexpected-dev libfmt-dev libspdlog-dev nlohmann-json3-dev libcli11-dev libboost-dev
 xvfb xauth fonts-dejavu-core"
tests="libgtest-dev libgmock-dev python3 python3-torch python3-sklearn umap-learn python3-zarr python3-anndata python3-h5py python3-gensim python3-sentencepiece python3-igraph python3-skimage"
packages=$build
[ "${1:-}" = "--tests" ] && packages="$build $tests"
missing=""
for package in $packages; do
  dpkg-query -W -f='${Status}' "$package" 2>/dev/null | grep -q 'install ok installed' || missing="$missing $package"
done
if [ -z "$missing" ]; then
  echo "All $(echo "$packages" | wc -w) packages are installed."
  exit 0
fi
sudo=""
if [ "$(id -u)" -ne 0 ]; then
  command -v sudo >/dev/null || { echo "Run this as root, or install sudo. Missing packages:$missing" >&2; exit 1; }
  sudo=sudo
fi
echo "Installing $(echo "$missing" | wc -w) Debian packages (about 3 GB on disk, 3 to 10 minutes):$missing"
$sudo apt-get update -qq
DEBIAN_FRONTEND=noninteractive $sudo apt-get install -y -qq --no-install-recommends $missing >/dev/null
