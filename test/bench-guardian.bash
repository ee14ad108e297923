# The part of bench.sh about the daemon: its memory, its start, and requests against the same by depotctl or the runtime alone.
# The client is test/tools/garden.c, started for each request as depotctl and the runtime are, so all pay for one program.

STARTS=11
ATTACHED=100
SOME=100 # containers in the depot for most of it
MANY=250
BATCHES=3 # of containers made or destroyed in parallel
BATCH=32
OUTPUT_ROUNDS=5

export GARDEN=$scratch/garden.sock
daemon=(guardian server --depot "$GDN_DEPOT" --state-dir "$scratch/state" --bind-socket "$GARDEN" --skip-setup
	--log-file "$scratch/guardian.log")
guardian_pid='' clients=()

start_guardian() {
	local deadline=$((SECONDS + 10))

	"${daemon[@]}" </dev/null >"$scratch/output" 2>&1 &
	guardian_pid=$!
	until garden call GET /ping >/dev/null 2>&1; do
		[ "$SECONDS" -lt "$deadline" ] || {
			cat "$scratch/output" >&2
			return 1
		}
		sleep 0.02
	done
}

# end PID...: also when some have ended by themselves.
end() {
	[ $# -gt 0 ] || return 0
	kill "$@" 2>/dev/null || true
	wait "$@" || true
}

stop_guardian() {
	# shellcheck disable=SC2086 # none is none
	end $guardian_pid
	guardian_pid=''
}

stop_clients() {
	end "${clients[@]}"
	clients=()
}

# spec HANDLE: the body of a request for a container.
spec() {
	printf '{"handle":"%s","rootfs":"raw://%s/rootfs"}' "$1" "$scratch"
}

# create_containers FIRST LAST, from here on with these numbers.
create_containers() {
	seq "$1" "$2" | xargs -P 4 -I@ garden call POST /containers "$(spec "$tag-some-@")" >/dev/null
}

measure_start() {
	line "start to first answer, $1 containers" "$(startup "$STARTS" "$GARDEN" "${daemon[@]}")" ms "$2"
}

# compare_added WHAT COMMAND... --against COMMAND...: what the first takes more than the second.
compare_added() {
	local what=$1 ours theirs added

	shift
	read -r ours theirs _ added < <(pairs "$ROUNDS" "$@")
	line "$what" "$added" 'ms' 1 "$ours ms, depotctl $theirs ms"
}

measure_guardian_memory() {
	line "memory of guardian, $1" "$(average_pss "$guardian_pid")" kB "$2"
}

# measure_rate WHAT COUNT PATH: so many requests one after the other on one connection.
measure_rate() {
	local began=$EPOCHREALTIME good ended

	good=$(printf 'GET %s HTTP/1.1\r\nHost: api\r\n\r\n' "$3" | garden ask "$2")
	ended=$EPOCHREALTIME
	[ "$good" -eq "$2" ]
	show "$1" "$(awk "BEGIN { printf \"%.0f\", $2 / ($ended - $began) }")" '/s' 'one after the other on one connection'
}

measure_rates() {
	measure_rate 'ping' 20000 /ping
	measure_rate "list of $SOME containers" 200 /containers
	measure_rate 'info' 5000 "/containers/$tag/info"
}

compare_with_depotctl() {
	compare_added "list of $SOME added by the API" garden call GET /containers --against depotctl list
	compare_added 'info added by the API' garden call GET "/containers/$tag/info" --against depotctl info "$tag"
	compare_added 'properties added by the API, against info' garden call GET "/containers/$tag/properties" --against \
		depotctl info "$tag"
	compare_added 'create added by the API' garden call POST /containers "$(spec "$tag-ours-%d")" --against \
		depotctl create --handle "$tag-direct-%d" --rootfs "$scratch/rootfs"
	compare_added 'destroy added by the API' garden call DELETE "/containers/$tag-ours-%d" --against \
		depotctl destroy "$tag-direct-%d"
	compare_added 'run true added by the API' garden run "$tag" '{"path":"true"}' --against depotctl run "$tag" true
}

compare_with_runtime() {
	make_process '["true"]' >"$scratch/true.json"
	compare 'run true, attached over the API' 1.15 "$((ROUNDS * 2))" garden run "$tag" '{"path":"true"}' --against \
		runc exec -p "$scratch/true.json" "$tag"
}

# Output that nobody loses a byte of: both sides count.
compare_attached_output() {
	local blocks=$((GIGABYTE / 65536)) process

	make_process '["dd", "if=/dev/zero", "bs=65536", "count='$blocks'"]' >"$scratch/dd.json"
	process='{"path":"dd","args":["if=/dev/zero","bs=65536","count='$blocks'"]}'
	compare 'a gigabyte of output over the API, complete' 1.25 "$OUTPUT_ROUNDS" \
		sh -c "[ \$(garden run $tag '$process' --count-stdout 2>/dev/null) = $GIGABYTE ]" --against \
		sh -c "runc exec -p $scratch/dd.json $tag 2>/dev/null | cat >/dev/null"
}

# Clients that follow a process each, on its three connections.
attach_clients() {
	local i deadline=$((SECONDS + 60))

	mkdir "$scratch/clients"
	for ((i = 1; i <= ATTACHED; i++)); do
		garden run "$tag" '{"path":"sh","args":["-c","echo up; exec sleep 10000"]}' --deadline 600 >"$scratch/clients/$i" &
		clients+=("$!")
	done
	until [ "$(cat "$scratch"/clients/* | wc -l)" -eq "$ATTACHED" ]; do
		[ "$SECONDS" -lt "$deadline" ] || return 1
		sleep 0.1
	done
}

# compare_parallel AT_ONCE WHAT OURS... --against THEIRS...: commands for a batch, in which @ stands for a number.
compare_parallel() {
	local at_once=$1 what=$2 ours=() theirs ratio in_parallel

	in_parallel=(sh -c "seq $BATCH | xargs -P $at_once -I@ \"\$@\"" -)
	shift 2
	while [ "$1" != --against ]; do
		ours+=("$1")
		shift
	done
	shift
	read -r ours theirs ratio _ < <(pairs "$BATCHES" "${in_parallel[@]}" "${ours[@]}" --against "${in_parallel[@]}" "$@")
	show "$what, $at_once at once" "$ratio" ratio \
		"$(awk "BEGIN { printf \"%.1f per second, theirs %.1f\", $BATCH * 1e3 / $ours, $BATCH * 1e3 / $theirs }")"
}

# The runtime sleeps for a tenth of a second while it destroys, which many can do at once.
compare_crowds() {
	local at_once

	for at_once in 1 2 8 32; do
		compare_parallel "$at_once" 'create over the API' garden call POST /containers "$(spec "$tag-crowd-%d-@")" \
			--against runc run -d --bundle "$scratch/bundles/%d-@" "$tag-theirs-%d-@"
		compare_parallel "$at_once" 'destroy over the API' garden call DELETE "/containers/$tag-crowd-%d-@" \
			--against runc delete -f "$tag-theirs-%d-@"
	done
}

measure_guardian() {
	local batch

	measure_start 0 10
	start_guardian
	measure_guardian_memory 'idle' 1000
	create_containers 2 "$SOME"
	garden call POST /containers "$(spec "$tag")" >/dev/null
	measure_guardian_memory "$SOME containers" 1500
	measure_rates
	compare_with_depotctl
	compare_with_runtime
	compare_attached_output
	attach_clients
	measure_guardian_memory "$ATTACHED attached" 3000
	stop_clients

	create_containers "$((SOME + 1))" "$MANY"
	stop_guardian
	measure_start "$MANY" 20
	start_guardian
	depotctl list -q | grep "^$tag-some-" | xargs -P 4 depotctl destroy

	for ((batch = 1; batch <= BATCHES; batch++)); do
		# shellcheck disable=SC2046 # a name is a word
		make_bundles $(seq -f "$batch-%.0f" "$BATCH")
	done
	compare_crowds
	depotctl destroy "$tag"
	stop_guardian
}
