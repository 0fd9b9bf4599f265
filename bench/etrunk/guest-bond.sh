#!/bin/sh
# First process of a user-mode-linux guest: a bond with LACP over the guest's vec0 and vec1. The kernel command line hands over
# FOLDER, where stream and watch lie, and STREAM, the words of stream. A line on the console that begins with s goes to
# stream, with w to watch, with c to `ip -batch`; what they answer is printed.
export PATH=/usr/sbin:/usr/bin:/sbin:/bin
stty -echo
mount -t proc proc /proc
mount -t sysfs sysfs /sys
mount -t tmpfs tmpfs /run
mkdir -p /run/root/lib/modules
ln -s "/usr/lib/uml/modules/$(uname -r)" /run/root/lib/modules/
module() { modprobe -d /run/root "$@"; }
for name in veth sch_ingress cls_matchall act_mirred; do module "$name"; done
module bonding mode=802.3ad miimon=50 lacp_rate=fast max_bonds=1

for port in 0 1; do
  # vecN has no speed and no duplex, and no driver speaks LACP then: a veth (10G, full) stands before it.
  s=s$port w=w$port vec=vec$port
  ip link add "$s" type veth peer name "$w"
  ip link set dev "$w" up
  ip link set dev "$vec" up promisc on
  tc qdisc add dev "$vec" ingress
  tc qdisc add dev "$w" ingress
  tc filter add dev "$vec" ingress matchall action mirred egress redirect dev "$w"
  tc filter add dev "$w" ingress matchall action mirred egress redirect dev "$vec"
  ip link set dev "$s" master bond0
done
ip link set dev bond0 up

mkfifo /run/s /run/w /run/c
# shellcheck disable=SC2086
"$FOLDER/stream" bond0 $STREAM </run/s &
"$FOLDER/watch" bond0 </run/w &
ip -batch - </run/c &
exec 3>/run/s 4>/run/w 5>/run/c
while read -r to line; do
  case $to in
    s) echo "$line" >&3 ;;
    w) echo "$line" >&4 ;;
    c) echo "$line" >&5 ;;
  esac
done
echo o >/proc/sysrq-trigger
sleep 10
