# What the parts of bench.sh share: how figures are shown and compared, what is prepared for the runtime alone. Sourced by
# bench.sh, which sets BIN, ROUNDS, tag and scratch.

# shellcheck source=test/rootfs.bash
. "$here/rootfs.bash"

GIGABYTE=1073741824
met=0 goals=0

# show WHAT FIGURE UNIT REMARK: a figure that has no goal.
show() {
	printf '%-44s %9s %-6s %22s  %s\n' "$1" "$2" "$3" '' "$4"
}

# line WHAT FIGURE UNIT GOAL REMARK: met if FIGURE is not above GOAL.
line() {
	local verdict=missed

	goals=$((goals + 1))
	if awk "BEGIN { exit !($2 <= $4) }"; then
		verdict=met
		met=$((met + 1))
	fi
	printf '%-44s %9s %-6s goal %8s  %-7s  %s\n' "$1" "$2" "$3" "$4" "$verdict" "${5:-}"
}

# compare WHAT GOAL ROUNDS COMMAND... --against COMMAND...
compare() {
	local what=$1 goal=$2 rounds=$3 ours theirs ratio

	shift 3
	read -r ours theirs ratio _ < <(pairs "$rounds" "$@")
	line "$what" "$ratio" ratio "$goal" "$ours ms, theirs $theirs ms"
}

# The average share of memory (PSS) of the processes given, in kilobytes.
average_pss() {
	local pid files=()

	for pid; do
		files+=("/proc/$pid/smaps_rollup")
	done
	awk '/^Pss:/ { sum += $2; n++ } END { printf "%.1f\n", sum / n }' "${files[@]}"
}

# make_bundles NAME...: for the runtime alone, each as that of the container $tag but for the name of its cgroup.
make_bundles() {
	local name

	for name; do
		mkdir -p "$scratch/bundles/$name"
		jq -c --arg cgroup "garden/$tag-theirs-$name" '.linux.cgroupsPath = $cgroup' "$GDN_DEPOT/$tag/config.json" \
			>"$scratch/bundles/$name/config.json"
	done
}

# make_process ARGV: what depotctl gives the runtime for the command (a JSON array), so that capabilities and system call
# filter are the same.
make_process() {
	jq -c --argjson argv "$1" '.process | .args = $argv | .cwd = "/root" | .user = { uid: 0, gid: 0 } | .terminal = false |
		.env += ["PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "USER=root"] |
		.capabilities |= { bounding, inheritable: .bounding, permitted: .bounding }' "$GDN_DEPOT/$tag/config.json"
}
