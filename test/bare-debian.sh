#!/bin/bash
# Runs the project in a Debian 12 that holds nothing but its minimal base, the Node of this machine and a clone of the last
# commit, so that nothing installed here hides a missing step of the set-up. By hand, as root:
#
#   bash test/bare-debian.sh                   .ci/run, then `npm start -- --script`, then a second start and its time
#   bash test/bare-debian.sh 'COMMAND'         something else, in the clone
#
# Needs debootstrap, git and the way to Debian's and npm's packages that this machine has. The base is kept in
# ~/.cache/etrunkd (delete it to have it made anew). Everything is mounted in a mount namespace that ends with the run, so
# nothing stays mounted, also when it is killed; the folder of a killed run goes with the next one.
set -euo pipefail

project=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
base=${XDG_CACHE_HOME:-$HOME/.cache}/etrunkd/debian-12.tar
default='bash .ci/run && npm start -- --script && time bash .ci/setup start'

[ "$(id -u)" = 0 ] || { echo "namespaces and mounts need root" >&2; exit 1; }
for program in debootstrap git node npm; do
  command -v $program >/dev/null || { echo "$program is missing" >&2; exit 1; }
done

for left in /var/tmp/etrunkd-bare-*; do
  pid=${left##*-}
  [ -d "$left" ] && [ ! -d "/proc/$pid" ] && rm -rf "$left"
done
root=/var/tmp/etrunkd-bare-$$
mkdir "$root"
trap 'rm -rf "$root"' EXIT
trap 'exit 130' INT TERM HUP

mirror_of_this_machine() {
  cat /etc/apt/sources.list /etc/apt/sources.list.d/* 2>/dev/null |
    sed -nE 's/^(deb( \[[^]]*\])?|URIs:) +([^ ]+).*/\3/p' | head -1
}

if [ ! -e "$base" ]; then
  mkdir -p "$(dirname "$base")"
  debootstrap --variant=minbase bookworm "$root" $(mirror_of_this_machine)
  rm -rf "$root"/var/cache/apt/archives/*.deb
  tar -C "$root" -cf "$base.$$" . && mv "$base.$$" "$base"
else
  tar -C "$root" -xpf "$base"
fi

# How this machine reaches its package registries.
rm -f "$root/etc/apt/sources.list"
cp -a /etc/apt/sources.list* "$root/etc/apt/" 2>/dev/null || :
grep -ls 'Acquire::' /etc/apt/apt.conf.d/* | xargs -r cp -t "$root/etc/apt/apt.conf.d/"
cp -L /etc/resolv.conf /etc/hosts "$root/etc/"
mkdir -p "$root/etc/ssl/certs"
[ -e /etc/ssl/certs/ca-certificates.crt ] && cp -L /etc/ssl/certs/ca-certificates.crt "$root/etc/ssl/certs/"
network=()
for name in http_proxy https_proxy no_proxy HTTP_PROXY HTTPS_PROXY NO_PROXY NODE_EXTRA_CA_CERTS; do
  [ -n "${!name:-}" ] && network+=("$name=${!name}")
done
registry=$(npm config get registry 2>/dev/null)

# The Node of this machine, with its npm and its headers, as the archive of nodejs.org lays them out.
prefix=$(node -p 'require("node:path").resolve(process.execPath, "../..")')
npm=$(cd "$(dirname "$(readlink -f "$(command -v npm)")")/.." && pwd)
mkdir -p "$root/usr/local/lib/node_modules" "$root/usr/local/include"
cp "$(node -p process.execPath)" "$root/usr/local/bin/node"
cp -a "$npm" "$root/usr/local/lib/node_modules/npm"
cp -a "$prefix/include/node" "$root/usr/local/include/node"
ln -sf ../lib/node_modules/npm/bin/npm-cli.js "$root/usr/local/bin/npm"
ln -sf ../lib/node_modules/npm/bin/npx-cli.js "$root/usr/local/bin/npx"

git clone -q --no-hardlinks "$project" "$root/opt/etrunkd"

export root command=${1:-$default}
# In the background and waited for, so that a signal to this script is served at once; the run dies with the script.
setpriv --pdeathsig KILL unshare --mount --pid --fork --kill-child bash -euc '
  mount --bind "$root" "$root"
  mount -t proc proc "$root/proc"
  mount -t sysfs sysfs "$root/sys"
  mount --rbind /dev "$root/dev"
  mount -t tmpfs tmpfs "$root/run"
  # Not chroot: inside one the kernel makes no user namespaces.
  cd "$root"
  pivot_root . mnt
  cd /
  umount -l /mnt
  exec /usr/bin/env -i HOME=/root USER=root LANG=C.UTF-8 TERM="${TERM:-dumb}" \
    PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin "$@" \
    bash -c "cd /opt/etrunkd && $command"
' bare-debian "${network[@]}" npm_config_registry="$registry" </dev/null &
wait $!
