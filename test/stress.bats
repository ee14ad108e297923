#!/usr/bin/env bats
# Much at once, and a lot of bytes.

load helpers

MiB=1048576

setup_file() {
	depot_begin
	# A quarter of a gigabyte that does not repeat; everything below is made of it.
	NOISE=$SCRATCH/noise
	export NOISE
	mkdir "$NOISE"
	mount -t tmpfs -o mode=755 noise "$NOISE"
	head -c $((256 * MiB)) /dev/urandom >"$NOISE/bytes"
	GIGABYTE_SUM=$(gigabyte | md5sum | cut -d' ' -f1)
	export GIGABYTE_SUM
}

teardown_file() {
	umount "$NOISE"
	depot_end
}

teardown() {
	destroy_all
}

gigabyte() {
	cat "$NOISE"/bytes{,,,}
}

# in_parallel COUNT FUNCTION: FUNCTION 1, FUNCTION 2 ... at the same time; fails if one of them did.
in_parallel() {
	local i pids=() status=0

	for ((i = 1; i <= $1; i++)); do
		"$2" "$i" 3>&- 4>&- &
		pids+=($!)
	done
	for i in "${pids[@]}"; do
		wait "$i" || status=1
	done
	return $status
}

one_run() {
	local out err status=0

	out=$(depotctl run --id "p$1" "$handle" sh -c "echo out $1; echo err $1 >&2; exit $1" 2>"$SCRATCH/err.$1") || status=$?
	err=$(cat "$SCRATCH/err.$1")
	[ "$out/$err/$status" = "out $1/err $1/$1" ] || {
		echo "run $1: out '$out', err '$err', status $status" >&2
		return 1
	}
}

@test "stress: 64 processes at once in one container each keep their own output and status" {
	create
	in_parallel 64 one_run
	run depotctl ps "$handle"
	assert_success
}

one_life() {
	local handle=$GDN_TEST_RUN-life-$1

	depotctl create --handle "$handle" --rootfs "$ROOTFS" >/dev/null &&
		[ "$(depotctl run "$handle" echo "in $1")" = "in $1" ] &&
		depotctl destroy "$handle"
}

@test "stress: 16 containers made, used and destroyed at the same time do not disturb each other" {
	in_parallel 16 one_life
	assert_equal "$(depotctl list -q)" ""
}

@test "stress: 16 runs of one id: one gets it, the others hear that it is taken" {
	local i won=0 statuses=()

	create
	for ((i = 0; i < 16; i++)); do
		depotctl run --id one "$handle" sleep 1 2>"$SCRATCH/err.$i" 3>&- 4>&- &
		statuses+=($!)
	done
	for ((i = 0; i < 16; i++)); do
		if wait "${statuses[i]}"; then
			won=$((won + 1))
		else
			grep -q "process ID 'one' already in use" "$SCRATCH/err.$i" || fail "$(cat "$SCRATCH/err.$i")"
		fi
	done
	assert_equal "$won" 1
}

@test "stress: a gigabyte of output arrives whole" {
	create --bind-mount "$NOISE:/noise"
	sum=$(depotctl run "$handle" cat /noise/bytes /noise/bytes /noise/bytes /noise/bytes | md5sum | cut -d' ' -f1)
	assert_equal "$sum" "$GIGABYTE_SUM"
}

@test "stress: a gigabyte of input arrives whole" {
	create
	sum=$(gigabyte | depotctl run -i "$handle" md5sum | cut -d' ' -f1)
	assert_equal "$sum" "$GIGABYTE_SUM"
}

@test "stress: a gigabyte goes through a process, in and out at once" {
	create
	sum=$(gigabyte | depotctl run -i "$handle" cat | md5sum | cut -d' ' -f1)
	assert_equal "$sum" "$GIGABYTE_SUM"
}

@test "stress: output and errors at once, a quarter of a gigabyte each, do not mix" {
	create --bind-mount "$NOISE:/noise"
	depotctl run "$handle" sh -c 'cat /noise/bytes & cat /noise/bytes >&2; wait' 2> >(md5sum >"$SCRATCH/err.sum") |
		md5sum >"$SCRATCH/out.sum"
	eventually test -s "$SCRATCH/err.sum"
	sum=$(md5sum <"$NOISE/bytes")
	assert_equal "$(cat "$SCRATCH/out.sum")" "$sum"
	assert_equal "$(cat "$SCRATCH/err.sum")" "$sum"
}

@test "stress: every byte value passes unchanged" {
	create
	for ((i = 0; i < 256; i++)); do
		# shellcheck disable=SC2059 # the format is the byte
		printf "\\x$(printf %02x "$i")"
	done >"$SCRATCH/all-bytes"
	depotctl run -i "$handle" cat <"$SCRATCH/all-bytes" | cmp - "$SCRATCH/all-bytes"
}

@test "stress: a process that ends without reading its input ends the run, whatever is still coming" {
	create
	run timeout 10 bash -c "yes | '$BIN/depotctl' --depot '$DEPOT' run -i $handle sh -c 'head -c 4; exit 3'"
	assert_failure 3
	assert_output $'y\ny'
}

@test "stress: a process that closes its input early goes on" {
	create
	run timeout 10 bash -c \
		"yes | '$BIN/depotctl' --depot '$DEPOT' run -i $handle sh -c 'head -c 2; exec <&-; sleep 0.3; echo done; exit 4'"
	assert_failure 4
	assert_output $'y\ndone'
}

@test "stress: no input at all is an end of input" {
	create
	run depotctl run -i "$handle" cat </dev/null
	assert_success
	assert_output ""
}

@test "stress: what a process wrote after its reader was killed waits for the next one" {
	create
	mkfifo "$SCRATCH/shown"
	depotctl run --id p "$handle" sh -c 'echo one; while [ ! -e /tmp/go ]; do sleep 0.05; done; seq 1000; exit 6' \
		>"$SCRATCH/shown" &
	reader=$!
	read -r line <"$SCRATCH/shown"
	assert_equal "$line" one
	pkill -KILL -P $reader depotctl || kill -KILL $reader
	wait $reader || true
	depotctl run "$handle" touch /tmp/go
	eventually test -e "$(process_dir p)/exitcode"
	run depotctl attach "$handle" p
	assert_failure 6
	assert_output "$(seq 1000)"
}

@test "stress: a process whose output nobody reads waits; nothing between the readers is lost" {
	local first last

	create
	# More than pipes hold, so that it is sure to be in the middle of it when its reader goes.
	depotctl run --id p "$handle" sh -c 'seq 500000; exit 6' | head -n 1000 >"$SCRATCH/head" || true
	eventually process_is p running
	depotctl attach "$handle" p >"$SCRATCH/tail" || status=$?
	assert_equal "$status" 6
	assert_equal "$(tail -n 1 "$SCRATCH/tail")" 500000
	# The first line may be the rest of one; from the second on they follow each other.
	first=$(sed -n 2p "$SCRATCH/tail")
	last=$(wc -l <"$SCRATCH/tail")
	[ "$first" -gt 1000 ]
	tail -n +2 "$SCRATCH/tail" | cmp - <(seq "$first" 500000)
	[ "$last" -gt 2 ]
}
