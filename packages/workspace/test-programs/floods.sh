#!/bin/sh
echo first line
yes 'a line of a flood' | head -c 5000000
echo last line
