#!/bin/sh
# install.sh FOLDER ANSWERS: put the rehearsal's exam program, which lies in FOLDER, into the account's programs.
# install.sh --remove: take it out again; answers stay.
set -eu

launcher=$HOME/.local/bin/oral-test
if [ "$1" = --remove ]; then
    rm -f "$launcher"
    exit
fi
mkdir -p "$HOME/.local/bin" "$2"
ln -sfn "$1/oral-test" "$launcher"
