#!/bin/sh
trap '' TERM
echo ready
while :; do sleep 1000; done
