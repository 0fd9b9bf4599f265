#!/bin/sh
# First process of a user-mode-linux guest: makes s0, s1, .. of the guest's vec0, vec1, .. and then does what it is told.
# The root is this machine's, read-only. The kernel command line hands over PORTS and MAXSEC.
export PATH=/usr/sbin:/usr/bin:/sbin:/bin
stty -echo
mount -t proc proc /proc
mount -t sysfs sysfs /sys
mount -t tmpfs tmpfs /run
( sleep "$MAXSEC"; echo o >/proc/sysrq-trigger ) &

# What the kernel says would stand in the middle of an answer.
dmesg -n 1

mkdir -p /run/root/lib/modules
ln -s "/usr/lib/uml/modules/$(uname -r)" /run/root/lib/modules/
module() { modprobe -d /run/root "$@"; }
for name in veth sch_ingress cls_matchall act_mirred; do module "$name"; done

port=0
while [ "$port" -lt "$PORTS" ]; do
  # vecN has no speed and no duplex, and no driver speaks LACP then: a veth (10G, full) stands before it.
  s=s$port w=w$port vec=vec$port
  ip link add "$s" type veth peer name "$w"
  for inner in "$w" "$vec" "$s"; do echo 1 >"/proc/sys/net/ipv6/conf/$inner/disable_ipv6"; done
  ip link set dev "$w" up
  ip link set dev "$vec" up promisc on
  tc qdisc add dev "$vec" ingress
  tc qdisc add dev "$w" ingress
  tc filter add dev "$vec" ingress matchall action mirred egress redirect dev "$w"
  tc filter add dev "$w" ingress matchall action mirred egress redirect dev "$vec"
  ip link set dev "$s" address "02:00:00:00:1a:0$((port + 1))"
  port=$((port + 1))
done

# Each line typed, after its number, runs here and is answered by what it prints and a line with that number and its result.
echo "@@@ ready"
while read -r number line; do
  eval "$line" 2>&1
  echo "@@@ $number $?"
done
echo o >/proc/sysrq-trigger
sleep 10
