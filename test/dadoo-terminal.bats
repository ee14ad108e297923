#!/usr/bin/env bats
# dadoo, when its process has a terminal: the console's handover, the bytes both ways, window sizes, and the end.

# shellcheck disable=SC2154,SC2034 # variables are shared with dadoo.bash

load helpers
load dadoo

setup_file() { dadoo_setup_file runc crun; }
teardown_file() { dadoo_teardown_file; }
teardown() { end_processes; }

@test "dadoo: a terminal's output is stdout, with carriage returns; stderr stays silent" {
	local runtime

	for runtime in runc crun; do
		run_process --with $runtime --tty sh -c 'echo out; echo err >&2; exit 12'
		assert_equal "$runtime $exited $(cat "$P/exitcode")" "$runtime 12 12"
		assert_equal "$(od -An -c "$P.out" | xargs)" "$(printf 'out\r\nerr\r\n' | od -An -c | xargs)"
		[ ! -s "$P.err" ]
	done
}

@test "dadoo: a terminal's input comes from whichever client, and a client's end is not its end" {
	new_process
	attach
	start_process --tty sh -c 'stty -echo; echo ready; read a; read b; echo "$a-$b"; exit 1'
	eventually contains "$P.out" ready
	echo one >&"$input"
	drop_input
	sleep 0.1
	put stdin 'two\n'
	await_dadoo
	assert_equal "$(tail -n 1 "$P.out")" $'one-two\r'
}

@test "dadoo: a terminal has the size of the spec until it is told another" {
	run_process --tty stty size
	assert_equal "$(cat "$P.out")" $'30 100\r'
}

# resized_to ROWS COLUMNS: the terminal of the process has that size, seen from the kernel's side.
resized_to() {
	assert_equal "$(nsenter -t "$(pid_of_process)" -m -p stty -F "/proc/$(pid_of_process)/fd/0" size 2>/dev/null ||
		stty -F "/proc/$(pid_of_process)/fd/0" size)" "$1 $2"
}

start_terminal() {
	new_process
	attach
	start_process --tty sleep 1000
	eventually has_open /dev/pts/ptmx
}

@test "dadoo: window sizes are applied, with the defaults for what is missing" {
	start_terminal
	put winsz '{"columns":60,"rows":53}\n'
	eventually resized_to 53 60
	put winsz '{"rows":10}\n'
	eventually resized_to 10 80
	put winsz '{"columns":0,"rows":0}\n'
	eventually resized_to 24 80
	put winsz '{"columns":1,"rows":1}\n'
	eventually resized_to 1 1
	put winsz '{}'
	eventually resized_to 24 80
	put winsz '{"COLUMNS":7,"Rows":8,"unknown":{"columns":[1,"}\"",{}],"rows":null},"columns":9}\n'
	eventually resized_to 8 9
	put winsz 'null\n'
	eventually resized_to 24 80
	put winsz '{"columns":65535,"rows":65535}'
	eventually resized_to 65535 65535
	assert_equal "$(cat "$P.log")" ""
}

@test "dadoo: window sizes may arrive split or joined, and the newest counts" {
	start_terminal
	exec {winsz}<>"$P/winsz"
	printf '{"colu' >&"$winsz"
	sleep 0.05
	printf 'mns":61,"rows":' >&"$winsz"
	sleep 0.05
	printf '6' >&"$winsz"
	sleep 0.05
	printf '2}\n' >&"$winsz"
	eventually resized_to 62 61
	exec {winsz}>&-
	put winsz '{"columns":1,"rows":1}\n{"columns":2,"rows":2}{"columns":3,"rows":3}' # in one write
	eventually resized_to 3 3
	assert_equal "$(cat "$P.log")" ""
}

