#!/bin/bash
# Measures what the programs take and what an operation costs, mostly against the runtime doing the bare minimum of the same.
# Commands are compared by turns (test/tools/pairs.c); "ratio" is the median over the rounds of ours divided by theirs. Each
# line has its goal and whether it was met; a missed one is not a failure, for the machine may be busy. BIN has the programs,
# TOOLS the tests' own ones, ROUNDS says how often (default 50).
set -euo pipefail
[ -n "${REAPED:-}" ] || REAPED=yes exec "${TOOLS:-$(dirname "$0")/../.build/test}/reaper" "$0"

here=$(dirname "$(realpath "$0")")
# shellcheck source=test/rootfs.bash
. "$here/rootfs.bash"
BIN=$(realpath "${BIN:-$here/../bin}")
TOOLS=$(realpath "${TOOLS:-$here/../.build/test}")
ROUNDS=${ROUNDS:-50}
STREAM_ROUNDS=7
GIGABYTE=1073741824

tag=bench$$
scratch=$(mktemp -d /tmp/gdn-$tag.XXXXXX)
memory=$scratch/memory # a tmpfs: the disk has no say in what is measured
export PATH=$BIN:$TOOLS:$PATH GDN_DEPOT=$scratch/depot
logging=(--debug --log "$scratch/log" --log-format json) # as our create and run have it log
met=0 goals=0

clean_up() {
	local name

	for name in $(runc list -q | grep "^$tag-theirs-"); do
		runc delete -f "$name"
	done
	depotctl destroy --all
	umount "$memory"
	rm -rf "$scratch"
}

# line WHAT FIGURE UNIT GOAL REMARK: met if FIGURE is not above GOAL.
line() {
	local verdict=missed

	goals=$((goals + 1))
	if awk "BEGIN { exit !($2 <= $4) }"; then
		verdict=met
		met=$((met + 1))
	fi
	printf '%-44s %9s %-6s goal %8s  %-7s %s\n' "$1" "$2" "$3" "$4" "$verdict" "${5:-}"
}

# compare WHAT GOAL ROUNDS COMMAND... --against COMMAND...
compare() {
	local what=$1 goal=$2 rounds=$3 ours theirs ratio

	shift 3
	read -r ours theirs ratio < <(pairs "$rounds" "$@")
	line "$what" "$ratio" ratio "$goal" "$ours ms, theirs $theirs ms"
}

size_of() {
	stat -c %s "$BIN/$1"
}

measure_sizes() {
	local program total=0

	for program in init dadoo nstar depotctl guardian; do
		[ ! -e "$BIN/$program" ] || total=$((total + $(size_of "$program")))
	done
	line 'size of init' "$(size_of init)" bytes 20000
	line 'size of dadoo' "$(size_of dadoo)" bytes 100000
	line 'size of all programs' "$total" bytes 4000000
}

# The average share of memory (PSS) of the processes given, in kilobytes.
average_pss() {
	local pid files=()

	for pid; do
		files+=("/proc/$pid/smaps_rollup")
	done
	awk '/^Pss:/ { sum += $2; n++ } END { printf "%.1f\n", sum / n }' "${files[@]}"
}

# Bundles for the runtime alone, each as one of ours but for the name of its cgroup.
make_bundles() {
	local i

	for ((i = 1; i <= ROUNDS; i++)); do
		mkdir -p "$scratch/bundles/$i"
		jq -c --arg cgroup "garden/$tag-theirs-$i" '.linux.cgroupsPath = $cgroup' "$GDN_DEPOT/$tag/config.json" \
			>"$scratch/bundles/$i/config.json"
	done
}

# compare_create WHAT [FLAG...]: against the runtime with these global flags.
compare_create() {
	local what=$1

	shift
	compare "$what" 1.15 "$ROUNDS" depotctl create --handle "$tag-ours-%d" --rootfs "$scratch/rootfs" --against \
		runc "$@" run -d --bundle "$scratch/bundles/%d" "$tag-theirs-%d"
}

compare_destroy() {
	compare "$1" 0.25 "$ROUNDS" depotctl destroy "$tag-ours-%d" --against runc delete -f "$tag-theirs-%d"
}

start_processes() {
	local i n

	for ((i = 1; i <= ROUNDS; i++)); do
		for n in 1 2 3; do
			depotctl run -d --id "sleep-$n" "$tag-ours-$i" sleep 10000 </dev/null >/dev/null
			runc exec -d "$tag-theirs-$i" /bin/sleep 10000 </dev/null >/dev/null 2>&1
		done
	done
}

