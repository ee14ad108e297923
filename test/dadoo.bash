# What the tests of dadoo share: containers made with nothing but the plain runtime, process directories, the part that a
# caller and its clients play, and looks at what dadoo does. Sourced after helpers.bash.
# shellcheck disable=SC2034 # the variables are for the tests
#
# A test has one process at a time; its directory is $P, and what belongs to it is beside it: $P.out and $P.err, what the
# clients have read; $P.log, $P.warnings, $P.status, $P.runtime-log and $P.ready, dadoo's descriptors 1 to 5.

MAPPED_ROOT=4294967294
wrapper=()

# dadoo_setup_file RUNTIME...: a container made with each, for all tests of a file. dadoo_teardown_file takes them down.
dadoo_setup_file() {
	local runtime

	depot_begin
	for runtime; do
		container_begin "$runtime" || return
	done
}

dadoo_teardown_file() {
	local pidfile

	for pidfile in "$SCRATCH"/*/pidfile; do
		[ ! -e "$pidfile" ] || container_end "$(basename "${pidfile%/*}")"
	done
	depot_end
}

# runtime NAME: the program to call for it.
runtime() {
	case $1 in
	crun) echo "$BATS_TEST_DIRNAME/fakes/crun" ;;
	*) echo "$1" ;;
	esac
}

# container_begin RUNTIME: a container with our init, called $(container RUNTIME).
container_begin() {
	local bundle=$SCRATCH/$1

	mkdir -m 755 "$bundle"
	runc spec --bundle "$bundle"
	jq --arg root "$ROOTFS" --arg init "$BIN/init" --arg cgroup "/$(container "$1")" '
		.process.args = ["/tmp/garden-init"] | .process.terminal = false | .root = { path: $root }
		| .linux.cgroupsPath = $cgroup | .mounts += [
			{ destination: "/tmp/garden-init", type: "bind", source: $init, options: ["bind", "ro"] }
		]' "$bundle/config.json" >"$bundle/new"
	mv "$bundle/new" "$bundle/config.json"
	"$(runtime "$1")" run --detach --bundle "$bundle" --pid-file "$bundle/pidfile" "$(container "$1")" \
		</dev/null >"$bundle/log" 2>&1 3>&- 4>&- || { cat "$bundle/log" && return 1; }
}

container_end() {
	"$(runtime "$1")" delete --force "$(container "$1")"
}

container() {
	echo "dadoo-test-$GDN_TEST_RUN-$1"
}

init_pid() {
	cat "$SCRATCH/$1/pidfile"
}

# new_process: a process directory as the contract has it.
new_process() {
	local name

	process_count=$((${process_count:-0} + 1))
	P=$SCRATCH/processes/$BATS_TEST_NUMBER-$process_count
	mkdir -p "${P%/*}"
	mkdir -m 700 "$P"
	for name in stdin stdout stderr winsz exit; do
		mkfifo -m 600 "$P/$name"
		chown $MAPPED_ROOT:$MAPPED_ROOT "$P/$name"
	done
}

# attach: a client, which reads both outputs to their end and holds stdin open as descriptor $input.
attach() {
	read_output
	exec {input}<>"$P/stdin"
}

read_output() {
	cat "$P/stdout" >>"$P.out" 3>&- 4>&- &
	readers=$!
	cat "$P/stderr" >>"$P.err" 3>&- 4>&- &
	readers+=" $!"
}

# hold_streams: a client that reads nothing; its ends are descriptors $input, $output and $errors.
hold_streams() {
	exec {input}<>"$P/stdin" {output}<>"$P/stdout" {errors}<>"$P/stderr"
	exec {output_end}<"$P/stdout" {errors_end}<"$P/stderr" {output}<&- {errors}<&-
	output=$output_end errors=$errors_end
}

drop_streams() {
	exec {input}<&- {output}<&- {errors}<&-
}

drop_input() {
	exec {input}<&-
}

# start_dadoo ARGS...: as a caller does it; its pid is in $dadoo. Variables spec, status, runtime_log and ready say otherwise
# for a descriptor: a file, or &NUMBER. The array wrapper is a command to run it with.
start_dadoo() {
	local redirections="<${spec:-/dev/null} 3>${status:-"$P.status"} 4>${runtime_log:-"$P.runtime-log"} 5>${ready:-"$P.ready"}"

	eval "exec_dadoo \"\$@\" $redirections" >"$P.log" 2>"$P.warnings" &
	dadoo=$!
	echo "$dadoo" >>"$SCRATCH/started"
}

exec_dadoo() {
	exec setsid "${wrapper[@]}" "$BIN/dadoo" "$@"
}

# exec_spec [--tty] [--user UID] COMMAND...: the spec of a process for the runtime, in the file $P.spec
exec_spec() {
	local terminal=false user=0

	[ "$1" != --tty ] || { terminal=true && shift; }
	[ "$1" != --user ] || { user=$2 && shift 2; }
	jq -nc --argjson terminal $terminal --argjson user "$user" '{
		terminal: $terminal, user: { uid: $user, gid: $user }, args: $ARGS.positional, cwd: "/",
		env: ["PATH=/bin", "TERM=dumb"], consoleSize: { height: 30, width: 100 }
	}' --args -- "$@" >"$P.spec"
}

# start_process [--with RUNTIME] [--tty] [--user UID] COMMAND...: starts it in the container and returns once it runs.
start_process() {
	local runtime=runc options=()

	[ "$1" != --with ] || { runtime=$2 && shift 2; }
	[ "$1" != --tty ] || options=(-tty)
	exec_spec "$@"
	spec=$P.spec start_dadoo -runc-root "" "${options[@]}" exec "$(runtime "$runtime")" "$P" "$(container "$runtime")"
	eventually test -s "$P.status"
	assert_equal "$(byte "$P.status")$(cat "$P.log" "$P.warnings")" 00
}

# run_process ...: the same with a client, until dadoo has ended; its exit status is in $exited.
run_process() {
	new_process
	attach
	start_process "$@"
	await_dadoo
	drop_input
}

await_dadoo() {
	eventually ended "$dadoo"
	exited=0
	wait "$dadoo" || exited=$?
}

# fake_runtime [PLAN]: what the fake does is read from standard input, or is PLAN.
fake_runtime() {
	export FAKE=$P.fake
	mkdir -p "$FAKE"
	if [ $# -gt 0 ]; then
		echo "$1" >"$FAKE/plan"
	else
		cat >"$FAKE/plan"
	fi
	fake=$BATS_TEST_DIRNAME/fakes/dadoo-runtime
}

# put NAME TEXT: writes a FIFO of the process, which must have a reader soon. The text is printf's.
put() {
	# shellcheck disable=SC2016  # for that shell to expand
	timeout 10 sh -c 'printf "$2" >"$1"' - "$P/$1" "$2"
}

# take FD [BYTES]: reads a descriptor of a FIFO to its end, or that many bytes.
take() {
	timeout 10 head -c "${2:-1G}" <&"$1"
}

# Looks.

# byte FILE: its bytes in hexadecimal.
byte() {
	od -An -v -tx1 "$1" | tr -d ' \n'
}

# ended PID: it does not run any more; a child of ours may still be a zombie.
ended() {
	! alive "$1"
}

# exit_held: somebody holds the FIFO `exit`.
exit_held() {
	! dd if="$P/exit" iflag=nonblock bs=1 count=1 status=none 2>/dev/null
}

exit_released() {
	! exit_held
}

# late_output NAME: what a client finds that comes when nobody writes any more.
late_output() {
	local both end

	exec {both}<>"$P/$1" {end}<"$P/$1" {both}>&-
	take "$end"
	exec {end}<&-
}

# flock_taken: a dadoo serves the process directory.
flock_taken() {
	! flock --exclusive --nonblock "$P" true
}

contains() {
	grep -qF -e "$2" "$1"
}

# pid_of_process: the number in its pid file.
pid_of_process() {
	cat "$P/pidfile"
}

# has_open PATH [PID]: dadoo, or PID, has a descriptor of that file.
has_open() {
	[ -n "$(find "/proc/${2:-$dadoo}/fd" -lname "$1" 2>/dev/null)" ]
}

# identity PID: its pid and start time.
identity() {
	echo "$1 $(sed 's/.*) //' "/proc/$1/stat" | cut -d' ' -f20)"
}

status_field() {
	sed -n "s/^$2:\t//p" "/proc/$1/status"
}

# end_processes: kills every dadoo, runtime, process and client of the test that is still there.
end_processes() {
	local pid

	while read -r pid; do
		kill -KILL -- "-$pid" 2>/dev/null || true
	done < <(cat "$SCRATCH/started" 2>/dev/null)
	rm -f "$SCRATCH/started"
	# What a fake runtime started has its variables, what is in a container has the container's namespace.
	for pid in $(grep -lsF "FAKE=$SCRATCH/" /proc/[0-9]*/environ | cut -d/ -f3) $(container_processes); do
		kill -KILL "$pid" 2>/dev/null || true
	done
	# shellcheck disable=SC2086  # the readers are words
	[ -z "${readers:-}" ] || kill $readers 2>/dev/null || true
	rm -rf "$SCRATCH/processes"
}

container_processes() {
	local file runtime init

	for file in "$SCRATCH"/*/pidfile; do
		[ -e "$file" ] || continue
		read -r init <"$file" || true
		find /proc/[0-9]*/ns/pid -lname "$(readlink "/proc/$init/ns/pid")" 2>/dev/null | cut -d/ -f3 | grep -vx "$init"
	done
}
