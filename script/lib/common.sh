# Sourced by every script: where the repository is, and how the scripts speak to a person.
# shellcheck shell=bash

# shellcheck disable=SC2034  # used by the scripts that source this file
ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd -P)

# A command that fails where no script expected it must not end in silence.
set -E
trap 'printf "\nerror: %s stopped at line %s\n" "${BASH_SOURCE[0]}" "$LINENO" >&2' ERR

say() { printf '%s\n' "$*"; }

# fail WHAT [CURE...]: what went wrong on one line, then what to do about it; exit code 1.
fail() {
    printf '\nerror: %s\n' "$1" >&2
    shift
    if (($#)); then printf '  what to do: %s\n' "$1" >&2 && shift; fi
    if (($#)); then printf '              %s\n' "$@" >&2; fi
    exit 1
}

# logged LOG COMMAND...: runs a chatty program; a person sees its output only when it fails (see the log's reader).
logged() {
    local log=$1
    shift
    "$@" >>"$log" 2>&1 </dev/null
}
