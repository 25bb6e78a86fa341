#!/usr/bin/env bash
# init.sh NAME FOLDER: the first process of a guest, a host that is made of namespaces. What the
# guest writes to /etc, /opt, /root, /usr and /var stays in FOLDER, which is memory.
set -euo pipefail

name=$1
folder=$2
guest=$(cd "$(dirname "$0")" && pwd)

hostname "$name"
ip link set lo up
mkdir -p "$folder"
mount -t tmpfs tmpfs "$folder"
for part in etc opt root usr var; do
  mkdir -p "$folder/$part" "$folder/.$part"
  mount -t overlay overlay \
    -o "lowerdir=/$part,upperdir=$folder/$part,workdir=$folder/.$part" "/$part"
done
mount -t tmpfs tmpfs /run
install -m 755 "$guest/systemctl.py" /usr/local/bin/systemctl
install -m 755 "$guest/apt-get.sh" /usr/local/bin/apt-get
echo ready

# A first process has to see to those that lost their parent; bash does while it waits.
while :; do
  sleep 3600 &
  wait || true
done
