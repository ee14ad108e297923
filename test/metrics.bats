# What containers and the host have and use (test/unit/metrics.c), against what kernel and runtime say.

bats_require_minimum_version 1.5.0
load helpers

UNITS=${UNITS:-$(realpath -m "$BATS_TEST_DIRNAME/../.build/musl/unit")}

setup_file() { depot_begin; }
teardown_file() { depot_end; }
teardown() { destroy_all; }

metrics() { "$UNITS/metrics" "$@"; }

# metric JQ [PERCENT]: of the container $handle.
metric() { metrics of "$handle" ${2:+"$2"} | jq -c "$1"; }

# between LOW VALUE HIGH
between() { [ "$1" -le "$2" ] && [ "$2" -le "$3" ] || fail "$2 is not between $1 and $3"; }

# control FILE: a control file of the container's, in whichever of its groups has it.
control() {
	jq -r '.cgroups[]' "$DEPOT/$handle/record.json" | while read -r dir; do
		[ ! -e "$dir/$1" ] || { cat "$dir/$1" && break; }
	done
}

@test "metrics: of a limited container they are what the runtime tells" {
	create --memory 128M --pids 100 --cpu-shares 128
	runc events --stats "$handle" >"$SCRATCH/stats"
	metrics of "$handle" >"$SCRATCH/metrics"
	jq -c '[.data.memory.raw | to_entries[] | .key]' "$SCRATCH/stats" >"$SCRATCH/names"
	assert_equal "$(jq -c --slurpfile names "$SCRATCH/names" \
		'.memory | with_entries(select(.key as $k | $names[0] | index($k)))' "$SCRATCH/metrics" | jq -Sc .)" \
		"$(jq -c --slurpfile ours "$SCRATCH/metrics" \
			'.data.memory.raw | with_entries(select(.key as $k | $ours[0].memory | has($k)))' "$SCRATCH/stats" | jq -Sc .)"
	assert_equal "$(jq '[.usage, .user, .system, .pids, .pids_max]' -c "$SCRATCH/metrics")" \
		"$(jq '[.data.cpu.usage.total, .data.cpu.usage.user, .data.cpu.usage.kernel, .data.pids.current, .data.pids.limit]' \
			-c "$SCRATCH/stats")"
	[ ! -e /sys/fs/cgroup/memory ] || assert_equal "$(jq .memory.hierarchical_memory_limit "$SCRATCH/metrics")" 134217728
}

# used_since USAGE_NS: it has by now used memory, and processor time since then.
used_since() { [ "$(metric .toward_limit)" -gt 10000000 ] && [ "$(metric .usage)" -gt $(($1 + 300000000)) ]; }

@test "metrics: they follow what the container does" {
	local before

	create --memory 64M
	before=$(metric .usage)
	depotctl run -d --id p "$handle" sh -c 'head -c 20000000 /dev/zero >/tmp/x; x=$(head -c 10000000 /dev/zero | tr "\0" x); while :; do :; done'
	eventually -t 20 used_since "$before"
	assert [ "$(metric .user)" -gt 0 ]
	assert [ "$(metric .pids)" -ge 2 ]
	assert_equal "$(metric .pids_max)" 0
}

@test "metrics: the age is the time since creation" {
	local begun age

	begun=$(date +%s%N)
	create
	age=$(metric .age)
	between 1 "$age" $(($(date +%s%N) - begun))
	assert [ "$(metric .age)" -gt "$age" ]
}

@test "metrics: the entitlement is the age by shares by the share of the host" {
	local memory

	create --cpu-shares 128
	run -0 metric '(128 * 0.5 * .age - .entitlement) | fabs < 2' 50
	assert_output true
	memory=$(metrics capacity | jq '.memory / 1048576 | floor')
	run -0 metric "(128 * ($(nproc) * 100 / $memory / 100) * .age - .entitlement) | fabs < 2"
	assert_output true
	destroy_all
	create
	assert_equal "$(metric .entitlement)" 0
}

@test "metrics: there are none of what is unknown or dead" {
	run -4 metrics of nope
	assert_output 'unknown handle: nope'
	create
	kill -KILL "$(cat "$DEPOT/$handle/pidfile")"
	eventually gone "$(cat "$DEPOT/$handle/pidfile")"
	run -1 metrics of "$handle"
	assert_output --partial 'container is dead'
}

