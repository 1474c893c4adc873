#!/bin/sh
# Two processes that make progress, one of them in the background.
(while :; do echo x >> progress-2; done) &
echo ready
while :; do echo x >> progress; done
