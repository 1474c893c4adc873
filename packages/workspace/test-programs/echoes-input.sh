#!/bin/sh
cat
echo "input has ended"
