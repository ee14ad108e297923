#!/bin/bash
# The main job from end to end, without the daemon and with it, told as it goes: every command is shown before it runs, its
# output below it, and whatever is not as it should be ends the demo loudly. BIN has the programs, TOOLS the tests' own ones.
set -euo pipefail

here=$(dirname "$(realpath "$0")")
# shellcheck source=test/rootfs.bash
. "$here/rootfs.bash"
# shellcheck source=test/leaks.bash
. "$here/leaks.bash"
# shellcheck source=test/waiting.bash
. "$here/waiting.bash"
# shellcheck source=test/telling.bash
. "$here/telling.bash"
BIN=$(realpath "${BIN:-$here/../bin}")
TOOLS=$(realpath "${TOOLS:-$here/../.build/test}")

tag=demo$$
before=$(mktemp)
leaks_state $tag >"$before"
scratch=$(mktemp -d /tmp/gdn-$tag.XXXXXX)
handle=$tag-hello
export PATH=$BIN:$TOOLS:$PATH GDN_DEPOT=$scratch/depot

clean_up() {
	local path

	cd /
	[ -z "${daemon:-}" ] || kill_daemon
	for path in "$GDN_DEPOT"/*; do
		[ ! -e "$path" ] || depotctl destroy "${path##*/}"
	done
	rm -rf "$scratch"
}
trap 'clean_up; rm -f "$before"' EXIT

chmod 755 "$scratch"
mkdir "$GDN_DEPOT"
make_rootfs "$scratch/rootfs"

tell 'A depot is a directory, and a container a folder in it. Make one from a root filesystem.'
show "export GDN_DEPOT=$GDN_DEPOT"
show "depotctl create --handle $handle --rootfs $scratch/rootfs"
printed "$handle"
show "depotctl list"
mentions "$handle"
show "depotctl info $handle"
mentions active

tell 'Run a process in it: bytes go in, bytes come out.'
show "echo 'hello from outside' | depotctl run -i $handle tr a-z A-Z"
printed 'HELLO FROM OUTSIDE'
show "depotctl run --user alice --dir /home/alice/work --env WHO=world $handle sh -c 'id -un; pwd; echo hello \$WHO'"
printed alice /home/alice/work 'hello world'

tell 'How it ended is how depotctl ends.'
show "depotctl run $handle sh -c 'exit 42'"
ended_with 42
show "depotctl run $handle sh -c 'kill -KILL \$\$'"
ended_with 137
show "depotctl run $handle no-such-program"
ended_with 127

tell 'A terminal, with the size of ours, which then changes (pty is a small helper that plays our terminal).'
watch='trap "stty size; exit 7" WINCH; stty size; while :; do sleep 0.1; done'
show "pty 100x30 -e '30 100' -r 120x40 -e '40 120' -- depotctl run -t $handle sh -c '$watch'"
printed '30 100' '40 120'
ended_with 7

tell 'Files, in and out again, as tar streams.'
mkdir "$scratch/sent" "$scratch/back"
head -c 1000000 /dev/urandom >"$scratch/sent/noise"
echo 'a letter' >"$scratch/sent/letter"
show "tar -C $scratch/sent -cf - . | depotctl stream-in --user alice $handle /home/alice/files"
succeeded
show "depotctl run --user alice $handle ls -l /home/alice/files"
mentions '1000000'
show "depotctl stream-out --user alice $handle /home/alice/files/ | tar -C $scratch/back -xf -"
succeeded
show "diff -r $scratch/sent $scratch/back && echo same"
printed same

tell 'A process may go on without anybody, until somebody attaches from another shell.'
show "depotctl run -d -i --id job $handle sh -c 'echo ready; read word; echo \"got \$word\"; exit 5'"
printed job
show "depotctl ps $handle"
mentions running
show "bash -c 'echo parcel | depotctl attach $handle job'"
mentions ready
mentions 'got parcel'
ended_with 5
show "depotctl wait $handle job"
ended_with 5

tell 'It is an ordinary container of the runtime, too.'
show "runc exec $handle /bin/echo by hand"
printed 'by hand'
show "runc state $handle | jq -r .status"
printed running

tell 'And away with it.'
show "depotctl destroy $handle"
succeeded
show "depotctl list"
[[ $output != *"$handle"* ]] || mismatch "$handle is still there"

# shellcheck source=test/demo-daemon.bash
. "$here/demo-daemon.bash"

tell 'A look around: mounts, cgroups, processes, interfaces, runtime state, files.'
clean_up
leaks_remove_parents "$before"
left=$(leaks_since "$before" "$tag")
[ -z "$left" ] || mismatch "left behind: $left"
echo 'Nothing was left behind.'
