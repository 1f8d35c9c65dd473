#!/bin/sh
# install.sh PACKAGE... - sees to it that packages of the distribution are installed.
# Installs what is missing if this is a Debian-like system and the user may; otherwise says what to install.
set -eu

present() {
  case $1 in
    clang) command -v clang >/dev/null 2>&1 || command -v "${WEFT_CC:-${CC:-gcc}}" >/dev/null 2>&1 ;;
    python3-pip) python3 -m pip --version >/dev/null 2>&1 ;;
    musl-tools) command -v musl-gcc >/dev/null 2>&1 ;;
    gcc-aarch64-linux-gnu) command -v aarch64-linux-gnu-gcc >/dev/null 2>&1 ;;
    libc6-dev-arm64-cross) [ -e /usr/aarch64-linux-gnu/include/stdio.h ] ;;
    qemu-user) command -v qemu-aarch64 >/dev/null 2>&1 ;;
    lld) command -v wasm-ld >/dev/null 2>&1 ;;
    nodejs) command -v node >/dev/null 2>&1 ;;
    wasi-libc) [ -d /usr/include/wasm32-wasi ] ;;
    libclang-rt-dev-wasm32) ls /usr/lib/llvm-*/lib/clang/*/lib/wasi >/dev/null 2>&1 ;;
    libopenblas-dev) echo '#include <cblas.h>' | "${WEFT_CC:-clang}" -E - >/dev/null 2>&1 ;;
    *) command -v "$1" >/dev/null 2>&1 ;;
  esac
}

missing=
for package in "$@"; do present "$package" || missing="$missing $package"; done
[ -n "$missing" ] || exit 0

by_hand() {
  echo "Please install:$missing" >&2
  echo "On Debian and Ubuntu: apt-get install$missing" >&2
  echo "On macOS: xcode-select --install; brew install clang-format cmake openblas" >&2
  exit 69
}

command -v apt-get >/dev/null 2>&1 || by_hand
if [ "$(id -u)" = 0 ]; then
  as_root=
elif command -v sudo >/dev/null 2>&1 && sudo -n true 2>/dev/null; then
  as_root=sudo
else
  by_hand
fi
echo "installing$missing"
$as_root apt-get update -q
# Word splitting is wanted: one argument a package.
# shellcheck disable=SC2086
DEBIAN_FRONTEND=noninteractive $as_root apt-get install -y -q --no-install-recommends $missing
for package in "$@"; do present "$package" || by_hand; done
