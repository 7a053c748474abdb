#!/bin/sh
# Installs what is missing for `make run` (setup.sh run) or `make test` (setup.sh test) on Debian 12 and Ubuntu 22.04 or later.
# Uses sudo only when not root and only when something is missing.
set -eu

purpose=${1:-run}
top=$(cd "$(dirname "$0")/.." && pwd)

build="cmake gcc g++ make pkg-config libclang-dev"
window="libx11-6 libx11-xcb1 libxcursor1 libxi6 libxkbcommon-x11-0 mesa-vulkan-drivers"
test="xvfb openbox xdotool imagemagick cyclonedds-dev cyclonedds-tools libfastrtps-dev iproute2 util-linux python3-venv"

case $purpose in
    run) packages="$build $window" ;;
    test) packages="$build $window $test" ;;
    *)
        echo "setup.sh: say run or test" >&2
        exit 2
        ;;
esac

if ! command -v cargo >/dev/null 2>&1; then
    echo "Rust is missing. Install 1.95 or later from https://rustup.rs, then run this again." >&2
    exit 1
fi

have() { [ "$(dpkg-query -W -f='${db:Status-Status}' "$1" 2>/dev/null)" = installed ]; }

missing=
if command -v dpkg-query >/dev/null 2>&1; then
    for package in $packages; do have "$package" || missing="$missing $package"; done
else
    echo "This system has no dpkg: install by its own means what Debian calls: $packages" >&2
fi

if [ -n "$missing" ]; then
    as_root=
    if [ "$(id -u)" -ne 0 ]; then
        if ! command -v sudo >/dev/null 2>&1; then
            echo "Missing:$missing. Neither root nor sudo is at hand: ask an administrator to run apt-get install$missing" >&2
            exit 1
        fi
        as_root=sudo
    fi
    echo "Installing:$missing" >&2
    $as_root apt-get update -qq
    $as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $missing >/dev/null
fi

if [ "$purpose" = test ]; then
    wanted=$(sha256sum "$top/tests/requirements.txt" | cut -d' ' -f1)
    if [ "$(cat "$top/.venv/.requirements" 2>/dev/null || true)" != "$wanted" ]; then
        echo "Installing the Python readers and peers into .venv" >&2
        python3 -m venv --clear "$top/.venv"
        "$top/.venv/bin/pip" install -q --disable-pip-version-check -r "$top/tests/requirements.txt"
        echo "$wanted" >"$top/.venv/.requirements"
    fi
    make -s -C "$top/tests/peers" OUT="$top/target/peers"
fi
