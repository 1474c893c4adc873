#!/bin/sh
trap 'echo bye; exit 0' TERM
echo ready
while :; do sleep 1000 & wait $!; done