@test "metrics: cgroup version 1, controllers apart or together" {
	mkdir -p "$SCRATCH"/v1/{a,memory,cpu,pids}
	printf '%s\n' 'cache 1' 'active_anon 2' 'hierarchical_memory_limit 9223372036854771712' 'total_rss 4' 'swapcached 5' \
		'rss_huge 6' >"$SCRATCH/v1/memory/memory.stat"
	echo 93202780 >"$SCRATCH/v1/cpu/cpuacct.usage"
	printf '%s\n' 'user 6' 'system 2' >"$SCRATCH/v1/cpu/cpuacct.stat"
	printf '%s\n' 'nr_periods 0' >"$SCRATCH/v1/cpu/cpu.stat"
	echo 3 >"$SCRATCH/v1/pids/pids.current"
	echo max >"$SCRATCH/v1/pids/pids.max"
	run -0 metrics files "$SCRATCH"/v1/{a,cpu,pids,memory}
	assert_output 'active_anon 2
cache 1
hierarchical_memory_limit 9223372036854771712
total_rss 4
swapcached 5
cpu 93202780 60000000 20000000
pids 3 0'
}

@test "metrics: cgroup version 2, alone or beside version 1's controllers" {
	mkdir -p "$SCRATCH"/v2 "$SCRATCH/hybrid/cpu" "$SCRATCH/hybrid/unified"
	printf '%s\n' 'anon 1' 'file 2' 'swapcached 3' 'inactive_file 4' 'active_anon 0' 'pgfault 5' >"$SCRATCH/v2/memory.stat"
	printf '%s\n' 'usage_usec 12772' 'user_usec 6386' 'system_usec 6387' 'nice_usec 0' >"$SCRATCH/v2/cpu.stat"
	echo 1 >"$SCRATCH/v2/pids.current"
	echo 100 >"$SCRATCH/v2/pids.max"
	run -0 metrics files "$SCRATCH/v2"
	assert_output 'inactive_file 4
pgfault 5
anon 1
file 2
swapcached 3
cpu 12772000 6386000 6387000
pids 1 100'
	echo 'nr_periods 0' >"$SCRATCH/hybrid/cpu/cpu.stat"
	cp "$SCRATCH/v2/cpu.stat" "$SCRATCH/hybrid/unified"
	run -0 metrics files "$SCRATCH"/hybrid/{cpu,unified}
	assert_line 'cpu 12772000 6386000 6387000'
	assert_line 'memory: no such file or directory'
}

@test "limits: they are those that were asked for, and the kernel has them" {
	create --memory 128M --cpu-shares 77
	run -0 metrics limits "$handle"
	assert_output '77 134217728'
	assert_equal "$(control memory.limit_in_bytes)$(control memory.max)" 134217728
	[ ! -e /sys/fs/cgroup/cpu ] || assert_equal "$(control cpu.shares)" 77
	create
	run -0 metrics limits "$handle"
	assert_output '0 0'
	run -4 metrics limits nope
}

@test "limits: those of another tool's container are read from its bundle" {
	create --memory 128M --cpu-shares 77
	rm "$DEPOT/$handle/record.json"
	run -0 metrics limits "$handle"
	assert_output '77 134217728'
}

@test "limits: weights of version 2 go back to shares" {
	local weight

	assert_equal "$(for weight in 0 1 4 17 100 10000 20000; do metrics shares $weight; done | xargs)" '0 2 12 98 1017 262144 262144'
}

@test "capacity: the machine's memory or less, the depot's filesystem, and addresses or the limit" {
	local total

	total=$(($(awk '/^MemTotal/ { print $2 }' /proc/meminfo) * 1024))
	run -0 metrics capacity
	between 1 "$(jq .memory <<<"$output")" "$total"
	assert_equal "$(jq .disk <<<"$output")" $(($(stat -f -c '%b * %S' "$DEPOT")))
	assert_equal "$(jq -c '[.schedulable, .containers]' <<<"$output")" '[0,256]'
	run -0 metrics capacity 17
	assert_equal "$(jq -c .containers <<<"$output")" 17
	run -0 metrics capacity 1000
	assert_equal "$(jq -c .containers <<<"$output")" 256
}

@test "capacity: a limit of our own control group is all the memory there is" {
	local group=/sys/fs/cgroup/memory

	[ -d $group ] || skip "no version 1 memory controller"
	group=$group$(awk -F: '$2 == "memory" { print $3 }' /proc/self/cgroup)/$GDN_TEST_RUN
	mkdir "$group"
	echo 1073741824 >"$group/memory.limit_in_bytes"
	run -0 sh -c "echo \$\$ >$group/cgroup.procs; exec $UNITS/metrics capacity"
	assert_equal "$(jq .memory <<<"$output")" 1073741824
	eventually rmdir "$group"
}
