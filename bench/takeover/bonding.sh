#!/bin/sh
# First process of a user-mode-linux guest: measures the bonding driver as takeover.bench.ts measures the others. The kernel
# command line hands over FOLDER (generate and sink), LOSSES, SECONDS_SENT,
# RATES and APART (what the interface indexes of a link's ends differ by). Prints a line of JSON for each loss: what the far end saw
# before and after the cut, and what was sent.
export PATH=/usr/sbin:/usr/bin:/sbin:/bin
mount -t proc proc /proc
mount -t sysfs sysfs /sys
mount -t tmpfs tmpfs /run
mkdir -p /run/root/lib/modules /run/netns
ln -s "/usr/lib/uml/modules/$(uname -r)" /run/root/lib/modules/
for name in veth bridge bonding; do modprobe -d /run/root "$name"; done

# In the mode with LACP the driver sets miimon 100 by itself; this is the same without a partner.
ip netns add near
ip netns add far
ip link add bond0 type bond mode balance-xor miimon 100
for at in 1 2; do
  ip link add "m$at" index $((100 + at)) type veth peer name "c$at" index $((100 + at + APART)) netns far
  ip link set dev "m$at" master bond0
  ip -n far link set dev "c$at" up
done
ip link add pa type veth peer name a0 netns near
ip -n near link set dev a0 up
ip link add br0 type bridge mcast_snooping 0
for port in pa bond0; do ip link set dev "$port" master br0 up; done
ip link set dev br0 up
bridge fdb add 02:bb:00:00:00:09 dev bond0 master static
mkfifo /run/questions /run/answers
ip netns exec far "$FOLDER/sink" c1 c2 </run/questions >/run/answers &
exec 3>/run/questions 4</run/answers
read -r ready <&4
ask() { echo >&3; read -r answer <&4; }
send() { ip netns exec near "$FOLDER/generate" a0 02:bb:00:00:00:09 1 100 "$SECONDS_SENT" "$1" >/run/sent; }

# The highest rate it carries without loss, three times.
for rate in $RATES; do
  lost=0
  for try in 1 2 3; do
    ask; send "$rate"; ask
    sent=$(sed 's/.*"sent":\([0-9]*\).*/\1/' /run/sent)
    came=$(echo "$answer" | sed 's/.*"frames":\([0-9]*\).*/\1/')
    lost=$((lost + sent - came))
  done
  [ "$lost" = 0 ] && break
done
echo "{\"rate\":$rate}"

loss=0
while [ "$loss" -lt "$LOSSES" ]; do
  ask
  send "$rate" &
  sleep 0.2$((loss * 7 % 10))
  ask; before=$answer
  # No process is started for it: that takes a guest longer than what is measured.
  cut=${before##*:\"}
  cut=${cut%%\"*}
  ip -n far link set dev "$cut" down
  wait $!
  ask
  echo "{\"before\":$before,\"after\":$answer,\"sent\":$(cat /run/sent)}"
  ip -n far link set dev "$cut" up
  sleep 0.4
  loss=$((loss + 1))
done
echo o >/proc/sysrq-trigger
sleep 10
