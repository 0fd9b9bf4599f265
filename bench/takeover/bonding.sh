#!/bin/sh
# First process of a user-mode-linux guest: measures the bonding driver as takeover.bench.ts measures the others. The kernel
# command line hands over FOLDER (generate and sink), LOSSES, PATIENCE (seconds it has to take over), RATES and APART (what the
# interface indexes of a link's ends differ by). Prints a line of JSON for each loss: the frames that came before the cut, the
# interface cut, what the far end saw since, and what was sent.
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
tell() { echo "$1" >&3; read -r answer <&4; }
send() { exec ip netns exec near "$FOLDER/generate" a0 02:bb:00:00:00:09 1 100 "$1" "$2" >/run/sent; }

# The highest rate it carries without loss, three times.
for rate in $RATES; do
  lost=0
  for try in 1 2 3; do
    tell ''
    (send 0.8 "$rate")
    tell ''
    sent=$(sed 's/.*"sent":\([0-9]*\).*/\1/' /run/sent)
    came=$(echo "$answer" | sed 's/.*"frames":\([0-9]*\).*/\1/')
    lost=$((lost + sent - came))
  done
  [ "$lost" = 0 ] && break
done
echo "{\"rate\":$rate}"

loss=0
while [ "$loss" -lt "$LOSSES" ]; do
  until [ "$(grep -c 'MII Status: up' /proc/net/bonding/bond0)" = 3 ]; do sleep 0.05; done
  tell ''
  send 60 "$rate" &
  before=0
  while [ "$before" = 0 ]; do
    sleep 0.02
    tell ''
    before=${answer#*:}
    before=${before%%,*}
  done
  # The interface the flow comes by.
  cut=${answer##*:\"}
  cut=${cut%%\"*}
  sleep 0.0$((loss * 7 % 10))
  tell "down $cut"
  sleep "$PATIENCE"
  kill $!
  wait $!
  tell ''
  echo "{\"before\":$before,\"cut\":\"$cut\",\"after\":$answer,\"sent\":$(cat /run/sent)}"
  tell "up $cut"
  loss=$((loss + 1))
done
echo o >/proc/sysrq-trigger
sleep 10