@test "dadoo: what is no window size is reported, and sense begins again at the next line" {
	start_terminal
	put winsz 'garbage {"columns":5}\n{"columns":6,"rows":6}\n'
	eventually resized_to 6 6
	assert_equal "$(cat "$P.log")" "invalid winsz event: invalid character 'g'"
	: >"$P.log"
	put winsz '{"columns":70000,"rows":1}{"columns":7,"rows":7}\n'
	eventually resized_to 7 7
	assert_equal "$(tr -d '\0' <"$P.log")" "invalid winsz event: json: cannot unmarshal number 70000 into Go struct field \
WindowSize.columns of type uint16"
	: >"$P.log"
	put winsz '{"colu\n{"columns":8,"rows":8}\n'
	eventually resized_to 8 8
	put winsz "{$(head -c 3000 /dev/zero | tr '\0' ' ')\n{\"columns\":9,\"rows\":9}\n"
	eventually resized_to 9 9
	head -c 5000 /dev/urandom | tr '\n' x >"$P.random"
	timeout 10 cp "$P.random" "$P/winsz"
	put winsz '\n{"columns":10,"rows":10}\n'
	eventually resized_to 10 10
	alive "$dadoo"
}

@test "dadoo: the console socket is in a directory for root alone, and gone when the process runs" {
	new_process
	attach
	mkdir "$P.tmp"
	# shellcheck disable=SC2016 # for the fake to expand
	fake_runtime 'stat -c %a "$(dirname "$console_socket")" >"$FAKE/mode"; console master sleep 1000'
	start_dadoo -tty -socket-dir-path "$P.tmp" exec "$fake" "$P" box
	eventually test -s "$P.status"
	assert_equal "$(byte "$P.status") $(cat "$FAKE/mode") $(ls "$P.tmp")" "00 700 "
}

@test "dadoo: a directory for the console socket that is too long or not there is refused" {
	local long

	long=/$(head -c 80 /dev/zero | tr '\0' x)
	new_process
	attach
	start_dadoo -tty -socket-dir-path "$long" exec runc "$P" box
	await_dadoo
	drop_input
	assert_equal "$exited $(byte "$P.ready") $(cat "$P.log")" \
		"2 00 value for --socket-dir-path cannot exceed 80 characters in length"
	new_process
	attach
	start_dadoo -tty -socket-dir-path /nonsense exec runc "$P" box
	await_dadoo
	assert_equal "$exited $(byte "$P.ready") $(cat "$P.log")" "2 00 stat /nonsense: no such file or directory"
}

