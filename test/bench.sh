#!/bin/bash
# Measures what the programs take and what an operation costs, mostly against the runtime doing the bare minimum of the same.
# Commands are compared by turns (test/tools/pairs.c); "ratio" is the median over the rounds of ours divided by theirs. Each
# line that has a goal says whether it was met; a missed one is not a failure, for the machine may be busy.
#
#   bench.sh [PART...]
#
# The parts are depotctl and guardian, without any named both. BIN has the programs, TOOLS the tests' own ones, ROUNDS says
# how often (default 50).
set -euo pipefail
[ -n "${REAPED:-}" ] || REAPED=yes exec "${TOOLS:-$(dirname "$0")/../.build/test}/reaper" "$0" "$@"

here=$(dirname "$(realpath "$0")")
BIN=$(realpath "${BIN:-$here/../bin}")
TOOLS=$(realpath "${TOOLS:-$here/../.build/test}")
ROUNDS=${ROUNDS:-50}

[ $# -gt 0 ] || set -- depotctl guardian
for part; do
	[ -e "$here/bench-$part.bash" ] || {
		echo "bench.sh: no part '$part': there are depotctl and guardian" >&2
		exit 1
	}
done

tag=bench$$
scratch=$(mktemp -d /tmp/gdn-$tag.XXXXXX)
export PATH=$BIN:$TOOLS:$PATH GDN_DEPOT=$scratch/depot

# shellcheck source=test/bench.bash
. "$here/bench.bash"
# shellcheck source=test/bench-depotctl.bash
. "$here/bench-depotctl.bash"
# shellcheck source=test/bench-guardian.bash
. "$here/bench-guardian.bash"

clean_up() {
	local name

	stop_clients
	stop_guardian
	for name in $(runc list -q | grep "^$tag-theirs-"); do
		runc delete -f "$name"
	done
	# A runtime that was interrupted leaves a container that it does not know itself.
	find /run/runc /sys/fs/cgroup -depth -type d -name "$tag-theirs-*" -exec rmdir {} + || true
	depotctl destroy --all
	umount "$scratch"
	rmdir "$scratch"
}

# In memory, as /run is with the usual depot: the disk has no say in what is measured, and ext4 without a journal has whoever makes a
# file look at each one that was deleted in the last minutes.
mount -t tmpfs -o mode=755 "$tag" "$scratch"
trap clean_up EXIT
mkdir "$GDN_DEPOT"
make_rootfs "$scratch/rootfs"
echo "theirs: $(runc --version | head -n 1); kernel $(uname -r), $(nproc) processors, $ROUNDS rounds"
for part; do
	"measure_$part"
done
echo "$met of $goals goals met"
