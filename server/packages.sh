# Sourced by the run scripts: which Debian packages are needed, and how they get installed.

# shellcheck shell=bash disable=SC2034 # the arrays are for those who source this file
build_packages=(
    gcc pkg-config meson ninja-build ca-certificates
    python3 python3-markdown python3-yaml
    libuv1-dev libmicrohttpd-dev libsqlite3-dev libjansson-dev
    libgnutls28-dev nettle-dev libgmime-3.0-dev libpcre2-dev libzstd-dev zlib1g-dev
)

# Node.js builds the web page. One that is already in PATH is left alone, wherever it came from.
node_packages=()
node_version=$(node --version 2>/dev/null) && npm --version >/dev/null 2>&1 || node_version=v0
node_version=${node_version#v}
((${node_version%%.*} >= 18)) || node_packages=(nodejs npm)

missing_packages() {
    local name
    for name in "$@"; do
        dpkg-query -W -f '${db:Status-Status}\n' "$name" 2>/dev/null | grep -qx installed || echo "$name"
    done
}

# Root, or a way to become root without surprising anybody: a person is asked first.
may_install() {
    if [[ -t 0 ]]; then
        ((EUID == 0)) || command -v sudo >/dev/null || return
        local answer
        read -rp "Install them now? [Y/n] " answer && [[ $answer != [nN]* ]]
    else
        ((EUID == 0)) || sudo -n true 2>/dev/null
    fi
}

# install_packages NAME...: does nothing, not even ask the network, if all of them are there.
install_packages() {
    if ! command -v dpkg-query >/dev/null; then
        echo "This is not a Debian system, so nothing is installed. What is needed, by Debian's names: $*" >&2
        return
    fi
    local missing as_root=()
    mapfile -t missing < <(missing_packages "$@")
    ((${#missing[@]})) || return 0
    local install=(apt-get install -y --no-install-recommends "${missing[@]}")

    echo "These Debian packages are missing: ${missing[*]}" >&2
    if ! may_install; then
        echo "Run this as root, then start again:" >&2
        echo "    ${install[*]}" >&2
        exit 1
    fi
    ((EUID == 0)) || as_root=(sudo)
    # A source that cannot be reached may be one that is not needed: the installation will tell.
    "${as_root[@]}" apt-get update >&2 || true
    "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive "${install[@]}" >&2
}