@test "dadoo: a console directory of 80 characters works" {
	local parent=$SCRATCH/

	parent+=$(head -c $((80 - ${#parent})) /dev/zero | tr '\0' x)
	mkdir "$parent"
	new_process
	attach
	exec_spec --tty sh -c 'echo fits'
	spec=$P.spec start_dadoo -runc-root "" -tty -socket-dir-path "$parent" exec runc "$P" "$(container runc)"
	await_dadoo
	assert_equal "$exited$(cat "$P.log") $(cat "$P.out") $(ls "$parent")" $'0 fits\r '
	rmdir "$parent"
}

@test "dadoo: a handover that is none ends the process, leaves the reason and no exit code" {
	local mode reason

	while read -r mode reason; do
		new_process
		attach
		mkdir "$P.tmp"
		fake_runtime "console $mode sh -c 'trap \"\" HUP; while :; do sleep 0.1; done'"
		start_dadoo -tty -socket-dir-path "$P.tmp" exec "$fake" "$P" box
		await_dadoo
		drop_input
		assert_equal "$mode: $exited $(cat "$P.log")" "$mode: 2 $reason"
		eventually ended "$(pid_of_process)"
		assert_equal "$(byte "$P.status")$(ls "$P.tmp")" ""
		[ ! -e "$P/exitcode" ]
	done <<-'END'
		nothing recvfile: incorrect number of bytes read (n=13 oobn=0)
		two recvfile: incorrect number of bytes read (n=8 oobn=24)
		long recvfile: incorrect number of bytes read (n=4096 oobn=24)
		close recvfile: incorrect number of bytes read (n=0 oobn=0)
		pipe console: inappropriate ioctl for device
	END
}

@test "dadoo: a runtime that succeeds without sending a console is a handover that is none" {
	new_process
	attach
	mkdir "$P.tmp"
	fake_runtime 'start sleep 1000'
	start_dadoo -tty -socket-dir-path "$P.tmp" exec "$fake" "$P" box
	await_dadoo
	assert_equal "$exited $(cat "$P.log")" "2 recvfile: the runtime has ended without sending the console"
	eventually ended "$(pid_of_process)"
	assert_equal "$(ls "$P.tmp")" ""
}

@test "dadoo: a runtime that fails before it sends a console leaves no socket behind" {
	new_process
	attach
	mkdir "$P.tmp"
	start_dadoo -tty -socket-dir-path "$P.tmp" exec runc "$P" nonsense
	await_dadoo
	assert_equal "$exited $(byte "$P.status") $(cat "$P.log")$(ls "$P.tmp")" "3 ff "
}

@test "dadoo: a terminal's exit code does not wait for a reader, exit only for a moment, and its output is kept" {
	new_process
	hold_streams
	start_process --tty seq 100000
	# What does not fit the FIFO makes the process wait.
	eventually grep -q wait_woken "/proc/$(pid_of_process)/wchan"
	kill -KILL "$(pid_of_process)"
	eventually test -e "$P/exitcode"
	assert_equal "$(cat "$P/exitcode")" 137
	eventually exit_released
	alive "$dadoo"
	take "$output" >"$P.out"
	await_dadoo
	drop_streams
	# No line is missing and none is torn but the last, and it is more than the FIFO holds.
	seq 100000 | sed 's/$/\r/' | head -c "$(stat -c %s "$P.out")" | cmp - "$P.out"
	[ "$(stat -c %s "$P.out")" -gt 65536 ]
}

@test "dadoo: a terminal's last output comes whole to a reader that comes late, and then ends" {
	new_process
	hold_streams
	start_process --tty sh -c 'seq 3000; exit 5'
	drop_streams
	eventually test -e "$P/exitcode"
	alive "$dadoo"
	assert_equal "$(late_output stdout | tr -d '\r')" "$(seq 3000)"
	await_dadoo
	assert_equal "$exited" 5
}

@test "dadoo: a terminal that everybody has closed does not keep dadoo busy, and may be opened again" {
	new_process
	attach
	start_process --tty sh -c 'exec </dev/null >/dev/null 2>&1; sleep 0.5; echo again >/dev/tty
		until [ -e /tmp/go ]; do sleep 0.1; done; exit 3'
	eventually contains "$P.out" again
	# Clock ticks in user and in system mode.
	[ "$(sed 's/.*) //' "/proc/$dadoo/stat" | awk '{ print $12 + $13 }')" -lt 20 ]
	touch "$ROOTFS/tmp/go"
	await_dadoo
	rm "$ROOTFS/tmp/go"
	assert_equal "$exited" 3
}

@test "dadoo: a terminal that others keep open does not keep exit, nor dadoo, for long" {
	new_process
	attach
	# shellcheck disable=SC2016 # for the fake to expand
	fake_runtime '"$TOOLS/console" "$console_socket" master sh -c "echo other; sleep 1000" >/dev/null; start sh -c "exit 4"'
	start_dadoo -tty exec "$fake" "$P" box
	await_dadoo
	exit_released
	assert_equal "$exited $(cat "$P/exitcode" "$P.out")" $'4 4other\r'
}

@test "dadoo: a process that does not read its terminal's input does not keep dadoo from anything" {
	new_process
	hold_streams
	start_process --tty sh -c 'stty raw -echo; echo ready; sleep 1000'
	assert_equal "$(take "$output" 6)" ready
	timeout 1 cat /dev/zero >&"$input" || true # fills terminal and FIFO
	kill -KILL "$(pid_of_process)"
	eventually test -e "$P/exitcode"
	drop_streams
	await_dadoo
	assert_equal "$exited" 137
}

@test "dadoo: waits with little memory, with a terminal too" {
	local options

	[[ $BIN != *sanitize* ]] || skip "the sanitizers take more"
	for options in "" --tty; do
		new_process
		attach
		# shellcheck disable=SC2086 # a word or none
		start_process $options sleep 1000
		eventually test "$(status_field "$dadoo" Seccomp)" = 2
		[ "$(awk '/^Private_Dirty/ { print $2 }' "/proc/$dadoo/smaps_rollup")" -le 32 ]
		drop_input
	done
}
