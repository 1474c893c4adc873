#!/bin/sh
# Leaves a child behind that holds standard output open.
sleep 1000 &
echo "child $!"
exit 3
