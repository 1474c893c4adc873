#!/bin/sh
# Three generations that wait.
sh -c 'sh -c "echo ready; sleep 1000; :" & sleep 1000; :' &
sleep 1000