measure_memory() {
	# shellcheck disable=SC2046 # a pid is a word
	line "memory of dadoo, $((ROUNDS * 3)) processes" \
		"$(average_pss $(cut -d' ' -f1 "$GDN_DEPOT/$tag"-ours-*/processes/*/shim))" kB 32
	# shellcheck disable=SC2046
	line "memory of init, $ROUNDS containers" \
		"$(average_pss $(for file in "$GDN_DEPOT/$tag"-ours-*/pidfile; do cat "$file" && echo; done))" kB 20
}

# make_process ARGV: what depotctl gives the runtime for the command (a JSON array), so that capabilities and system call
# filter are the same.
make_process() {
	jq -c --argjson argv "$1" '.process | .args = $argv | .cwd = "/root" | .user = { uid: 0, gid: 0 } | .terminal = false |
		.env += ["PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "USER=root"] |
		.capabilities |= { bounding, inheritable: .bounding, permitted: .bounding }' "$GDN_DEPOT/$tag/config.json"
}

# compare_run WHAT [FLAG...], likewise.
compare_run() {
	local what=$1

	shift
	make_process '["true"]' >"$scratch/true.json"
	compare "$what" 1.10 "$((ROUNDS * 2))" depotctl run "$tag" true --against \
		runc "$@" exec -p "$scratch/true.json" "$tag"
}

compare_output() {
	local blocks=$((GIGABYTE / 65536))

	make_process '["dd", "if=/dev/zero", "bs=65536", "count='$blocks'"]' >"$scratch/dd.json"
	compare 'a gigabyte of output' 1.05 "$STREAM_ROUNDS" \
		sh -c "depotctl run $tag dd if=/dev/zero bs=65536 count=$blocks 2>/dev/null | cat >/dev/null" --against \
		sh -c "runc exec -p $scratch/dd.json $tag 2>/dev/null | cat >/dev/null"
}

# The tar of this machine and what it is linked with, in the container, for lack of a static one.
install_tar() {
	local library

	mkdir -p "$scratch/rootfs/gnu"
	cp "$(command -v tar)" "$scratch/rootfs/gnu/tar"
	for library in $(ldd "$(command -v tar)" | grep -o '/[^ ]*'); do
		mkdir -p "$scratch/rootfs$(dirname "$library")"
		cp -L "$library" "$scratch/rootfs$library"
	done
}

compare_streams() {
	local init enter

	init=$(cat "$GDN_DEPOT/$tag/pidfile")
	enter="nsenter -t $init -U -m -S 0 -G 0 /gnu/tar --xattrs --no-same-owner"
	mkdir "$memory/files"
	head -c "$GIGABYTE" /dev/urandom >"$memory/files/big"
	tar -C "$memory/files" -cf "$memory/big.tar" big
	rm "$memory/files/big"
	compare 'stream in a gigabyte' 1.05 "$STREAM_ROUNDS" \
		sh -c "depotctl stream-in $tag /data/ours <$memory/big.tar" --against \
		sh -c "mkdir -p $memory/data/theirs && chown 4294967294 $memory/data/theirs &&
			$enter -C /data/theirs -xf - <$memory/big.tar"
	rm -r "$memory/data/theirs"
	compare 'stream out a gigabyte' 1.05 "$STREAM_ROUNDS" \
		sh -c "depotctl stream-out $tag /data/ours/ | cat >/dev/null" --against \
		sh -c "$enter -C /data/ours -cf - . | cat >/dev/null"
}

mkdir "$GDN_DEPOT" "$memory"
chmod 755 "$scratch"
mount -t tmpfs -o mode=755 "$tag" "$memory"
trap clean_up EXIT
mkdir "$memory/data"
chown 4294967294:4294967294 "$memory/data"
make_rootfs "$scratch/rootfs"
install_tar
depotctl create --handle "$tag" --rootfs "$scratch/rootfs" --bind-mount "$memory/data:/data:rw" >/dev/null
make_bundles

echo "theirs: $(runc --version | head -n 1); kernel $(uname -r), $(nproc) processors, $ROUNDS rounds"
measure_sizes
compare_create 'create'
compare_destroy 'destroy'
compare_create 'create, it logging as ours' "${logging[@]}"
start_processes
measure_memory
compare_destroy 'destroy with 3 processes'
compare_run 'run true'
compare_run 'run true, it logging as ours' "${logging[@]}"
compare_output
compare_streams
echo "$met of $goals goals met"
