#!/bin/sh
# Leaves a daemon: a session of its own, and its parent gone before the daemon says that it runs.
mkfifo gone
(setsid nohup sh -c 'read -r _ < gone; echo daemon; exec sleep 1000' > out 2>&1 &)
echo > gone
until grep -q daemon out; do :; done
echo ready
exec sleep 1000
